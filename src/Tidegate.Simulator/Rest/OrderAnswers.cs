using System.Text.Json;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Shapes;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Rest;

/// <summary>Answers about orders: a bare array, by good-til descending.</summary>
internal static class OrderAnswers
{
    /// <summary>A short-term order is in a cache until its first fill, and in nothing once it is removed unfilled.</summary>
    public static bool InRest(Order order) => order.Stored || (order.Live && order.Status == "BEST_EFFORT_OPENED");

    /// <summary>What orders are sorted by: blocks and times after one another.</summary>
    public static long GoodTil(Order order) => order.GoodTilBlock ?? order.GoodTilBlockTime?.ToUnixTimeMilliseconds() ?? 0;

    public static void List(Utf8JsonWriter json, IEnumerable<Subaccount> accounts, Query query)
    {
        var limit = query.Limit();
        var ticker = query.Text("ticker");
        var side = query.Text("side");
        var type = query.Text("type");
        var (include, exclude, status) = (query.Texts("includeTypes"), query.Texts("excludeTypes"), query.Texts("status"));
        var (blockUntil, blockAfter) = (query.Height("goodTilBlockBeforeOrAt"), query.Height("goodTilBlockAfter"));
        var (timeUntil, timeAfter) = (query.Time("goodTilBlockTimeBeforeOrAt"), query.Time("goodTilBlockTimeAfter"));
        var found = accounts.SelectMany(a => a.Orders.Values).Where(o => InRest(o)
            && (ticker is null || o.Market.Ticker == ticker)
            && (side is null || o.Side.Text() == side)
            && (type is null || o.Type == type)
            && include?.Contains(o.Type) != false
            && exclude?.Contains(o.Type) != true
            && status?.Contains(o.Status) != false
            && (blockUntil is null || o.GoodTilBlock <= blockUntil)
            && (blockAfter is null || o.GoodTilBlock > blockAfter)
            && (timeUntil is null || o.GoodTilBlockTime <= timeUntil)
            && (timeAfter is null || o.GoodTilBlockTime > timeAfter));
        // Any value of returnLatestOrders, "true" too, sorts ascending (protocol.md 4).
        found = query.Text("returnLatestOrders") is null ? found.OrderByDescending(GoodTil) : found.OrderBy(GoodTil);
        json.WriteStartArray();
        foreach (var order in found.Take(limit)) json.Order(order);
        json.WriteEndArray();
    }

    public static void One(Utf8JsonWriter json, LedgerView view, string id)
    {
        var order = view.Accounts.Select(a => a.Orders.GetValueOrDefault(id)).FirstOrDefault(o => o is not null && InRest(o));
        json.Order(order ?? throw new RestRefusal(404, $"Unable to find order id {id}"));
    }
}
