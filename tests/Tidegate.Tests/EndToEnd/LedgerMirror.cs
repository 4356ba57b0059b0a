using System.Globalization;
using System.Text.Json.Nodes;

namespace Tidegate.Tests.EndToEnd;

/// <summary>What a client knows from frames alone: books with their horizons, fills, orders, and the account. Knows contract 2 and no code of the gateway.</summary>
internal sealed class LedgerMirror(string account)
{
    private readonly Dictionary<string, MirroredBook> books = [];
    private int read;

    public Dictionary<string, JsonObject> Orders { get; } = [];

    /// <summary>Fills in the order told, the first state's included.</summary>
    public List<string> Fills { get; } = [];

    public JsonObject? Account { get; private set; }

    public int Doubles { get; private set; }

    public int Crossed => books.Values.Sum(book => book.Crossed);

    public IReadOnlyDictionary<string, MirroredBook> Books => books;

    /// <summary>Takes the client's frames since the last call.</summary>
    public void Follow(DashboardClient client)
    {
        var frames = client.Frames;
        for (; read < frames.Count; read++)
        {
            if (frames[read]["data"] is JsonObject data)
            {
                Take(frames[read], data);
            }
        }
    }

    private void Take(JsonObject frame, JsonObject data)
    {
        var type = (string)frame["type"]!;
        var whole = type is "subscribed" or "snapshot";
        if (!whole && !type.EndsWith("_update", StringComparison.Ordinal))
        {
            return;
        }

        switch ((string?)frame["channel"])
        {
            case "v4_orderbook":
                var id = (string)frame["id"]!;
                books.TryAdd(id, new MirroredBook());
                books[id].Take(frame, data, whole);
                break;
            case "v4_trades" when (string?)frame["id"] == account:
                foreach (var fill in data["trades"]!.AsArray())
                {
                    var fillId = (string)fill!["id"]!;
                    Doubles += Fills.Contains(fillId) ? 1 : 0;
                    Fills.Add(fillId);
                }

                break;
            case "v4_orders":
                foreach (var order in data["orders"]!.AsArray())
                {
                    Orders[(string)order!["id"]!] = order.AsObject();
                }

                break;
            case "v4_subaccounts":
                Account = data["subaccount"]!.AsObject();
                break;
        }
    }
}

/// <summary>One book kept from frames.</summary>
internal sealed class MirroredBook
{
    private readonly SortedDictionary<decimal, decimal> bids = [];
    private readonly SortedDictionary<decimal, decimal> asks = [];
    private decimal? knownBid;
    private decimal? knownAsk;

    public int Crossed { get; private set; }

    public void Take(JsonObject frame, JsonObject data, bool whole)
    {
        if (whole)
        {
            bids.Clear();
            asks.Clear();
        }

        Apply(bids, data["bids"]!.AsArray());
        Apply(asks, data["asks"]!.AsArray());
        if (frame["known_to"] is JsonObject known)
        {
            (knownBid, knownAsk) = (Number((string?)known["bid"]), Number((string?)known["ask"]));
        }

        Crossed += bids.Count > 0 && asks.Count > 0 && bids.Keys.Last() >= asks.Keys.First() ? 1 : 0;
    }

    /// <summary>Known levels a side.</summary>
    public (int Bids, int Asks) Known() => (bids.Keys.Count(IsKnownBid), asks.Keys.Count(IsKnownAsk));

    /// <summary>The differences to the true book inside what is known.</summary>
    public List<string> Compare(JsonObject truth)
    {
        var wrong = new List<string>();
        Compare("bid", bids, truth["bids"]!.AsArray(), IsKnownBid, wrong);
        Compare("ask", asks, truth["asks"]!.AsArray(), IsKnownAsk, wrong);
        return wrong;
    }

    private static void Compare(string side, SortedDictionary<decimal, decimal> ours, JsonArray truth, Func<decimal, bool> known, List<string> wrong)
    {
        var theirs = truth.ToDictionary(level => Number((string?)level!["price"])!.Value, level => Number((string?)level!["size"])!.Value);
        wrong.AddRange(ours.Where(level => known(level.Key) && theirs.GetValueOrDefault(level.Key) != level.Value).Select(level => $"{side} {level.Key}: {level.Value}, true {theirs.GetValueOrDefault(level.Key)}"));
        wrong.AddRange(theirs.Keys.Where(price => known(price) && !ours.ContainsKey(price)).Select(price => $"{side} {price}: missing, true {theirs[price]}"));
    }

    private bool IsKnownBid(decimal price) => knownBid is not { } limit || price >= limit;

    private bool IsKnownAsk(decimal price) => knownAsk is not { } limit || price <= limit;

    private static void Apply(SortedDictionary<decimal, decimal> side, JsonArray levels)
    {
        foreach (var level in levels)
        {
            var price = Number((string?)level![0])!.Value;
            var size = Number((string?)level[1])!.Value;
            if (size == 0)
            {
                side.Remove(price);
            }
            else
            {
                side[price] = size;
            }
        }
    }

    private static decimal? Number(string? text) => text is null ? null : decimal.Parse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
