using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>A client of the dashboard socket, <c>tidegate.v1</c> (contract 2).</summary>
internal sealed partial class DashboardSession : Session
{
    private const int MostBadFrames = 20;
    private const string OverSize = "a frame is over 64 KB";
    private readonly RecentCount badFrames;
    private long tooFastTold = long.MinValue;

    public DashboardSession(SessionHub hub, SessionIdentity identity, string remote, TimeProvider time, ILogger logger)
        : base(hub, identity, remote, time, logger) =>
        badFrames = new RecentCount(MostBadFrames, TimeSpan.FromSeconds(10), time);

    /// <summary>Puts down what the client is told first: its <c>connected</c> frame and the topics subscribed without asking.</summary>
    public void Begin(WebSocket accepted, byte[] connected, IReadOnlyList<TopicAddress> subscribe)
    {
        Accept(accepted);
        Send(connected);
        foreach (var address in subscribe)
        {
            Subscribe(address, depth: 0, TimeSpan.Zero, resume: null);
        }
    }

    /// <inheritdoc/>
    public override void CopyNumbered(byte[] head, byte[] tail, bool takesNumber, PooledBuffer to) => throw new NotSupportedException("topics number their frames here");

    /// <inheritdoc/>
    public override void OnStateAwaited(Reader reader)
    {
        reader.AddFirst(reader.Topic.CurrentStatus());
        reader.MarkDueNow();
        Flush();
    }

    // Before it feed_status tells how things stand (contract 2).
    public override TimeSpan StateWait { get; } = TimeSpan.FromSeconds(2);

    private protected override bool EachCounts(Topic topic) => topic.Output.IsEvent;

    /// <inheritdoc/>
    public override bool CopyDue(Reader reader, PooledBuffer to)
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

    private protected override async ValueTask TakeAsync(ReadOnlyMemory<byte> frame, bool tooLong, CancellationToken cancellationToken)
    {
        if (IsTooMany())
        {
            TellTooFast();
            return;
        }

        if (tooLong)
        {
            Bad("bad-frame", OverSize);
            return;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(frame);
        }
        catch (JsonException)
        {
            Bad("bad-json", "a frame is not JSON");
            return;
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                Bad("bad-frame", "a frame is not an object");
                return;
            }

            try
            {
                await AnswerAsync(root, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidOperationException)
            {
                // A lone surrogate in a string: JSON, but no text.
                Bad("bad-json", "a string of the frame is not text");
            }
        }
    }

    private void TellTooFast()
    {
        var now = time.GetTimestamp();
        if (tooFastTold == long.MinValue || time.GetElapsedTime(tooFastTold, now) >= TimeSpan.FromSeconds(1))
        {
            tooFastTold = now;
            Refuse("too-fast", "at most 1000 frames in 10 s; this one and those that follow are dropped", null, null);
        }
    }
}
