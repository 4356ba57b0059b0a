using System.Buffers;
using System.Text.Json;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Feeds;

/// <summary>Orders that frames leave open: reconciled with REST, and ended by height where no frame does it (protocol.md 2, Order life).</summary>
public sealed partial class AccountFeed
{
    private int expiring;

    /// <summary>The account's address.</summary>
    public string Address => address;

    /// <summary>Writes an order as merged from all that was heard of it; false when it is unknown here, or the account is not whole at the moment.</summary>
    public bool TryWriteOrder(string id, IBufferWriter<byte> to)
    {
        lock (Gate)
        {
            return Status is { Mode: FeedMode.Streaming, Complete: true } && orders.TryWrite(id, to);
        }
    }

    /// <summary>Reads the orders by their open statuses and without; asks one by one for what both leave open.</summary>
    private async Task ReconcileOrdersAsync(ChangeSource source, RestPriority priority, CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var statuses in new[] { IndexerPaths.OpenStatuses, null })
        {
            var limit = statuses is null && orderOutput.HasState ? 100 : PageSize;
            var answer = await Context.Rest.GetAsync(IndexerPaths.Orders(address, number, statuses, parent, limit), priority, cancellationToken).ConfigureAwait(false);
            Check(answer, allowMissing: true);
            if (answer.IsOk)
            {
                using var document = JsonDocument.Parse(answer.Body);
                foreach (var item in JsonSlice.Items(document.RootElement))
                {
                    if (JsonSlice.Member(item, "id") is { ValueKind: JsonValueKind.String } id)
                    {
                        seen.Add(id.GetString()!);
                    }
                }

                lock (Gate)
                {
                    TakeOrders(OldestFirst(JsonSlice.Items(document.RootElement)), number, source, answer.ReceivedAt);
                }
            }
        }

        List<string> open;
        lock (Gate)
        {
            open = orders.Live().Where(id => !seen.Contains(id)).ToList();
        }

        foreach (var id in open)
        {
            await AskOrderAsync(id, source, priority, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes REST's word for one order; one that REST does not know and whose time is over is ended here.</summary>
    private async Task AskOrderAsync(string id, ChangeSource source, RestPriority priority, CancellationToken cancellationToken)
    {
        var answer = await Context.Rest.GetAsync(IndexerPaths.Order(id), priority, cancellationToken).ConfigureAwait(false);
        Check(answer, allowMissing: true);
        lock (Gate)
        {
            if (answer.IsOk)
            {
                using var document = JsonDocument.Parse(answer.Body);
                TakeOrders([document.RootElement], number, source, answer.ReceivedAt);
            }
            else if (orders.Expired(Context.Chain.Height).Any(expired => expired.Id == id))
            {
                Conclude(id, answer.ReceivedAt);
            }
        }
    }

    private void Conclude(string id, DateTimeOffset at)
    {
        row.ResetWrittenCount();
        if (orders.Conclude(id, row))
        {
            Body.ResetWrittenCount();
            Body.Write("{\"orders\":["u8);
            AppendRow(0);
            TellOrders(1, ChangeSource.Repair, at);
        }
    }

    // No frame ends some short-term orders (protocol.md 2, Order life 3): ended by height, an OPEN one only after REST was asked.
    private void OnHeightRose(long height)
    {
        List<string> toAsk;
        lock (Gate)
        {
            var expired = orders.Expired(height);
            foreach (var (id, _) in expired.Where(order => order.Status != "OPEN"))
            {
                Conclude(id, Context.Time.GetUtcNow());
            }

            toAsk = expired.Where(order => order.Status == "OPEN").Select(order => order.Id).ToList();
        }

        if (toAsk.Count > 0 && Interlocked.Exchange(ref expiring, 1) == 0)
        {
            _ = AskExpiredAsync(toAsk);
        }
    }

    private async Task AskExpiredAsync(List<string> ids)
    {
        foreach (var id in ids)
        {
            await ContainAsync(
                async token =>
                {
                    await AskOrderAsync(id, ChangeSource.Repair, RestPriority.Audit, token).ConfigureAwait(false);
                    lock (Gate)
                    {
                        Conclude(id, Context.Time.GetUtcNow());
                    }
                },
                Stopping).ConfigureAwait(false);
        }

        Volatile.Write(ref expiring, 0);
        Context.RaiseDrained();
    }
}
