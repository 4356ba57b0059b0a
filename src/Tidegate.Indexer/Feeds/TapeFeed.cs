using System.Buffers;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Trades;

namespace Tidegate.Indexer.Feeds;

/// <summary>One market's public tape: every trade once, in chain order.</summary>
public sealed class TapeFeed : Feed
{
    private const int PageSize = 1000;
    private static readonly TimeSpan FirstAudit = TimeSpan.FromSeconds(10);
    private readonly EventStream trades;
    private readonly List<EventRow> fresh = [];
    private readonly Slab slab = new();

    internal TapeFeed(string ticker, FeedContext context)
        : base(new TopicKey(Channel.Trades, ticker), context)
    {
        var output = new FeedOutput(this, OutputKind.Tape, "v4_trades", ticker, to => trades!.WriteState(to));
        trades = new EventStream(output, "trades", new EventLog(PageSize));
        Outputs = [output];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeedOutput> Outputs { get; }

    private protected override bool TakeSnapshot(ReadOnlySpan<byte> contents, DateTimeOffset at)
    {
        var rows = new List<EventRow>();
        if (!EventRows.ReadTrades(contents, slab, rows))
        {
            return false;
        }

        AuditIn(FirstAudit);
        if (!trades.Output.HasState || Reaches(rows))
        {
            EventsBackfilled += Release(rows, ChangeSource.Backfill, at);
            trades.Output.Complete();
            return true;
        }

        // More was missed than a snapshot holds: page back to the last known height before anything new goes out.
        trades.BeginFill();
        Hold(true);
        BeginLoad();
        return true;
    }

    private protected override bool TakeUpdate(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at)
    {
        if (!EventRows.ReadTrades(contents, slab, fresh))
        {
            return false;
        }

        if (!trades.TakeLive(fresh, at))
        {
            GiveUp(at);
        }

        return true;
    }

    private protected override async Task PollAsync(CancellationToken cancellationToken)
    {
        var (rows, at) = await LoadAsync(RestPriority.Poll, cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            if (WantsPoll)
            {
                Release(rows, ChangeSource.Poll, at);
                trades.Output.Complete();
            }
        }
    }

    private protected override bool Filling => trades.Filling;

    private protected override async Task AuditAsync(CancellationToken cancellationToken)
    {
        var (rows, at) = await LoadAsync(RestPriority.Audit, cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            Repairs += trades.Repair(rows.FindAll(row => IsSettled(row.CreatedAt, at)), at) > 0 ? 1 : 0;
        }
    }

    // Snapshots come newest first, updates in chain order.
    private protected override void WriteContents(IBufferWriter<byte> to) => trades.Log.WriteNewestFirst("trades", to);

    private int Release(List<EventRow> rows, ChangeSource source, DateTimeOffset at)
    {
        var recovered = trades.Release(rows, source, at, MissingSince(source), LossReason);
        GapsRepaired += recovered > 0 ? 1 : 0;
        return recovered;
    }

    private protected override void ReleaseWaiting(DateTimeOffset lostAt, DateTimeOffset at) => trades.GiveUp(lostAt, at, LossReason);

    private protected override async Task LoadOnceAsync(CancellationToken cancellationToken)
    {
        var (rows, at) = await LoadAsync(RestPriority.Backfill, cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            // Else what waits lies behind a hole that these answers do not reach into.
            if (!LostAgain)
            {
                EventsBackfilled += Release(rows, ChangeSource.Backfill, at);
            }
        }
    }

    /// <summary>All trades since the last known height, its whole height included, oldest first.</summary>
    private async Task<(List<EventRow> Rows, DateTimeOffset At)> LoadAsync(RestPriority priority, CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, EventRow>(StringComparer.Ordinal);
        var (kept, page) = (new Slab(), new List<EventRow>());
        long? before = null;
        while (true)
        {
            var path = IndexerPaths.Trades(Key.Id, PageSize, beforeOrAtHeight: before);
            var answer = await Context.Rest.GetAsync(path, priority, cancellationToken).ConfigureAwait(false);
            if (!answer.IsOk)
            {
                throw new IndexerRestException($"the tape answered {answer.Status}");
            }

            EventRows.ReadTrades(answer.Body, kept, page);
            var fresh = page.Count(row => all.TryAdd(row.Id, row));
            var oldest = page.Count == 0 ? 0 : page[0].Height;
            if (page.Count < PageSize || fresh == 0 || ReachesLocked(page) || oldest == before)
            {
                var rows = all.Values.ToList();
                rows.Sort(EventRows.CompareChainOrder);
                return (rows, answer.ReceivedAt);
            }

            before = oldest;
        }
    }

    private bool ReachesLocked(List<EventRow> rows)
    {
        lock (Gate)
        {
            return !trades.Output.HasState || Reaches(rows);
        }
    }

    // Whole only when the page goes below the last known height: inside one height the order of REST is undefined.
    private bool Reaches(List<EventRow> rows) =>
        rows.Count < PageSize || trades.Log.Last is not { } last || rows[0].Height < last.Height || (last.Height == 0 && trades.Log.Knows(rows[0].Id));
}
