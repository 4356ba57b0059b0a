namespace Tidegate.Operations;

/// <summary>
/// Collects garbage when a burst is over and written out. Left to itself the runtime collects when its budget is full, which is always in the middle of
/// a burst, since nothing is allocated between two: a thousand frames then wait 10 to 70 ms (docs/benchmarks.md).
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class QuietCollection(TimeProvider time)
{
    /// <summary>Bytes allocated since the last collection from which on another is worth its pause, 1 to 3 ms.</summary>
    public const long WorthIt = 4 * 1024 * 1024;

    // Where bursts follow each other without a pause, the runtime's own budget is the better judge.
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(250);
    private readonly Lock gate = new();
    private long collectedAtBytes;
    private long collectedAt = time.GetTimestamp();

    /// <summary>To be called when all that was due is written. Returns whether it collected.</summary>
    public bool AfterBurst()
    {
        if (GC.GetTotalAllocatedBytes(precise: false) - Volatile.Read(ref collectedAtBytes) < WorthIt || !gate.TryEnter())
        {
            return false;
        }

        try
        {
            if (time.GetElapsedTime(collectedAt) < Apart)
            {
                return false;
            }

            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            Volatile.Write(ref collectedAtBytes, GC.GetTotalAllocatedBytes(precise: false));
            collectedAt = time.GetTimestamp();
            return true;
        }
        finally
        {
            gate.Exit();
        }
    }
}
