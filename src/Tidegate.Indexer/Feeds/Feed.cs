using System.Buffers;
using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Feeds;

/// <summary>
/// Learns what happens to one topic of the Indexer, from its stream, from polls and from backfills, and tells its outputs each change once.
/// </summary>
/// <remarks>
/// Frames come on a socket's reader thread, answers on others; all state is kept under <see cref="Gate"/>, held shortly and never across an await.
/// </remarks>
public abstract partial class Feed : ISubscriber, IDisposable
{
    private readonly CancellationTokenSource stopping;
    private int disposed;
    private IDisposable? subscription;

    private protected Feed(TopicKey key, FeedContext context)
    {
        Key = key;
        Context = context;
        Contents = new FeedOutput(this, OutputKind.Contents, key.Channel.WireName(), key.Id, WriteContents);
        stopping = CancellationTokenSource.CreateLinkedTokenSource(context.Stopping);
        Stopping = stopping.Token;
        var now = context.Time.GetUtcNow();
        link = new LinkStatus(LinkState.Waiting, now);
        Status = new FeedStatus(FeedMode.Reconnecting, now);
    }

    /// <summary>The upstream topic.</summary>
    public TopicKey Key { get; }

    /// <summary>What it tells, in the order in which one frame's changes are told.</summary>
    public abstract IReadOnlyList<FeedOutput> Outputs { get; }

    /// <summary>All of it in the Indexer's own shape; costs nothing while nobody hears it.</summary>
    public FeedOutput Contents { get; }

    /// <summary>Where it stands.</summary>
    public FeedStatus Status { get; private set; }

    /// <summary>The lock of all its state.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The last change told.</summary>
    public DateTimeOffset? LastChangeAt { get; internal set; }

    /// <summary>Poll rounds finished.</summary>
    public long PollCount { get; private set; }

    /// <summary>Losses recovered since it is followed.</summary>
    public long ReconnectCount { get; private set; }

    /// <summary>Holes that were closed.</summary>
    public long GapsRepaired { get; private protected set; }

    /// <summary>Events that came by backfill.</summary>
    public long EventsBackfilled { get; private protected set; }

    /// <summary>Frames of this topic that could not be used.</summary>
    public long BadFrames { get; private set; }

    /// <summary>Age of the newest block when it arrived, by the Indexer's clock, in milliseconds; null while unknown.</summary>
    public double? LagMs => Context.Chain.LagMs;

    /// <summary>When its state was last compared with REST.</summary>
    public DateTimeOffset? CheckedAt { get; private protected set; }

    /// <summary>How the last comparison with REST ended; null before the first.</summary>
    public CheckResult? LastCheck { get; private set; }

    /// <summary>The time between the last two comparisons that REST answered; null before the second.</summary>
    public TimeSpan? CheckInterval { get; private set; }

    /// <summary>Differences that a comparison found.</summary>
    public long Repairs { get; private protected set; }

    private protected FeedContext Context { get; }

    private protected CancellationToken Stopping { get; }

    /// <summary>The body under construction; used under <see cref="Gate"/>.</summary>
    private protected ArrayBufferWriter<byte> Body { get; } = new(512);

    /// <summary>Subscribes; once.</summary>
    public void Start() => subscription ??= Context.Pool.Follow(Key, this);

    void ISubscriber.OnSubscribed(in FrameEnvelope frame, DateTimeOffset at)
    {
        lock (Gate)
        {
            if (link.State == LinkState.Waiting)
            {
                // Nothing was told yet: the first state comes from a feed that streams.
                link = new LinkStatus(LinkState.Live, at);
                Restate();
            }

            if (!TakeSnapshot(frame.Contents, at))
            {
                CountBad();
            }
        }
    }

    void ISubscriber.OnData(in FrameEnvelope frame, DateTimeOffset at)
    {
        lock (Gate)
        {
            TakeFrame(frame.Type, frame.Contents, frame.SubaccountNumber, at);
        }

        AfterFrame();
    }

    void ISubscriber.OnSwitched(IReadOnlyList<KeptFrame> frames, bool lost)
    {
        lock (Gate)
        {
            ReconnectCount += lost ? 1 : 0;
            TakeKept(frames);
        }

        AfterFrame();
    }

    /// <summary>Whether the poller has to ask for it.</summary>
    internal bool WantsPoll => link.State == LinkState.Exhausted;

    /// <summary>One round's requests, and what they bring. Failures are contained: the topic is then incomplete.</summary>
    internal async Task PollOnceAsync(DateTimeOffset nextRound, CancellationToken cancellationToken)
    {
        var good = await ContainAsync(PollAsync, cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            if (good)
            {
                PollCount++;
                polledSinceLoss = true;
                LostAt = LostAt is null ? null : Context.Time.GetUtcNow();
            }

            complete = good;
            nextPollAt = nextRound;
            Restate();
        }

        Context.RaiseDrained();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // At the end of the process the one who left it and the end of all may meet.
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        subscription?.Dispose();
        OnStop();
        stopping.Cancel();
        stopping.Dispose();
        GC.SuppressFinalize(this);
    }

    internal virtual bool Restore(FeedOutput output, FeedPast past) => false;

    internal virtual void OnAttached(FeedOutput output)
    {
    }

    /// <summary>Tells a change of an output once more in the Indexer's own shape; most need no other. Under the gate, and only while somebody hears it.</summary>
    internal virtual void TellContents(FeedOutput of, ChangeSource source, DateTimeOffset at, ReadOnlySpan<byte> body, Books.BookChange? book) =>
        Contents.Tell(source, at, body, book);

    internal void CompleteContents()
    {
        if (IsWhole)
        {
            Contents.Complete();
        }
    }

    /// <summary>Whether a snapshot in the Indexer's own shape can be written.</summary>
    private protected virtual bool IsWhole => Outputs[0].HasState;

    /// <summary>Writes the <c>contents</c> of a <c>subscribed</c> frame.</summary>
    private protected abstract void WriteContents(IBufferWriter<byte> to);

    /// <summary>Takes a whole state from the stream. Under the gate; false when it does not parse.</summary>
    private protected abstract bool TakeSnapshot(ReadOnlySpan<byte> contents, DateTimeOffset at);

    /// <summary>Takes one update. Under the gate; false when it does not parse.</summary>
    private protected abstract bool TakeUpdate(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at);

    /// <summary>Takes what the standby socket had brought when it took over: what was not delivered yet, in order. Under the gate.</summary>
    private protected virtual void TakeKept(IReadOnlyList<KeptFrame> frames)
    {
        foreach (var frame in frames)
        {
            TakeFrame(frame.Type, frame.Contents.Span, frame.SubaccountNumber, frame.At);
        }
    }

    /// <summary>Asks REST once, and tells what is new.</summary>
    private protected abstract Task PollAsync(CancellationToken cancellationToken);

    /// <summary>On the reader thread, outside the gate, after a frame.</summary>
    private protected virtual void AfterFrame()
    {
    }

    private protected virtual void OnStop()
    {
    }

    /// <summary>Runs a piece of REST work; false, logged, when it failed. A 403 blocks this topic, or all of them on a market path.</summary>
    private protected async Task<bool> ContainAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (IndexerBlockedException blocked)
        {
            Log.Blocked(Context.Logger, Key, blocked.Reason);
            var account = Key.Channel is Channel.Subaccounts or Channel.ParentSubaccounts;
            Context.Pool.Block(account ? Key : null, blocked.Reason);
            return false;
        }
        catch (IndexerRestException trouble)
        {
            Log.RestFailed(Context.Logger, Key, trouble.Message);
            return false;
        }
        catch (System.Text.Json.JsonException trouble)
        {
            Log.RestFailed(Context.Logger, Key, trouble.Message);
            return false;
        }
    }

    private protected void TakeFrame(FrameType type, ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at)
    {
        if (!(type == FrameType.ChannelBatchData ? TakeBatch(contents, subaccountNumber, at) : TakeUpdate(contents, subaccountNumber, at)))
        {
            CountBad();
        }
    }

    private bool TakeBatch(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at)
    {
        var reader = new System.Text.Json.Utf8JsonReader(contents);
        if (!reader.Read() || reader.TokenType != System.Text.Json.JsonTokenType.StartArray)
        {
            return false;
        }

        var used = true;
        while (reader.Read() && reader.TokenType != System.Text.Json.JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            used &= TakeUpdate(contents[start..(int)reader.BytesConsumed], subaccountNumber, at);
        }

        return used;
    }

    private void CountBad()
    {
        BadFrames++;
        Log.BadFrame(Context.Logger, Key, BadFrames);
    }

    private static partial class Log
    {
        [LoggerMessage(1301, LogLevel.Information, "{Topic}: {Mode} ({Reason}, attempt {Attempt}, complete {Complete})")]
        public static partial void Entered(ILogger logger, TopicKey topic, FeedMode mode, string reason, int attempt, bool complete);

        [LoggerMessage(1302, LogLevel.Debug, "{Topic}: a frame that does not parse was dropped ({Count} so far)")]
        public static partial void BadFrame(ILogger logger, TopicKey topic, long count);

        [LoggerMessage(1303, LogLevel.Warning, "{Topic}: REST failed: {Reason}")]
        public static partial void RestFailed(ILogger logger, TopicKey topic, string reason);

        [LoggerMessage(1304, LogLevel.Error, "{Topic}: refused by the Indexer ({Reason}); left alone until asked")]
        public static partial void Blocked(ILogger logger, TopicKey topic, string reason);
    }
}
