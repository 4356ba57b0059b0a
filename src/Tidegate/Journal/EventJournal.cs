using Microsoft.Data.Sqlite;

namespace Tidegate.Journal;

/// <summary>Where the journal stands.</summary>
internal enum JournalState
{
    /// <summary>Switched off by the settings.</summary>
    Off,

    /// <summary>The file is being read through.</summary>
    Opening,

    /// <summary>Everything handed over is written before it is published.</summary>
    Live,

    /// <summary>Given up for this run: topics go on in new epochs of their own.</summary>
    Lost,

    /// <summary>The gateway ends.</summary>
    Closed,
}

/// <summary>
/// Writes events of accounts to the store before clients get them (contract 2, Epoch). Whatever is handed over while a commit is under way makes
/// the next batch; what a batch held is published by the journal's thread, in order.
/// </summary>
/// <remarks>
/// Handing over is thread-safe and waits for nothing. When a commit fails, or an entry waits longer than 250 ms, the journal is given up for this
/// run: every seat is told, and nothing more is published.
/// </remarks>
internal sealed partial class EventJournal : IAsyncDisposable
{
    /// <summary>How long an entry may wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    // A quarter of a second of a busy gateway is some thousands.
    private const int MostWaiting = 50_000;
    private readonly Lock gate = new();
    private readonly HashSet<JournalSeat> seats = [];
    private readonly SemaphoreSlim wake = new(0);
    private readonly TaskCompletionSource<bool> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider time;
    private readonly ILogger<EventJournal> logger;
    private readonly JournalFolder folder;
    private readonly ITimer watch;
    private readonly ITimer tidy;
    private List<JournalEntry> waiting = [];
    private long oldestAt;
    private bool watching;
    private long watchDueAt;
    private volatile JournalState state;
    private bool started;

    public EventJournal(JournalFolder folder, bool enabled, TimeProvider time, ILogger<EventJournal> logger)
    {
        (this.folder, this.time, this.logger) = (folder, time, logger);
        watch = time.CreateTimer(_ => Watch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        tidy = time.CreateTimer(_ => Wake(), null, enabled ? TidyEvery : Timeout.InfiniteTimeSpan, TidyEvery);
        if (!enabled)
        {
            state = JournalState.Off;
            opened.SetResult(false);
            ended.SetResult();
            return;
        }

        state = JournalState.Opening;
    }

    /// <summary>Starts the thread that reads the file through and then writes, once; nothing was touched before.</summary>
    public void Open()
    {
        if (state == JournalState.Opening)
        {
            new Thread(Run) { IsBackground = true, Name = "journal" }.Start();
            started = true;
        }
    }

    /// <summary>Raised by the journal's thread when a batch was published, and when the journal was given up: time to write out what is due.</summary>
    public event Action? Published;

    /// <summary>Where it stands.</summary>
    public JournalState State => state;

    /// <summary>Why it was given up.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Bytes on the disk.</summary>
    public long Bytes => state is JournalState.Off or JournalState.Lost ? 0 : folder.Reader.Bytes;

    /// <summary>Entries committed so far.</summary>
    public long Entries => Volatile.Read(ref entries);

    /// <summary>Commits made so far.</summary>
    public long Commits => Volatile.Read(ref commits);

    /// <summary>Whether it may be handed anything.</summary>
    public bool IsUsable => state is JournalState.Opening or JournalState.Live;

    /// <summary>What is stored of a topic, everything handed over so far included; null when there is nothing, or no journal.</summary>
    public async Task<TopicPast?> ReadAsync(string channel, string id)
    {
        var settled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!await opened.Task.ConfigureAwait(false) || !Hand(new JournalEntry(EntryKind.Settle, null, 0, [], Settled: settled)) || !await settled.Task.ConfigureAwait(false))
        {
            return null;
        }

        try
        {
            var past = folder.Reader.Read(channel, id, out var damage);
            if (damage is not null)
            {
                JournalLog.Unusable(logger, channel, id, damage);
            }

            return past is not null && past.SeenAt >= time.GetUtcNow() - folder.Limits.MaxAge ? past : null;
        }
        catch (Exception e) when (e is SqliteException or InvalidCastException or FormatException or InvalidOperationException or OverflowException)
        {
            GiveUp("it cannot be read: " + e.Message);
            return null;
        }
    }

    /// <summary>Takes a seat for a topic that goes on from <paramref name="past"/>, or begins.</summary>
    public JournalSeat Take(JournalSeat seat, TopicPast? past)
    {
        if (past is not null)
        {
            seat.Row = past.Row;
            seat.Kept = past.Frames.Sum(frame => frame.Rows);
            seat.SinceState = past.Frames.Where(frame => frame.Seq > past.StateSeq).Sum(frame => frame.Rows);
            seat.StateSeq = past.StateSeq;
            seat.StateAt = past.SeenAt;
            seat.OldestAt = DateTimeOffset.MinValue;
        }

        lock (gate)
        {
            seats.Add(seat);
        }

        return seat;
    }

    /// <summary>Hands over a numbered frame. False when the journal is given up: the seat's epoch has ended.</summary>
    public bool Hand(JournalSeat seat, long seq, byte[] wire, Range body, int rows) => Hand(new JournalEntry(EntryKind.Frame, seat, seq, wire, body, rows));

    /// <summary>Hands over a frame that takes no number and is not kept.</summary>
    public bool Pass(JournalSeat seat, byte[] wire) => Hand(new JournalEntry(EntryKind.Pass, seat, 0, wire));

    /// <summary>Hands over the state as it is with a number.</summary>
    public bool Put(JournalSeat seat, long seq, byte[] state) => Hand(new JournalEntry(EntryKind.State, seat, seq, state));

    /// <summary>Gives the seat back: nothing follows.</summary>
    public void Leave(JournalSeat seat)
    {
        Hand(new JournalEntry(EntryKind.Leave, seat, 0, []));
        lock (gate)
        {
            seats.Remove(seat);
        }
    }

    /// <summary>Writes what was handed over, and closes the file in order.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            state = state is JournalState.Opening or JournalState.Live ? JournalState.Closed : state;
        }

        if (!started)
        {
            ended.TrySetResult();
        }

        Wake();
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(1), time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await watch.DisposeAsync().ConfigureAwait(false);
        await tidy.DisposeAsync().ConfigureAwait(false);
    }

    private bool Hand(JournalEntry entry)
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            if (!IsUsable)
            {
                return false;
            }

            if (waiting.Count < MostWaiting)
            {
                waiting.Add(entry with { At = now });
                if (oldestAt == 0)
                {
                    oldestAt = now;
                    WatchFor(Patience);
                }

                if (waiting.Count == 1)
                {
                    wake.Release();
                }

                return true;
            }
        }

        // Under a feed's gate here: the others are told elsewhere.
        ThreadPool.UnsafeQueueUserWorkItem(_ => GiveUp("too much waits for it"), null);
        return false;
    }

    private void Wake() => wake.Release();
}
