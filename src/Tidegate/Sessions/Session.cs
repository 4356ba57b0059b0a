using System.Buffers;
using System.Net.WebSockets;
using Tidegate.Access;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>One client on the dashboard socket: what it follows, how far it has read, and its one writer.</summary>
/// <remarks>
/// Its client's frames are handled one after the other; topics mark its readers due from any thread. A failure of one session touches no other.
/// </remarks>
internal sealed partial class Session : IReaderOwner, IOutboxOwner, IArrival<Session>
{
    private static readonly TimeSpan CloseAnswerWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FlushWait = TimeSpan.FromMilliseconds(300);
    private readonly Dictionary<(string Channel, string Id), Reader> readers = [];
    private readonly Lock gate = new();
    private readonly SessionHub hub;
    private readonly Outbox outbox;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly CancellationTokenSource aborted = new();
    private WebSocket? socket;
    private SessionIdentity identity;
    private int scheduled;
    private int closing;

    public Session(SessionHub hub, SessionIdentity identity, string remote, TimeProvider time, ILogger logger)
    {
        (this.hub, this.identity, Remote, this.time, this.logger) = (hub, identity, remote, time, logger);
        outbox = new Outbox(this);
        badFrames = new RecentCount(MostBadFrames, TimeSpan.FromSeconds(10), time);
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

    /// <summary>Puts down what the client is told first: its <c>connected</c> frame and the topics subscribed without asking.</summary>
    public void Begin(WebSocket accepted, byte[] connected, IReadOnlyList<TopicAddress> subscribe)
    {
        socket = accepted;
        Send(connected);
        foreach (var address in subscribe)
        {
            Subscribe(address, depth: 0, TimeSpan.Zero, resume: null);
        }
    }

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
            _ = CloseAsync(code, reason, dropDue);
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

    private void Send(byte[] wire)
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

    // On the writer: what one topic has for this client. True when more is left.
    bool IOutboxOwner.CopyDue(Reader reader, PooledBuffer to)
    {
        if (reader.Gone)
        {
            return false;
        }

        if (reader.IsOutdated)
        {
            reader.Topic.Renew(reader);
        }

        // Asked first: a state that comes meanwhile has marked the reader due again, and its first frame must not come after the ring's.
        var awaited = reader.AwaitsState;
        if (!reader.CopyFirst(to) || awaited)
        {
            return false;
        }

        if (reader.WantsSnapshot)
        {
            reader.WantsSnapshot = false;
            reader.Topic.Snapshot(reader, "requested");
            if (!reader.CopyFirst(to))
            {
                return false;
            }
        }

        var slow = IsBehind(reader);
        if (slow && reader.Topic.Output.IsEvent)
        {
            Close(1013, "slow-consumer", dropDue: true);
            return false;
        }

        if (!slow && reader.Conflate > TimeSpan.Zero)
        {
            slow = !CopyConflated(reader, to);
        }
        else if (!slow)
        {
            slow = !reader.CopyNext(to, Outbox.Quantum);
        }

        if (slow)
        {
            reader.Topic.Snapshot(reader, "conflated");
            if (!reader.CopyFirst(to))
            {
                return false;
            }
        }

        return reader.Conflate == TimeSpan.Zero && reader.HasMore;
    }

    private static bool CopyConflated(Reader reader, IBufferWriter<byte> to)
    {
        var head = reader.Ring.Head;
        var updates = new List<RingFrame>();
        var before = reader.LastSeq;
        while (reader.Cursor < head)
        {
            if (reader.Ring.At(reader.Cursor + 1) is not { } frame)
            {
                return false;
            }

            reader.Advance(frame);
            if (frame.Seq == 0)
            {
                to.Write(frame.Wire.Span);
            }
            else
            {
                updates.Add(frame);
            }
        }

        if (updates.Count > 0)
        {
            to.Write(Conflation.MergeShared(reader.Ring, reader.Topic.Output.Kind, updates, before));
        }

        return true;
    }

    private bool IsBehind(Reader reader) =>
        !reader.Replays && (reader.Ring.Head - reader.Cursor > hub.Limits.QueueFrames || reader.BytesBehind > hub.Limits.QueueBytes);

    // A client that reads nothing at all: its write does not come back. State topics catch up by a snapshot when it does.
    private bool TooSlow()
    {
        lock (gate)
        {
            return outbox.DirectBytes > hub.Limits.QueueBytes || readers.Values.Any(reader => reader.Topic.Output.IsEvent && !reader.AwaitsState && IsBehind(reader));
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
