using Tidegate.Indexer.Messages;

namespace Tidegate.Topics;

/// <summary>One encoded frame, ready for any number of sockets: WebSocket header and JSON. Immutable.</summary>
/// <param name="Position">Its place in the ring, from 1, without holes.</param>
/// <param name="Seq">The topic's sequence number; 0 for frames that take none (<c>feed_status</c>).</param>
/// <param name="Wire">Header and payload.</param>
/// <param name="EndOffset">Bytes of all frames up to and with this one.</param>
internal readonly record struct RingFrame(long Position, long Seq, ReadOnlyMemory<byte> Wire, long EndOffset);

/// <summary>One frame for a range of a ring, as seen by a reader whose last number was <paramref name="Previous"/>. Immutable.</summary>
internal sealed record MergedFrame(long From, long To, long Previous, byte[] Wire);

/// <summary>
/// The last frames of a topic or view, addressed by position. One writer: under the topic's gate, or the journal's thread; any reader, without a lock.
/// </summary>
/// <param name="capacity">The most frames held.</param>
/// <param name="mostBytes">The most bytes held; the newest frame stays, whatever its size.</param>
/// <param name="before">The number after which its first frame follows.</param>
internal sealed class Ring(int capacity, long mostBytes = long.MaxValue, long before = 0)
{
    private readonly Slab slab = new();
    private readonly long firstAfter = before;
    private Slot[] slots = new Slot[Math.Min(32, capacity)];
    private MergedFrame? merged;
    private long head;
    private long oldest = 1;
    private long bytes;
    private long bytesGone;
    private long lastSeq = before;

    /// <summary>The position of the newest frame, 0 before the first.</summary>
    public long Head => Volatile.Read(ref head);

    /// <summary>Bytes of all frames ever appended.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>The number of the newest frame that takes one.</summary>
    public long LastSeq => Volatile.Read(ref lastSeq);

    /// <summary>What was merged last for readers that tick (<see cref="Conflation.MergeShared"/>).</summary>
    public MergedFrame? Merged
    {
        get => Volatile.Read(ref merged);
        set => Volatile.Write(ref merged, value);
    }

    /// <summary>Appends a payload as a frame; the oldest ones fall out when the ring is full.</summary>
    public void Append(long seq, ReadOnlySpan<byte> payload)
    {
        var wire = slab.Take(WireFrame.HeaderLength(payload.Length) + payload.Length);
        WireFrame.Write(payload, wire.Span);
        AppendWire(seq, wire);
    }

    /// <summary>As <see cref="Append"/>, of a part that gets its header only when it is written.</summary>
    public void AppendBare(long seq, ReadOnlySpan<byte> part) => AppendWire(seq, slab.Keep(part));

    /// <summary>As <see cref="Append"/>, of a frame that has its header.</summary>
    public void AppendWire(long seq, ReadOnlyMemory<byte> wire)
    {
        var position = head + 1;
        if (position - oldest == slots.Length && slots.Length < capacity)
        {
            Grow();
        }

        var end = bytes + wire.Length;
        while (oldest < position && (position - oldest == slots.Length || end - bytesGone > mostBytes))
        {
            DropOldest();
        }

        slots[position % slots.Length].Set(new RingFrame(position, seq, wire, end));
        Volatile.Write(ref bytes, end);
        Volatile.Write(ref lastSeq, seq == 0 ? lastSeq : seq);
        Volatile.Write(ref head, position);
    }

    /// <summary>The frame at a position; null when it has fallen out or is not there yet.</summary>
    public RingFrame? At(long position)
    {
        var current = Volatile.Read(ref slots);
        return current[position % current.Length].TryGet(position, out var frame) ? frame : null;
    }

    /// <summary>The position after which a client that has <paramref name="seq"/> goes on; null when the ring does not reach back so far.</summary>
    public long? After(long seq)
    {
        for (var position = head; position >= oldest; position--)
        {
            if (At(position) is not { } frame)
            {
                return null;
            }

            if (frame.Seq != 0 && frame.Seq <= seq)
            {
                return frame.Seq == seq ? position : null;
            }
        }

        return seq == firstAfter && oldest == 1 ? 0 : null;
    }

    // Its bytes can be collected once no other frame needs their array.
    private void DropOldest()
    {
        ref var slot = ref slots[oldest % slots.Length];
        bytesGone = slot.TryGet(oldest, out var frame) ? frame.EndOffset : bytesGone;
        slot.Clear();
        oldest++;
    }

    private void Grow()
    {
        var larger = new Slot[Math.Min(capacity, slots.Length * 2)];
        for (var position = oldest; position <= head; position++)
        {
            if (At(position) is { } frame)
            {
                larger[position % larger.Length].Set(frame);
            }
        }

        Volatile.Write(ref slots, larger);
    }

    // A reader may come while the writer is at it: it takes a frame only when the position was the same before and after.
    private struct Slot
    {
        private long position;
        private RingFrame frame;

        public void Clear()
        {
            Volatile.Write(ref position, 0);
            Volatile.WriteBarrier();
            frame = default;
        }

        public void Set(in RingFrame next)
        {
            Clear();
            frame = next;
            Volatile.Write(ref position, next.Position);
        }

        public readonly bool TryGet(long wanted, out RingFrame taken)
        {
            var before = Volatile.Read(in position);
            taken = frame;
            Volatile.ReadBarrier();
            return before == wanted && Volatile.Read(in position) == wanted;
        }
    }
}
