using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using Tidegate.Indexer.Feeds;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>
/// A client of <c>/v4/ws</c>, the Indexer's own protocol over the repaired state (contract 4). Each frame gets the connection's next
/// <c>message_id</c> when it is written, so the numbers on the wire have no holes and stand in order.
/// </summary>
internal sealed partial class IndexerSession : Session
{
    /// <summary>How often updates of a batched subscription go out (protocol.md 1).</summary>
    public static readonly TimeSpan BatchEvery = TimeSpan.FromMilliseconds(250);

    private readonly byte[] subscribedHead;
    private readonly byte[] dataHead;
    private readonly byte[] batchHead;
    private long nextNumber;

    public IndexerSession(SessionHub hub, SessionIdentity identity, string remote, IndexerProtocolLimits protocol, TimeProvider time, ILogger logger)
        : base(hub, identity, remote, time, logger)
    {
        this.protocol = protocol;
        badMessages = new WindowCount(RateWindow, time);
        (subscribedHead, dataHead, batchHead) = (Head("subscribed"), Head("channel_data"), Head("channel_batch_data"));
    }

    /// <summary>Puts down what the client is told first.</summary>
    public void Begin(WebSocket accepted)
    {
        Accept(accepted);
        Answer(Head("connected"), "}"u8.ToArray());
    }

    /// <inheritdoc/>
    public override void CopyNumbered(byte[] head, byte[] tail, bool takesNumber, PooledBuffer to) =>
        Copy(head, takesNumber ? nextNumber++ : nextNumber - 1, tail, to);

    /// <inheritdoc/>
    public override bool CopyDue(Reader reader, PooledBuffer to)
    {
        if (reader.Gone)
        {
            return false;
        }

        // Asked first: a state that comes meanwhile has marked the reader due again.
        var awaited = reader.AwaitsState;
        if (!reader.TryTakeFirst(out var snapshots))
        {
            return false;
        }

        foreach (var snapshot in snapshots)
        {
            Copy(subscribedHead, nextNumber++, snapshot, to);
        }

        if (awaited)
        {
            return false;
        }

        if ((IsBehind(reader) || !(reader.Conflate > TimeSpan.Zero ? CopyBatch(reader, to) : CopyNext(reader, to))) && !CopyMerged(reader, to))
        {
            Close(1013, "slow-consumer", dropDue: true);
            return false;
        }

        return reader.Conflate == TimeSpan.Zero && reader.HasMore;
    }

    private protected override bool EachCounts(Topic topic) => topic.Output.Feed is AccountFeed or TapeFeed;

    private protected override string ReasonText(string reason) => reason switch
    {
        "restarting" => """{"message":"Service restarting"}""",
        RateLimited => """{"message":"Rate limited"}""",
        _ => reason,
    };

    // One frame of the upstream's, one of the client's. False when the next one has fallen out of the ring.
    private bool CopyNext(Reader reader, PooledBuffer to)
    {
        var ring = reader.Ring;
        var begun = to.WrittenCount;
        while (reader.Cursor < ring.Head && to.WrittenCount - begun < Outbox.Quantum)
        {
            if (ring.At(reader.Cursor + 1) is not { } frame)
            {
                return false;
            }

            Copy(dataHead, nextNumber++, frame.Wire.Span, to);
            reader.Advance(frame);
        }

        return true;
    }

    // Contents that may stand together are one frame: those of one subaccount.
    private bool CopyBatch(Reader reader, PooledBuffer to)
    {
        var head = reader.Ring.Head;
        var waiting = new List<(ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Contents)>();
        while (reader.Cursor < head)
        {
            if (reader.Ring.At(reader.Cursor + 1) is not { } frame)
            {
                return false;
            }

            waiting.Add(ContentsTopic.Split(frame.Wire));
            reader.Advance(frame);
        }

        CopyBatches(waiting, to);
        return true;
    }

    // What a client that fell behind has missed, in its newest values.
    private bool CopyMerged(Reader reader, PooledBuffer to)
    {
        var tails = new List<byte[]>();
        if (reader.Topic is not ContentsTopic topic || !topic.TryMerge(reader, tails))
        {
            return false;
        }

        if (reader.Conflate > TimeSpan.Zero)
        {
            CopyBatches(tails.ConvertAll(tail => ContentsTopic.Split(tail)), to);
            return true;
        }

        foreach (var tail in tails)
        {
            Copy(dataHead, nextNumber++, tail, to);
        }

        return true;
    }

    private void CopyBatches(List<(ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Contents)> waiting, PooledBuffer to)
    {
        while (waiting.Count > 0)
        {
            var head = waiting[0].Head;
            var together = waiting.FindAll(one => one.Head.Span.SequenceEqual(head.Span));
            waiting.RemoveAll(one => one.Head.Span.SequenceEqual(head.Span));
            var tail = new ArrayBufferWriter<byte>(256);
            tail.Write(head.Span);
            tail.Write(",\"contents\":["u8);
            for (var i = 0; i < together.Count; i++)
            {
                tail.Write(i == 0 ? ""u8 : ","u8);
                tail.Write(together[i].Contents.Span);
            }

            tail.Write("]}"u8);
            Copy(batchHead, nextNumber++, tail.WrittenSpan, to);
        }
    }

    // Head, number and tail stand in one buffer: no second encoding, and no gathering by the kernel, which costs more for small frames.
    private static void Copy(ReadOnlySpan<byte> head, long number, ReadOnlySpan<byte> tail, PooledBuffer to)
    {
        var digits = Digits(number);
        var payload = head.Length + digits + tail.Length;
        var span = to.GetSpan(payload + WireFrame.HeaderLength(payload));
        var at = WireFrame.WriteHeader(payload, span);
        head.CopyTo(span[at..]);
        System.Buffers.Text.Utf8Formatter.TryFormat(number, span[(at + head.Length)..], out _);
        tail.CopyTo(span[(at + head.Length + digits)..]);
        to.Advance(at + payload);
    }

    private static int Digits(long number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10)
        {
            digits++;
        }

        return digits;
    }

    private byte[] Head(string type) => Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"connection_id\":\"{Id}\",\"message_id\":");
}
