using System.Globalization;
using System.Text.Json.Nodes;

namespace Tidegate.Tests.EndToEnd;

/// <summary>What a distortion of the upstream makes wrong for a while.</summary>
[Flags]
internal enum Touches
{
    Nothing = 0,
    Books = 1,
    Accounts = 2,
    Everything = Books | Accounts,
}

/// <summary>A client's state beside the ledger's truth of the same moment.</summary>
internal sealed class TruthComparison(JsonObject truth)
{
    // A short-term order that no frame ends is ended by its height, three blocks after it, once REST was asked (protocol.md 2, Order life 3).
    private const long Afterlife = 6;
    private readonly List<(Touches What, string Text)> wrong = [];
    private readonly long height = (long)truth["height"]!;

    public static List<(Touches What, string Text)> Differences(LedgerMirror mirror, JsonObject truth, bool values)
    {
        var comparison = new TruthComparison(truth);
        foreach (var (ticker, book) in mirror.Books)
        {
            comparison.wrong.AddRange(book.Differences(truth["books"]![ticker]!.AsObject()).Select(difference => (Touches.Books, ticker + " " + difference)));
        }

        foreach (var (id, account) in mirror.Accounts)
        {
            comparison.CompareAccount(id, account, values);
        }

        return comparison.wrong;
    }

    private void CompareAccount(string id, MirroredAccount account, bool values)
    {
        var parts = id.Split('/');
        var parent = parts[1] == "parent";
        var own = truth["accounts"]!.AsArray().Select(one => one!.AsObject())
            .Where(one => (string?)one["address"] == parts[0] && (parent ? (int)one["subaccountNumber"]! % 128 == 0 : (string)one["subaccountNumber"]!.ToString() == parts[1])).ToList();
        if (values && parent)
        {
            CompareChildren(id, account.Value!, own);
        }
        else if (values)
        {
            CompareValue(id, account.Value!, own[0]["subaccount"]!.AsObject());
        }

        if (!parent)
        {
            CompareFills(id, account, [.. own[0]["fills"]!.AsArray().Select(fill => (string)fill!["fill"]!["id"]!)]);
            CompareOrders(id, account, own[0]["orders"]!.AsArray());
        }
    }

    private void CompareFills(string id, MirroredAccount account, List<string> truth)
    {
        var first = account.FirstFill is { } known ? truth.IndexOf(known) : truth.Count;
        Add(truth.Skip(first).Where(fill => !account.Fills.Contains(fill)).Select(fill => $"{id} fill {fill} is missing"));
        Add(account.Fills.Except(truth).Select(fill => $"{id} fill {fill} never was"));
    }

    private void CompareOrders(string id, MirroredAccount account, JsonArray truth)
    {
        var theirs = truth.ToDictionary(one => (string)one!["order"]!["id"]!, one => (Live: (bool)one!["live"]!, Order: one["order"]!.AsObject()));
        foreach (var (key, (_, order)) in theirs.Where(one => IsOpen(one.Value.Order)))
        {
            var ours = account.Orders.GetValueOrDefault(key);
            Add(new[] { "status", "totalFilled", "price", "size" }.Where(field => (string?)ours?[field] != (string?)order[field])
                .Select(field => $"{id} order {key} {field} is {ours?[field]}, true {order[field]}"));
        }

        foreach (var (key, ours) in account.Orders.Where(one => IsOpen(one.Value) || (string?)one.Value["status"] == "BEST_EFFORT_OPENED"))
        {
            var end = ours["goodTilBlock"] is { } block ? long.Parse(block.ToString(), CultureInfo.InvariantCulture) + Afterlife : long.MinValue;
            var over = !theirs.TryGetValue(key, out var known) || !(known.Live || IsOpen(known.Order));
            if (over && height > end)
            {
                Add([$"{id} order {key} is {ours["status"]}, true {known.Order?["status"]}"]);
            }
        }
    }

    private void CompareChildren(string id, JsonObject ours, List<JsonObject> truth)
    {
        var children = ours["childSubaccounts"]!.AsArray().ToDictionary(child => (int)child!["subaccountNumber"]!, child => child!.AsObject());
        foreach (var (number, value) in truth.Select(one => ((int)one["subaccountNumber"]!, one["subaccount"]!.AsObject())))
        {
            if (children.TryGetValue(number, out var child))
            {
                CompareValue($"{id} child {number}", child, value);
            }
            else
            {
                Add([$"{id} child {number} is missing"]);
            }
        }

        foreach (var field in new[] { "equity", "freeCollateral" })
        {
            var sum = truth.Sum(one => Number(one["subaccount"]![field]));
            Add(Number(ours[field]) == sum ? [] : [$"{id} {field} {ours[field]}, true {sum}"]);
        }
    }

    private void CompareValue(string who, JsonObject ours, JsonObject truth)
    {
        CompareFields(who, ours, truth, ["equity", "freeCollateral"]);
        var (held, theirs) = (ours["openPerpetualPositions"]!.AsObject(), truth["openPerpetualPositions"]!.AsObject());
        Add(held.Select(one => one.Key).Except(theirs.Select(one => one.Key)).Select(market => $"{who} {market}: a position that is not"));
        Add(theirs.Select(one => one.Key).Except(held.Select(one => one.Key)).Select(market => $"{who} {market}: a position is missing"));
        foreach (var (market, position) in theirs.Where(one => held.ContainsKey(one.Key)))
        {
            CompareFields($"{who} {market}", held[market]!.AsObject(), position!.AsObject(), ["side", "size", "entryPrice", "unrealizedPnl", "sumOpen", "sumClose", "netFunding"]);
        }
    }

    // Digit for digit: the exchange's answer has the same shape.
    private void CompareFields(string who, JsonObject ours, JsonObject truth, string[] fields) =>
        Add(fields.Where(field => (string?)ours[field] != (string?)truth[field]).Select(field => $"{who} {field} {ours[field]}, true {truth[field]}"));

    private void Add(IEnumerable<string> texts) => wrong.AddRange(texts.Select(text => (Touches.Accounts, text)));

    private static bool IsOpen(JsonObject order) => (string?)order["status"] is "OPEN" or "UNTRIGGERED";

    private static decimal Number(JsonNode? text) => decimal.Parse((string)text!, NumberStyles.Float, CultureInfo.InvariantCulture);
}
