using System.Text.Json;
using Tidegate.Indexer.Accounts;
using Tidegate.Indexer.Trades;

namespace Tidegate.Indexer.Feeds;

/// <summary>An account's events go on from what was told before: known ones are not told again, missed ones are looked for.</summary>
public sealed partial class AccountFeed
{
    internal override bool Restore(FeedOutput output, FeedPast past)
    {
        try
        {
            if (output == orderOutput)
            {
                return RestoreOrders(past);
            }

            return output == fills.Output
                ? RestoreEvents(fills, past, "trades", EventRows.Fill)
                : output == transfers.Output && RestoreEvents(transfers, past, "transfers", EventRows.Transfer);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private bool RestoreOrders(FeedPast past)
    {
        var table = new OrderTable();
        foreach (var body in past.Later.Prepend(past.State))
        {
            using var document = JsonDocument.Parse(body);
            if (!JsonSlice.Items(JsonSlice.Member(document.RootElement, "orders")).All(table.Restore))
            {
                return false;
            }
        }

        lock (Gate)
        {
            orders = table;
            orderOutput.Restored();
        }

        return true;
    }

    private bool RestoreEvents(EventStream stream, FeedPast past, string name, Func<JsonElement, int, EventRow?> rowOf)
    {
        var state = Rows([past.State]);
        var earlier = Rows(past.Earlier);
        var later = Rows(past.Later);
        lock (Gate)
        {
            stream.Restore(state, earlier, later, past.Until);
            if (stream == fills)
            {
                // What is missed goes out before the feed is said to stream.
                Hold(true);
            }
        }

        return true;

        List<EventRow> Rows(IEnumerable<ReadOnlyMemory<byte>> bodies)
        {
            var rows = new List<EventRow>();
            foreach (var body in bodies)
            {
                using var document = JsonDocument.Parse(body);
                foreach (var item in JsonSlice.Items(JsonSlice.Member(document.RootElement, name)))
                {
                    if (rowOf(item, (int)JsonSlice.Whole(JsonSlice.Member(item, "subaccountNumber"))) is { } made)
                    {
                        rows.Add(made);
                    }
                }
            }

            return rows;
        }
    }
}
