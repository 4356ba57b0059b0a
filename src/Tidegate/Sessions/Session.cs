using System.Net.WebSockets;
using Tidegate.Access;
using Tidegate.Indexer.Feeds;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>One client: what it follows, how far it has read, and its one writer. What it says and is told is its protocol's.</summary>
/// <remarks>
/// Its client's frames are handled one after the other; topics mark its readers due from any thread. A failure of one session touches no other.
/// </remarks>
internal abstract partial class Session : IReaderOwner, IOutboxOwner, IArrival<Session>
{
    private static readonly TimeSpan CloseAnswerWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FlushWait = TimeSpan.FromMilliseconds(300);
    private protected readonly Dictionary<(string Channel, string Id), Reader> readers = [];
    private protected readonly Lock gate = new();
    private protected readonly SessionHub hub;
    private protected readonly Outbox outbox;
    private protected readonly TimeProvider time;
    private const int MostFrames = 1000;
    private readonly WindowCount allFrames;
    private readonly ILogger logger;
    private readonly CancellationTokenSource aborted = new();
    private WebSocket? socket;
    private protected SessionIdentity identity;
    private int scheduled;
    private int closing;

    private protected Session(SessionHub hub, SessionIdentity identity, string remote, TimeProvider time, ILogger logger)
    {
        (this.hub, this.identity, Remote, this.time, this.logger) = (hub, identity, remote, time, logger);
        outbox = new Outbox(this);
        allFrames = new WindowCount(TimeSpan.FromSeconds(10), time);
    }

    /// <summary>The connection's id as told to the client.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("D");

    /// <summary>The client's IP address, for the limits.</summary>
    public string Remote { get; }

    /// <summary>The next session that has something due, in the hub's list.</summary>
    public Session? Next { get; set; }

    /// <summary>Who it speaks for.</summary>
    public SessionIdentity Identity => Volatile.Read(ref identity);

    /// <summary>What the framework's WebSocket writes of its own.</summary>
    public void WriteControl(ReadOnlyMemory<byte> bytes)
    {
        outbox.Add(bytes.ToArray());
        outbox.Signal();
    }

    /// <summary>The handshake is over: from here on it can be closed.</summary>
    private protected void Accept(WebSocket accepted) => socket = accepted;

    /// <summary>Serves the client until it is gone.</summary>
    public async Task RunAsync(WebSocket accepted, ClientWire wire, CancellationToken cancellationToken)
    {
        using var end = cancellationToken.UnsafeRegister(static aborted => ((CancellationTokenSource)aborted!).Cancel(), aborted);
        outbox.Open(wire);
        try
        {
            await ReadAsync(accepted, aborted.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            Log.Gone(logger, Id, gone.GetType().Name);
        }
        finally
        {
            outbox.Stop();
            LeaveAll();
        }
    }

    /// <summary>Writes what is due. Called when a burst is over.</summary>
    public void Flush()
    {
        Volatile.Write(ref scheduled, 0);
        outbox.Signal();
    }

    /// <summary>Closes with a code and reason, once; the client has a second to answer.</summary>
    public void Close(int code, string reason, bool dropDue)
    {
        if (Interlocked.Exchange(ref closing, 1) == 0)
        {
            hub.Metrics.Closing(reason);
            _ = CloseAsync(code, ReasonText(reason), dropDue);
        }
    }

    void IReaderOwner.OnDue(Reader reader)
    {
        outbox.Add(reader);
        if (Interlocked.Exchange(ref scheduled, 1) == 0)
        {
            hub.Schedule(this);
        }
    }

    /// <summary>Twice a second: ends what has expired, was revoked or does not read.</summary>
    public void Sweep(DateTimeOffset now, TokenGate tokens)
    {
        if (Identity.Token is { } token)
        {
            if (now >= token.ExpiresAt)
            {
                Close(1008, "token-expired", dropDue: true);
            }
            else if (tokens.IsRevoked(token.Id))
            {
                Close(1008, "token-revoked", dropDue: true);
            }
        }

        if (outbox.IsWriting && TooSlow())
        {
            Close(1013, "slow-consumer", dropDue: true);
        }
    }

    private protected void Send(byte[] wire)
    {
        outbox.Add(wire);
        outbox.Signal();
    }

    private async Task CloseAsync(int code, string reason, bool dropDue)
    {
        try
        {
            if (!dropDue)
            {
                await outbox.DrainAsync(FlushWait, time).ConfigureAwait(false);
            }

            outbox.StopTopics();

            if (socket is { State: WebSocketState.Open or WebSocketState.CloseReceived } open)
            {
                await open.CloseOutputAsync((WebSocketCloseStatus)code, reason, aborted.Token).ConfigureAwait(false);
            }

            Log.Closing(logger, Id, code, reason);
            await Task.Delay(CloseAnswerWait, time, aborted.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Log.Gone(logger, Id, gone.GetType().Name);
        }

        await aborted.CancelAsync().ConfigureAwait(false);
    }

    void IOutboxOwner.OnWriting(long frames, long bytes) => hub.Metrics.Sent(frames, bytes);

    void IOutboxOwner.OnBroken(Exception broken)
    {
        Log.Gone(logger, Id, broken.GetType().Name);
        aborted.Cancel();
    }

    /// <summary>Copies what one topic has due for this client; true when more is left. On the writer.</summary>
    public abstract bool CopyDue(Reader reader, PooledBuffer to);

    /// <summary>Copies a frame that gets its number where it is written.</summary>
    public abstract void CopyNumbered(byte[] head, byte[] tail, bool takesNumber, PooledBuffer to);

    /// <summary>Takes one whole frame of the client's. Bad ones are answered, never thrown.</summary>
    private protected abstract ValueTask TakeAsync(ReadOnlyMemory<byte> frame, bool tooLong, CancellationToken cancellationToken);

    /// <summary>The Indexer refused a topic: told, and gone.</summary>
    public abstract void OnTopicRefused(Reader reader, FeedRefusal refusal, string message);

    /// <summary>How long a topic that was joined may be without a state.</summary>
    public abstract TimeSpan StateWait { get; }

    /// <summary>That time is over, and it still has none.</summary>
    public abstract void OnStateAwaited(Reader reader);

    /// <summary>Whether a topic's every frame counts, so that who cannot keep up has to go.</summary>
    private protected abstract bool EachCounts(Topic topic);

    /// <summary>The reason as this protocol's clients know it.</summary>
    private protected virtual string ReasonText(string reason) => reason;

    /// <summary>Counts a frame of the client's; true for one of too many in ten seconds, which is dropped.</summary>
    private protected bool IsTooMany() => allFrames.Add() > MostFrames;

    /// <summary>Enters a reader that was joined. Under <see cref="gate"/>.</summary>
    private protected void Follow(Reader reader)
    {
        readers[(reader.Topic.Address.Channel, reader.Topic.Address.Id)] = reader;
        hub.Metrics.SubscriptionsChanged(1);
        hub.AfterJoin(this, reader);
    }

    /// <summary>Leaves a topic; false when it is not followed.</summary>
    private protected bool Leave(string channel, string id)
    {
        Reader? reader;
        lock (gate)
        {
            if (!readers.Remove((channel, id), out reader))
            {
                return false;
            }
        }

        hub.Topics.Leave(reader);
        hub.Metrics.SubscriptionsChanged(-1);
        return true;
    }

    /// <summary>Forgets a reader that was left already.</summary>
    private protected void Forget(Reader reader)
    {
        lock (gate)
        {
            hub.Metrics.SubscriptionsChanged(readers.Remove((reader.Topic.Address.Channel, reader.Topic.Address.Id)) ? -1 : 0);
        }
    }

    private protected bool IsBehind(Reader reader) =>
        !reader.Replays && (reader.Ring.Head - reader.Cursor > hub.Limits.QueueFrames || reader.BytesBehind > hub.Limits.QueueBytes);

    // A client that reads nothing at all: its write does not come back. State topics catch up by a snapshot when it does.
    private bool TooSlow()
    {
        lock (gate)
        {
            return outbox.DirectBytes > hub.Limits.QueueBytes || readers.Values.Any(reader => EachCounts(reader.Topic) && !reader.AwaitsState && IsBehind(reader));
        }
    }

    private void LeaveAll()
    {
        List<Reader> all;
        lock (gate)
        {
            all = [.. readers.Values];
            readers.Clear();
        }

        foreach (var reader in all)
        {
            hub.Topics.Leave(reader);
            hub.Metrics.SubscriptionsChanged(-1);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1501, LogLevel.Debug, "Session {Session} ended ({Cause})")]
        public static partial void Gone(ILogger logger, string session, string cause);

        [LoggerMessage(1502, LogLevel.Information, "Session {Session} closed with {Code} {Reason}")]
        public static partial void Closing(ILogger logger, string session, int code, string reason);
    }
}
