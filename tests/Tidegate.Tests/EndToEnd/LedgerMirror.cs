using System.Text.Json.Nodes;

namespace Tidegate.Tests.EndToEnd;

/// <summary>What a client knows from frames alone, by topic: books with their horizons, fills, orders, values. Knows contract 2 and no code of the gateway.</summary>
internal sealed class LedgerMirror
{
    private readonly Dictionary<string, MirroredBook> books = [];
    private readonly Dictionary<string, MirroredAccount> accounts = [];

    public IReadOnlyDictionary<string, MirroredBook> Books => books;

    /// <summary>By the id of the orders' and fills' topics: <c>addr/n</c>, <c>addr/parent/n</c>.</summary>
    public IReadOnlyDictionary<string, MirroredAccount> Accounts => accounts;

    /// <summary>Where a new connection goes on, by channel and id.</summary>
    public Dictionary<(string Channel, string Id), (string Epoch, long Seq)> Held { get; } = [];

    /// <summary>What a client knows from all frames that it has kept.</summary>
    public static LedgerMirror Of(DashboardClient client)
    {
        var mirror = new LedgerMirror();
        foreach (var frame in client.Frames)
        {
            mirror.Take(frame, TimeProvider.System.GetUtcNow());
        }

        return mirror;
    }

    public void Take(JsonObject frame, DateTimeOffset at)
    {
        var (type, channel, id) = ((string)frame["type"]!, (string?)frame["channel"] ?? "", (string?)frame["id"] ?? "");
        if (frame["seq"] is not null)
        {
            Held[(channel, id)] = ((string)frame["epoch"]!, (long)frame["seq"]!);
        }

        if (frame["data"] is not JsonObject data || !(type is "subscribed" or "snapshot" || type.EndsWith("_update", StringComparison.Ordinal)))
        {
            return;
        }

        if (channel == "v4_orderbook")
        {
            books.TryAdd(id, new MirroredBook());
            books[id].Take(frame, data, at);
            return;
        }

        // A parent's value has the channel's id, its events the one of the joined topics.
        var account = channel == "v4_parent_subaccounts" ? id.Replace("/", "/parent/", StringComparison.Ordinal) : id;
        accounts.TryAdd(account, new MirroredAccount());
        accounts[account].Take(channel, data, whole: type is "subscribed" or "snapshot");
    }
}

/// <summary>One account's topics kept from frames.</summary>
internal sealed class MirroredAccount
{
    private readonly HashSet<string> fills = [];

    /// <summary>The newest word on each order.</summary>
    public Dictionary<string, JsonObject> Orders { get; } = [];

    /// <summary>Ids of all fills told, the first state's included.</summary>
    public IReadOnlySet<string> Fills => fills;

    /// <summary>The oldest fill of the first state.</summary>
    public string? FirstFill { get; private set; }

    /// <summary>The account's value as last told, a parent's with its children.</summary>
    public JsonObject? Value { get; private set; }

    public List<string> FillsTwice { get; } = [];

    public void Take(string channel, JsonObject data, bool whole)
    {
        switch (channel)
        {
            case "v4_trades":
                foreach (var fill in data["trades"]!.AsArray().Select(one => (string)one!["id"]!))
                {
                    FirstFill ??= fill;
                    if (!fills.Add(fill) && !whole)
                    {
                        FillsTwice.Add(fill);
                    }
                }

                break;
            case "v4_orders":
                if (whole)
                {
                    Orders.Clear(); // what is not in the full state is over
                }

                foreach (var order in data["orders"]!.AsArray())
                {
                    Orders[(string)order!["id"]!] = order.AsObject();
                }

                break;
            case "v4_subaccounts" or "v4_parent_subaccounts":
                Value = data["subaccount"]!.AsObject();
                break;
        }
    }
}
