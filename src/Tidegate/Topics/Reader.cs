using System.Buffers;
using System.Collections.Concurrent;

namespace Tidegate.Topics;

/// <summary>One session's place in one topic: a cursor, and what comes before it. Topics mark it due; the session's writer takes what is due.</summary>
/// <remarks>Marked from any thread; read by the session's one writer at a time.</remarks>
internal sealed class Reader(Topic topic, IReaderOwner owner, int depth, TimeSpan conflate)
{
    private readonly ConcurrentQueue<byte[]> first = new();
    private int due;
    private long behindSince;
    private long replayTo;

    public Topic Topic { get; } = topic;

    public IReaderOwner Owner { get; } = owner;

    /// <summary>The client asked for the state anew.</summary>
    public bool WantsSnapshot { get; set; }

    /// <summary>A resumed past is being replayed: that alone never counts as slow.</summary>
    public bool Replays => Cursor < replayTo;

    /// <summary>Levels a side that the client asked for, 0 for all.</summary>
    public int Depth { get; } = depth;

    /// <summary>The tick at which changes are merged, zero for none.</summary>
    public TimeSpan Conflate { get; } = conflate;

    /// <summary>The view it reads instead of the topic's own ring.</summary>
    public BookView? View { get; set; }

    public Ring Ring => View?.Ring ?? Topic.Ring;

    /// <summary>Position of the last frame given to the client.</summary>
    public long Cursor { get; set; }

    /// <summary>Number of the last update given to the client.</summary>
    public long LastSeq { get; set; }

    /// <summary>Nothing was given yet: the topic has no state.</summary>
    public bool AwaitsState { get; private set; } = true;

    /// <summary>Set when the client left: nothing may follow.</summary>
    public bool Gone { get; set; }

    /// <summary>Ticks for a conflated reader.</summary>
    public ITimer? Ticker { get; set; }

    /// <summary>Sets the first frame and where to go on.</summary>
    public void Begin(byte[] frame, long cursor, long seq)
    {
        Cursor = cursor;
        LastSeq = seq;
        Volatile.Write(ref behindSince, Ring.At(cursor)?.EndOffset ?? Ring.Bytes);
        first.Enqueue(frame);
        replayTo = Ring.Head;
        AwaitsState = false;
    }

    /// <summary>Adds a frame that goes before anything of the ring.</summary>
    public void AddFirst(byte[] frame) => first.Enqueue(frame);

    /// <summary>Something is there to be sent. A conflated reader waits for its tick, except for its first frames.</summary>
    public void MarkDue()
    {
        if (Conflate > TimeSpan.Zero && first.IsEmpty)
        {
            return;
        }

        MarkDueNow();
    }

    /// <summary>As <see cref="MarkDue"/>, also for a conflated reader.</summary>
    public void MarkDueNow()
    {
        if (Interlocked.Exchange(ref due, 1) == 0)
        {
            Owner.OnDue(this);
        }
    }

    /// <summary>The owner takes it up: from here on a new change marks it anew.</summary>
    public void TakeUp() => Volatile.Write(ref due, 0);

    /// <summary>Whether anything stands to be sent.</summary>
    public bool HasMore => !first.IsEmpty || (!AwaitsState && Cursor < Ring.Head);

    /// <summary>Bytes the client is behind.</summary>
    public long BytesBehind => Ring.Bytes - Volatile.Read(ref behindSince);

    /// <summary>Copies what comes before the ring.</summary>
    public void CopyFirst(IBufferWriter<byte> to)
    {
        while (first.TryDequeue(out var frame))
        {
            to.Write(frame);
        }
    }

    /// <summary>Copies frames of the ring, up to a quantum. False when the next one has fallen out.</summary>
    public bool CopyNext(IBufferWriter<byte> to, int quantum)
    {
        var ring = Ring;
        var copied = 0;
        while (Cursor < ring.Head && copied < quantum)
        {
            if (ring.At(Cursor + 1) is not { } frame)
            {
                return false;
            }

            to.Write(frame.Wire);
            copied += frame.Wire.Length;
            Advance(frame);
        }

        return true;
    }

    /// <summary>The client has, or will get, everything up to this frame.</summary>
    public void Advance(RingFrame frame)
    {
        Cursor = frame.Position;
        LastSeq = frame.Seq == 0 ? LastSeq : frame.Seq;
        Volatile.Write(ref behindSince, frame.EndOffset);
    }

    /// <summary>The client got the state anew: it is behind by nothing.</summary>
    public void CaughtUp() => Volatile.Write(ref behindSince, Ring.Bytes);
}

/// <summary>Who reads: gathers readers that have something due.</summary>
internal interface IReaderOwner
{
    /// <summary>A reader became due. Called under a topic's gate: must not wait.</summary>
    void OnDue(Reader reader);
}
