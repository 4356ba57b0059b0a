using Microsoft.Data.Sqlite;

namespace Tidegate.Journal;

/// <summary>The journal's thread: opens the file, then takes all that waits, commits it, publishes it, and tidies up.</summary>
internal sealed partial class EventJournal
{
    private const long CheckpointEvery = 4 << 20;
    private static readonly TimeSpan TidyEvery = TimeSpan.FromMinutes(1);
    private readonly List<JournalSeat> touched = [];
    private List<JournalEntry> batch = [];
    private long entries;
    private long commits;
    private long tidiedAt;
    private int checkpointing;

    private void Run()
    {
        try
        {
            using var store = folder.Open(out var finding);
            JournalLog.Opened(logger, folder.Path, finding);
            tidiedAt = time.GetTimestamp();
            lock (gate)
            {
                state = state == JournalState.Opening ? JournalState.Live : state;
            }

            opened.TrySetResult(IsUsable);
            Work(store);
            if (state == JournalState.Closed)
            {
                folder.Reader.Dispose();
                store.CloseClean();
            }
        }
        catch (Exception e) when (IsTrouble(e))
        {
            GiveUp(e.Message);
        }
        finally
        {
            batch.ForEach(entry => entry.Settled?.TrySetResult(false));
            if (state == JournalState.Lost)
            {
                // Whoever gave it up may not have come to it yet, and can no more once the folder is let go.
                folder.GiveUp();
            }

            folder.Dispose();
            ended.TrySetResult();
        }
    }

    private static bool IsTrouble(Exception e) => e is SqliteException or IOException or UnauthorizedAccessException or JournalDamagedException or InvalidCastException or InvalidOperationException;

    private void Work(JournalStore store)
    {
        while (TakeBatch())
        {
            if (batch.Count > 0)
            {
                Write(store);
                if (state == JournalState.Lost)
                {
                    return;
                }

                Publish();
                batch.Clear();
                lock (gate)
                {
                    oldestAt = waiting.Count > 0 ? waiting[0].At : 0;
                }

                Keep(store);
            }

            Tidy(store);
        }
    }

    /// <summary>Waits for something to do; false when the journal ends and nothing waits.</summary>
    private bool TakeBatch()
    {
        // Released once each time that something waits where nothing did, and to tidy up and to end.
        wake.Wait();
        lock (gate)
        {
            (batch, waiting) = (waiting, batch);
            return batch.Count > 0 || IsUsable;
        }
    }

    private void Write(JournalStore store)
    {
        if (batch.TrueForAll(entry => entry.Kind is EntryKind.Pass or EntryKind.Settle))
        {
            return;
        }

        folder.BeforeCommit?.Invoke();
        var now = time.GetUtcNow();
        store.Begin();
        foreach (var entry in batch)
        {
            switch (entry.Kind)
            {
                case EntryKind.Frame:
                    if (entry.Seat!.Batch.Last == 0)
                    {
                        touched.Add(entry.Seat);
                    }

                    entry.Seat.Batch.Add(entry.Seq, entry.Bytes, entry.Body, entry.Rows);
                    break;
                case EntryKind.State:
                    store.PutState(entry.Seat!, entry.Seq, entry.Bytes, now);
                    break;
                case EntryKind.Leave when entry.Seat!.Row > 0:
                    store.Seen(entry.Seat, now);
                    break;
            }
        }

        foreach (var seat in touched)
        {
            store.Append(seat, seat.Batch, now);
            seat.Batch.Clear();
        }

        store.Commit();
        Volatile.Write(ref commits, commits + 1);
        Volatile.Write(ref entries, entries + batch.Count);
    }

    private void Publish()
    {
        foreach (var entry in batch)
        {
            if (entry.Kind is EntryKind.Frame or EntryKind.Pass)
            {
                entry.Seat!.Publish(entry);
            }

            entry.Settled?.TrySetResult(true);
        }

        Published?.Invoke();
    }

    // After publishing: nobody waits for it.
    private void Keep(JournalStore store)
    {
        var now = time.GetUtcNow();
        foreach (var seat in touched)
        {
            store.Prune(seat, now);
        }

        touched.Clear();
        if (store.Written > CheckpointEvery)
        {
            store.Written = 0;
            Checkpoint();
        }
    }

    private void Tidy(JournalStore store)
    {
        if (time.GetElapsedTime(tidiedAt) < TidyEvery)
        {
            return;
        }

        tidiedAt = time.GetTimestamp();
        List<JournalSeat> followed;
        lock (gate)
        {
            followed = [.. seats];
        }

        // A step takes a fraction of a millisecond; what is handed over meanwhile goes before the next.
        if (store.Tidy(time.GetUtcNow(), followed))
        {
            tidiedAt -= (long)(TidyEvery.TotalSeconds * time.TimestampFrequency);
            Wake();
        }

        if (store.Written > 0)
        {
            store.Written = 0;
            Checkpoint();
        }
    }

    private void Checkpoint()
    {
        if (Interlocked.Exchange(ref checkpointing, 1) == 1)
        {
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                try
                {
                    folder.Reader.Checkpoint();
                }
                catch (Exception e) when (e is SqliteException or InvalidOperationException)
                {
                    JournalLog.NoCheckpoint(logger, e.Message);
                }

                Volatile.Write(ref checkpointing, 0);
            },
            null);
    }
}
