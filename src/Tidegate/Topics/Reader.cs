using System.Buffers;

namespace Tidegate.Topics;

/// <summary>One session's place in one topic: a cursor, and what comes before it. Topics mark it due; the session's writer takes what is due.</summary>
/// <remarks>Marked from any thread; read by the session's one writer at a time.</remarks>
internal sealed class Reader(Topic topic, IReaderOwner owner, int depth, TimeSpan conflate) : IArrival<Reader>
{
    // Replaced as a whole: one or two frames, once in a reader's life, are not worth a queue that it keeps for ever.
    private byte[][] first = [];
    private int due;
    private long behindSince;
    private long replayTo;
    private long firstAt;
    private Ring? ring;
    private volatile bool awaitsState = true;

    public Topic Topic { get; } = topic;

    public IReaderOwner Owner { get; } = owner;

    /// <summary>The next reader that is due, in its session's list.</summary>
    public Reader? Next { get; set; }

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

    public Ring Ring => View?.Ring ?? ring ?? Topic.Ring;

    /// <summary>The epoch that it read has ended.</summary>
    public bool IsOutdated => View is null && ring is { } old && old != Topic.Ring;

    /// <summary>What the client said it has, until it is answered.</summary>
    public ResumePoint? Resume { get; set; }

    /// <summary>Its first frame has gone to the client.</summary>
    public bool Told { get; private set; }

    /// <summary>Position of the last frame given to the client.</summary>
    public long Cursor { get; set; }

    /// <summary>Number of the last update given to the client.</summary>
    public long LastSeq { get; set; }

    /// <summary>Nothing was given yet: the topic has no state.</summary>
    public bool AwaitsState => awaitsState;

    /// <summary>Set when the client left: nothing may follow.</summary>
    public bool Gone { get; private set; }

    /// <summary>Ticks for a conflated reader; ends with it.</summary>
    public IDisposable? Ticker { get; set; }

    /// <summary>Waits for the first state; ends with the reader.</summary>
    public IDisposable? Waiter { get; set; }

    /// <summary>Nothing follows.</summary>
    public void End()
    {
        Gone = true;
        Ticker?.Dispose();
        Waiter?.Dispose();
    }

    /// <summary>
    /// Sets the first frame and where to go on. The frame waits until the ring has come to <paramref name="notBefore"/>: a state must not be told
    /// before the changes in it are in the journal.
    /// </summary>
    public void Begin(byte[] frame, Ring from, long cursor, long seq, long notBefore)
    {
        Resume = null;
        Cursor = cursor;
        LastSeq = seq;
        ring = from;
        Volatile.Write(ref behindSince, from.At(cursor)?.EndOffset ?? from.Bytes);
        Volatile.Write(ref firstAt, notBefore);
        AddFirst(frame);
        replayTo = from.Head;
        awaitsState = false;
    }

    /// <summary>Forgets what has not gone to the client yet.</summary>
    public void DropFirst() => Volatile.Write(ref first, []);

    /// <summary>Adds a frame that goes before anything of the ring.</summary>
    public void AddFirst(byte[] frame)
    {
        byte[][] before;
        do
        {
            before = Volatile.Read(ref first);
        }
        while (Interlocked.CompareExchange(ref first, [.. before, frame], before) != before);
    }

    /// <summary>Something is there to be sent. A conflated reader waits for its tick, except for its first frames.</summary>
    public void MarkDue()
    {
        if (Conflate > TimeSpan.Zero && !HasFirst)
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

    /// <summary>
    /// The owner takes it up: from here on a new change marks it anew. With a full fence, so that a change which found it still marked is seen by
    /// the look at the ring that follows.
    /// </summary>
    public void TakeUp() => Interlocked.Exchange(ref due, 0);

    /// <summary>Whether anything stands to be sent.</summary>
    public bool HasMore => HasFirst || (!AwaitsState && Cursor < Ring.Head);

    private bool HasFirst => Volatile.Read(ref first).Length > 0;

    /// <summary>Bytes the client is behind.</summary>
    public long BytesBehind => Ring.Bytes - Volatile.Read(ref behindSince);

    /// <summary>Copies what comes before the ring; false while it has to wait: publishing marks the reader due again.</summary>
    public bool CopyFirst(IBufferWriter<byte> to)
    {
        if (!TryTakeFirst(out var frames))
        {
            return false;
        }

        foreach (var frame in frames)
        {
            to.Write(frame);
        }

        return true;
    }

    /// <summary>Takes what comes before the ring, often nothing; false while it has to wait.</summary>
    public bool TryTakeFirst(out byte[][] frames)
    {
        frames = [];
        if (!HasFirst)
        {
            return true;
        }

        var at = Volatile.Read(ref firstAt);
        if (at > Ring.Head)
        {
            return false;
        }

        if (at > 0)
        {
            // What it waited for is in it: the client is not behind by that.
            Volatile.Write(ref behindSince, Math.Max(Volatile.Read(ref behindSince), Ring.At(Cursor)?.EndOffset ?? 0));
            Volatile.Write(ref firstAt, 0);
        }

        Told |= !awaitsState;
        frames = Interlocked.Exchange(ref first, []);
        return true;
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

            to.Write(frame.Wire.Span);
            copied += frame.Wire.Length;
            Advance(frame);
        }

        return true;
    }

    /// <summary>The client is told otherwise what stands up to this position.</summary>
    public void SkipTo(long position)
    {
        Cursor = position;
        Volatile.Write(ref behindSince, Ring.At(position)?.EndOffset ?? Ring.Bytes);
    }

    /// <summary>The client has, or will get, everything up to this frame.</summary>
    public void Advance(in RingFrame frame)
    {
        Cursor = frame.Position;
        LastSeq = frame.Seq == 0 ? LastSeq : frame.Seq;
        Volatile.Write(ref behindSince, frame.EndOffset);
    }
}

/// <summary>Who reads: gathers readers that have something due.</summary>
internal interface IReaderOwner
{
    /// <summary>A reader became due. Called under a topic's gate: must not wait.</summary>
    void OnDue(Reader reader);
}
