namespace Tidegate.Topics;

/// <summary>One encoded frame, ready for any number of sockets: WebSocket header and JSON. Immutable.</summary>
/// <param name="Position">Its place in the ring, from 1, without holes.</param>
/// <param name="Seq">The topic's sequence number; 0 for frames that take none (<c>feed_status</c>).</param>
/// <param name="Wire">Header and payload.</param>
/// <param name="Body">Where <c>data</c> stands in <paramref name="Wire"/>.</param>
/// <param name="EndOffset">Bytes of all frames up to and with this one.</param>
internal sealed record RingFrame(long Position, long Seq, byte[] Wire, Range Body, long EndOffset);

/// <summary>The last frames of a topic or view, addressed by position. One writer, under the topic's gate; any reader, without a lock.</summary>
internal sealed class Ring(int capacity)
{
    private RingFrame?[] frames = new RingFrame?[Math.Min(32, capacity)];
    private long head;
    private long bytes;

    /// <summary>The position of the newest frame, 0 before the first.</summary>
    public long Head => Volatile.Read(ref head);

    /// <summary>Bytes of all frames ever appended.</summary>
    public long Bytes => Volatile.Read(ref bytes);

    /// <summary>Appends a frame; the oldest falls out when the ring is full.</summary>
    public RingFrame Append(long seq, byte[] wire, Range body)
    {
        var position = head + 1;
        if (position > frames.Length && frames.Length < capacity)
        {
            Grow();
        }

        var frame = new RingFrame(position, seq, wire, body, bytes + wire.Length);
        frames[position % frames.Length] = frame;
        Volatile.Write(ref bytes, frame.EndOffset);
        Volatile.Write(ref head, position);
        return frame;
    }

    /// <summary>The frame at a position; null when it has fallen out or is not there yet.</summary>
    public RingFrame? At(long position)
    {
        var current = Volatile.Read(ref frames);
        var frame = Volatile.Read(ref current[position % current.Length]);
        return frame?.Position == position ? frame : null;
    }

    /// <summary>The position after which a client that has <paramref name="seq"/> goes on; null when the ring does not reach back so far.</summary>
    public long? After(long seq)
    {
        var oldest = Math.Max(1, head - frames.Length + 1);
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

        return seq == 0 && oldest == 1 ? 0 : null;
    }

    private void Grow()
    {
        var larger = new RingFrame?[Math.Min(capacity, frames.Length * 2)];
        foreach (var frame in frames)
        {
            if (frame is not null)
            {
                larger[frame.Position % larger.Length] = frame;
            }
        }

        Volatile.Write(ref frames, larger);
    }
}
