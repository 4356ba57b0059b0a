using System.Buffers;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>
/// The one writer of a session's socket: takes all that is due into one write. It runs on whichever thread signals first, and on the write's own
/// continuation where the socket would block; never two at once.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Outbox(IOutboxOwner owner)
{
    /// <summary>Bytes gathered before a write; also what one topic may take before the next has its turn.</summary>
    public const int Quantum = 32 * 1024;

    private const int Idle = 0;
    private const int Busy = 1;
    private const int Again = 2;

    // A thread's own, so that it is warm whichever session it writes for; kept by a session only while its write has not come back.
    [ThreadStatic]
    private static PooledBuffer? spare;

    private PooledBuffer? buffer;
    private Arrivals<Answer> direct;
    private Arrivals<Reader> due;

    // Taken by the writer, from the lists above, and not written yet.
    private Answer? nextAnswer;
    private Reader? nextReader;
    private ClientWire? wire;
    private int state;
    private long directBytes;
    private int frames;
    private volatile bool stopped;
    private volatile bool closing;

    /// <summary>Bytes of answers that wait to be written.</summary>
    public long DirectBytes => Interlocked.Read(ref directBytes);

    /// <summary>Whether a write has not come back.</summary>
    public bool IsWriting => Volatile.Read(ref state) != Idle;

    /// <summary>The handshake is over: writing may begin.</summary>
    public void Open(ClientWire to)
    {
        Volatile.Write(ref wire, to);
        Signal();
    }

    /// <summary>Adds a frame that belongs to no topic.</summary>
    public void Add(byte[] wire) => Add(new Answer(null, wire, takesNumber: false));

    /// <summary>
    /// As <see cref="Add(byte[])"/>, in two parts: between them comes the number that it gets when it is written, the next one or the last again.
    /// </summary>
    public void Add(byte[] head, byte[] tail, bool takesNumber) => Add(new Answer(head, tail, takesNumber));

    /// <summary>A reader has something due.</summary>
    public void Add(Reader reader) => due.Add(reader);

    /// <summary>From here on only frames that belong to no topic are written: the close frame.</summary>
    public void StopTopics() => closing = true;

    /// <summary>Waits until all that may still be written has been given to the socket, at most so long.</summary>
    public async Task DrainAsync(TimeSpan atMost, TimeProvider time)
    {
        var started = time.GetTimestamp();
        Signal();
        while (!stopped && (IsWriting || !direct.IsEmpty || !(closing || due.IsEmpty)) && time.GetElapsedTime(started) < atMost)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Nothing more is written.</summary>
    public void Stop() => stopped = true;

    /// <summary>Writes what is due, unless a writer is at it already: then that one goes round again.</summary>
    public void Signal()
    {
        if (Volatile.Read(ref wire) is null)
        {
            return;
        }

        while (true)
        {
            var before = Interlocked.CompareExchange(ref state, Busy, Idle);
            if (before == Idle)
            {
                Run();
                return;
            }

            if (before == Again || Interlocked.CompareExchange(ref state, Again, Busy) == Busy)
            {
                return;
            }
        }
    }

    private void Add(Answer answer)
    {
        Interlocked.Add(ref directBytes, answer.Wire.Length);
        direct.Add(answer);
    }

    private void Run()
    {
        while (true)
        {
            if (!Gather())
            {
                GiveBack();
                if (Interlocked.CompareExchange(ref state, Idle, Busy) == Busy)
                {
                    return;
                }

                Volatile.Write(ref state, Busy);
                continue;
            }

            ValueTask write;
            owner.OnWriting(frames, buffer!.WrittenCount);
            try
            {
                write = wire!.WriteAsync(buffer.WrittenMemory);
            }
            catch (Exception broken) when (broken is IOException or ObjectDisposedException or InvalidOperationException)
            {
                Break(broken);
                return;
            }

            if (!write.IsCompletedSuccessfully)
            {
                _ = ContinueAsync(write);
                return;
            }

#pragma warning disable VSTHRD002 // complete already: only gives the stream its result object back
            write.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
    }

    private async Task ContinueAsync(ValueTask write)
    {
        try
        {
            await write.ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            Break(broken);
            return;
        }

        Run();
    }

    private void Break(Exception broken)
    {
        stopped = true;
        GiveBack();
        owner.OnBroken(broken);
    }

    private void GiveBack()
    {
        buffer!.Trim();
        (spare, buffer) = (buffer, null);
    }

    // Answers first, then round robin over the topics that have something due.
    private bool Gather()
    {
        buffer ??= spare ?? new PooledBuffer();
        spare = null;
        buffer.Clear();
        frames = 0;
        if (stopped)
        {
            return false;
        }

        while (buffer.WrittenCount < Quantum && (nextAnswer ??= direct.TakeAll()) is { } answer)
        {
            nextAnswer = answer.Next;
            Interlocked.Add(ref directBytes, -answer.Wire.Length);
            if (answer.Head is { } head)
            {
                owner.CopyNumbered(head, answer.Wire, answer.TakesNumber, buffer);
            }
            else
            {
                buffer.Write(answer.Wire);
            }

            frames++;
        }

        while (!closing && buffer.WrittenCount < Quantum && (nextReader ??= due.TakeAll()) is { } reader)
        {
            nextReader = reader.Next;
            reader.TakeUp();
            var before = reader.Cursor;
            if (owner.CopyDue(reader, buffer))
            {
                reader.MarkDueNow();
            }

            frames += (int)(reader.Cursor - before);
        }

        return buffer.WrittenCount > 0;
    }

    /// <summary>A frame that belongs to no topic.</summary>
    private sealed class Answer(byte[]? head, byte[] wire, bool takesNumber) : IArrival<Answer>
    {
        public byte[]? Head { get; } = head;

        public bool TakesNumber { get; } = takesNumber;

        public byte[] Wire { get; } = wire;

        public Answer? Next { get; set; }
    }
}

/// <summary>Whose outbox it is.</summary>
internal interface IOutboxOwner
{
    /// <summary>Copies what a reader has due; true when more is left.</summary>
    bool CopyDue(Reader reader, PooledBuffer to);

    /// <summary>Copies a frame that gets its number now, the next one or the last again.</summary>
    void CopyNumbered(byte[] head, byte[] tail, bool takesNumber, PooledBuffer to);

    /// <summary>So many frames and bytes are about to be written.</summary>
    void OnWriting(long frames, long bytes);

    /// <summary>The socket took no more: nothing is written from here on.</summary>
    void OnBroken(Exception broken);
}
