using System.Text.Json;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Trades;

namespace Tidegate.Indexer.Feeds;

/// <summary>What an account's feed asks of REST: the past of its events, orders that frames leave open, and poll rounds.</summary>
public sealed partial class AccountFeed
{
    private const int PageSize = 1000;

    // The count may hold fills that were left for later: the page is taken from a little before it.
    private const int CountSlack = 100;
    private bool transfersWanted;

    internal override void OnAttached(FeedOutput output)
    {
        lock (Gate)
        {
            if ((output == transfers.Output || output == Contents) && !transfersWanted)
            {
                transfersWanted = true;
                if (value.HasState)
                {
                    BeginFill(afterLoss: false);
                }
            }
        }
    }

    private protected override async Task PollAsync(CancellationToken cancellationToken)
    {
        await AskValueAsync(ChangeSource.Poll, RestPriority.Poll, cancellationToken).ConfigureAwait(false);
        await LoadAsync(ChangeSource.Poll, RestPriority.Poll, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>New events wait from here until the past is whole. Under the gate.</summary>
    private void BeginFill(bool afterLoss)
    {
        fills.BeginFill();
        if (transfersWanted)
        {
            transfers.BeginFill();
        }

        if (afterLoss && fills.Output.HasState)
        {
            Hold(true);
        }

        BeginLoad();
    }

    private protected override Task LoadOnceAsync(CancellationToken cancellationToken) => LoadAsync(ChangeSource.Backfill, RestPriority.Backfill, cancellationToken);

    private protected override void OnLoadGoesOn(bool loaded) => SetComplete(loaded);

    private protected override void ReleaseWaiting(DateTimeOffset lostAt, DateTimeOffset at)
    {
        fills.GiveUp(lostAt, at, LossReason);
        transfers.GiveUp(lostAt, at, LossReason);
    }

    // Events first: orders that frames leave open are asked for one by one, which may take longer than events may wait.
    private async Task LoadAsync(ChangeSource source, RestPriority priority, CancellationToken cancellationToken)
    {
        while (!await LoadEventsAsync(source, priority, cancellationToken).ConfigureAwait(false))
        {
            // once more
        }

        await ReconcileOrdersAsync(source, priority, cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            ordersRead = true;
            orderOutput.Complete();
            CompleteContents();
        }
    }

    /// <summary>False when the account was lost and subscribed again meanwhile: what waits lies behind a hole that the answers do not reach into.</summary>
    private async Task<bool> LoadEventsAsync(ChangeSource source, RestPriority priority, CancellationToken cancellationToken)
    {
        var begun = HolesBegun;
        var (rows, at, count) = await LoadFillsAsync(priority, cancellationToken).ConfigureAwait(false);
        List<EventRow>? moved = transfersWanted ? await LoadTransfersAsync(priority, cancellationToken).ConfigureAwait(false) : null;
        lock (Gate)
        {
            if (source == ChangeSource.Backfill && begun != HolesBegun)
            {
                return false;
            }

            fillCount = count;
            Count(source, fills.Release(rows, source, at, MissingSince(source), LossReason));
            fills.Output.Complete();
            if (moved is not null)
            {
                Count(source, transfers.Release(moved, source, at, MissingSince(source), LossReason));
                transfers.Output.Complete();
            }

            return true;
        }
    }

    private void Count(ChangeSource source, int recovered)
    {
        GapsRepaired += recovered > 0 && LostAt is not null ? 1 : 0;
        EventsBackfilled += source == ChangeSource.Backfill ? recovered : 0;
    }

    /// <summary>
    /// Fills since the known ones, oldest first. With a page REST gives chain order, so the count so far is a cursor (protocol.md 4); at first the
    /// newest thousand. The new count counts only once the rows are taken: of those that are not, the next answer would know nothing.
    /// </summary>
    private async Task<(List<EventRow> Rows, DateTimeOffset At, long Count)> LoadFillsAsync(RestPriority priority, CancellationToken cancellationToken)
    {
        var page = fillCount is { } count
            ? (int)(Math.Max(0, count - CountSlack) / PageSize) + 1
            : Math.Max(1, (int)((await CountFillsAsync(priority, cancellationToken).ConfigureAwait(false) - 1) / PageSize));
        var known = KnownHeight();
        var rows = new List<EventRow>();
        while (true)
        {
            var answer = await Context.Rest.GetAsync(IndexerPaths.Fills(address, number, parent, PageSize, page), priority, cancellationToken).ConfigureAwait(false);
            Check(answer, allowMissing: false);
            using var document = JsonDocument.Parse(answer.Body);
            var items = JsonSlice.Items(JsonSlice.Member(document.RootElement, "fills")).ToList();
            var first = rows.Count == 0;
            foreach (var item in items)
            {
                var own = (int)JsonSlice.Whole(JsonSlice.Member(item, "subaccountNumber"));
                if (EventRows.Fill(item, own >= 0 ? own : number) is { } made)
                {
                    rows.Add(made);
                }
            }

            if (first && page > 1 && rows.Count > 0 && rows[0].Height >= known)
            {
                // A restored past ends before this page: go back until its whole last height is in.
                rows.Clear();
                page--;
                continue;
            }

            if (items.Count < PageSize)
            {
                return (rows, answer.ReceivedAt, ((page - 1L) * PageSize) + items.Count);
            }

            page++;
        }
    }

    private long? fillCount;

    /// <summary>The height that REST has to be read from where no count says it: that of the last fill of a restored past.</summary>
    private long KnownHeight()
    {
        lock (Gate)
        {
            return fillCount is null && fills.Output.HasState ? fills.Log.NewestHeight : long.MaxValue;
        }
    }

    private async Task<long> CountFillsAsync(RestPriority priority, CancellationToken cancellationToken)
    {
        var answer = await Context.Rest.GetAsync(IndexerPaths.Fills(address, number, parent, 1, 1), priority, cancellationToken).ConfigureAwait(false);
        Check(answer, allowMissing: false);
        using var document = JsonDocument.Parse(answer.Body);
        return Math.Max(0, JsonSlice.Whole(JsonSlice.Member(document.RootElement, "totalResults")));
    }

    /// <summary>The newest transfers, oldest first.</summary>
    private async Task<List<EventRow>> LoadTransfersAsync(RestPriority priority, CancellationToken cancellationToken)
    {
        var limit = transfers.Output.HasState ? PageSize : transfers.Log.Keep;
        var answer = await Context.Rest.GetAsync(IndexerPaths.Transfers(address, number, parent, limit), priority, cancellationToken).ConfigureAwait(false);
        Check(answer, allowMissing: true);
        var rows = new List<EventRow>();
        if (answer.IsOk)
        {
            using var document = JsonDocument.Parse(answer.Body);
            foreach (var item in JsonSlice.Items(JsonSlice.Member(document.RootElement, "transfers")).Reverse())
            {
                if (EventRows.Transfer(item, number) is { } made)
                {
                    rows.Add(made);
                }
            }
        }

        return rows;
    }

    private static void Check(RestAnswer answer, bool allowMissing)
    {
        if (!answer.IsOk && !(allowMissing && answer.Status == 404))
        {
            throw new IndexerRestException($"REST answered {answer.Status}");
        }
    }
}
