namespace Tidegate.Journal;

/// <summary>How long entries may wait for the disk, and what follows when they wait longer.</summary>
internal sealed partial class EventJournal
{
    private static readonly TimeSpan MarkPatience = TimeSpan.FromMilliseconds(50);

    // One timer for whatever waits; it rings at most four times a second, and only while something waits. Under the gate.
    private void WatchFor(TimeSpan wait)
    {
        if (!watching)
        {
            watching = true;
            watchDueAt = time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency);
            watch.Change(wait, Timeout.InfiniteTimeSpan);
        }
    }

    private void Watch()
    {
        lock (gate)
        {
            watching = false;
            if (oldestAt == 0 || !IsUsable)
            {
                return;
            }

            // A timer that rings far too late says that the whole process was held up, not the disk.
            var late = time.GetElapsedTime(watchDueAt) > Patience / 2;
            var left = Patience - time.GetElapsedTime(oldestAt);
            if (late || left > TimeSpan.Zero)
            {
                WatchFor(late ? Patience : left + TimeSpan.FromMilliseconds(1));
                return;
            }
        }

        GiveUp("a commit took longer than 250 ms");
    }

    /// <summary>Ends the journal for this run. Outside all locks.</summary>
    private void GiveUp(string why)
    {
        List<JournalSeat> told;
        List<JournalEntry> dropped;
        lock (gate)
        {
            if (!IsUsable)
            {
                return;
            }

            (state, Trouble) = (JournalState.Lost, why);
            told = [.. seats];
            seats.Clear();
            dropped = waiting;
            (waiting, oldestAt) = ([], 0);
        }

        JournalLog.GivenUp(logger, folder.Path, why);
        Mark();
        opened.TrySetResult(false);
        foreach (var entry in dropped)
        {
            entry.Settled?.TrySetResult(false);
        }

        foreach (var seat in told)
        {
            seat.Lost();
        }

        Published?.Invoke();
        Wake();
    }

    // Before any client can learn of a new epoch: killed in between, the next run would go on in the old one, and give its numbers again. The disk may
    // be what hangs, and must not hold up events: it is waited for a moment only.
    private void Mark()
    {
        var marked = new ManualResetEventSlim();
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                folder.GiveUp();
                marked.Set();
            },
            null);
        marked.Wait(MarkPatience);
    }
}
