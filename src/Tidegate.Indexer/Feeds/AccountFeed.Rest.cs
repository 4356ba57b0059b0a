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
    private bool loading;
    private bool loadAgain;
    private bool transfersWanted;

    internal override void OnAttached(FeedOutput output)
    {
        lock (Gate)
        {
            if (output == transfers.Output && !transfersWanted)
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

        loadAgain = loading;
        if (!loading)
        {
            loading = true;
            _ = Task.Run(FillAsync, CancellationToken.None);
        }
    }

    private async Task FillAsync()
    {
        using var hold = Context.Time.CreateTimer(_ => HoldOver(), null, Context.BackfillHold, Timeout.InfiniteTimeSpan);
        for (var attempt = 1; !Stopping.IsCancellationRequested; attempt++)
        {
            var whole = await ContainAsync(token => LoadAsync(ChangeSource.Backfill, RestPriority.Backfill, token), Stopping).ConfigureAwait(false);
            lock (Gate)
            {
                if (whole && !loadAgain)
                {
                    loading = false;
                    SetComplete(true);
                    Hold(false);
                    break;
                }

                attempt = loadAgain ? 0 : attempt;
                loadAgain = false;
                SetComplete(whole);
            }

            Context.RaiseDrained();
            if (!whole)
            {
                await Pause.AfterFailureAsync(Math.Max(1, attempt), Context.Time, Stopping).ConfigureAwait(false);
            }
        }

        Context.RaiseDrained();
    }

    private void HoldOver()
    {
        lock (Gate)
        {
            if (fills.Filling || transfers.Filling)
            {
                GiveUp(Context.Time.GetUtcNow());
            }
        }

        Context.RaiseDrained();
    }

    private void GiveUp(DateTimeOffset at)
    {
        fills.GiveUp(LostAt ?? at, at, LossReason);
        transfers.GiveUp(LostAt ?? at, at, LossReason);
        SetComplete(false);
        Hold(false);
    }

    private async Task LoadAsync(ChangeSource source, RestPriority priority, CancellationToken cancellationToken)
    {
        var (rows, at) = await LoadFillsAsync(priority, cancellationToken).ConfigureAwait(false);
        await ReconcileOrdersAsync(source, priority, cancellationToken).ConfigureAwait(false);
        List<EventRow>? moved = transfersWanted ? await LoadTransfersAsync(priority, cancellationToken).ConfigureAwait(false) : null;
        lock (Gate)
        {
            orderOutput.Complete();
            Count(source, fills.Release(rows, source, at, MissingSince(source), LossReason));
            fills.Output.Complete();
            if (moved is not null)
            {
                Count(source, transfers.Release(moved, source, at, MissingSince(source), LossReason));
                transfers.Output.Complete();
            }
        }
    }

    private void Count(ChangeSource source, int recovered)
    {
        GapsRepaired += recovered > 0 && LostAt is not null ? 1 : 0;
        EventsBackfilled += source == ChangeSource.Backfill ? recovered : 0;
    }

    /// <summary>
    /// Fills since the known ones, oldest first. With a page REST gives chain order, so the count so far is a cursor (protocol.md 4); at first the
    /// newest thousand.
    /// </summary>
    private async Task<(List<EventRow> Rows, DateTimeOffset At)> LoadFillsAsync(RestPriority priority, CancellationToken cancellationToken)
    {
        var page = fillCount is { } known
            ? (int)(Math.Max(0, known - CountSlack) / PageSize) + 1
            : Math.Max(1, (int)((await CountFillsAsync(priority, cancellationToken).ConfigureAwait(false) - 1) / PageSize));
        var rows = new List<EventRow>();
        while (true)
        {
            var answer = await Context.Rest.GetAsync(IndexerPaths.Fills(address, number, parent, PageSize, page), priority, cancellationToken).ConfigureAwait(false);
            Check(answer, allowMissing: false);
            using var document = JsonDocument.Parse(answer.Body);
            var items = JsonSlice.Items(JsonSlice.Member(document.RootElement, "fills")).ToList();
            foreach (var item in items)
            {
                var own = (int)JsonSlice.Whole(JsonSlice.Member(item, "subaccountNumber"));
                if (EventRows.Fill(item, own >= 0 ? own : number) is { } made)
                {
                    rows.Add(made);
                }
            }

            if (items.Count < PageSize)
            {
                fillCount = ((page - 1L) * PageSize) + items.Count;
                return (rows, answer.ReceivedAt);
            }

            page++;
        }
    }

    private long? fillCount;

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
