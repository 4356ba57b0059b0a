using System.Globalization;

namespace Tidegate.Indexer.Rest;

/// <summary>The REST paths that the gateway needs (protocol.md 4).</summary>
public static class IndexerPaths
{
    /// <summary>Statuses of orders that can still change.</summary>
    public const string OpenStatuses = "OPEN,UNTRIGGERED,BEST_EFFORT_OPENED";

    /// <summary><c>/height</c>.</summary>
    public const string Height = "/height";

    /// <summary><c>/time</c>.</summary>
    public const string Time = "/time";

    /// <summary><c>/perpetualMarkets</c>.</summary>
    public const string Markets = "/perpetualMarkets";

    /// <summary>One subaccount.</summary>
    public static string Subaccount(string address, int number) => string.Create(CultureInfo.InvariantCulture, $"/addresses/{address}/subaccountNumber/{number}");

    /// <summary>A parent subaccount with its children.</summary>
    public static string ParentSubaccount(string address, int number) => string.Create(CultureInfo.InvariantCulture, $"/addresses/{address}/parentSubaccountNumber/{number}");

    /// <summary>Orders, newest good-til first; without statuses all of them.</summary>
    public static string Orders(string address, int number, string? statuses, bool parent, int limit = 1000) =>
        string.Create(CultureInfo.InvariantCulture, $"/orders{(parent ? "/parentSubaccountNumber" : "")}?address={address}&{Key(parent)}={number}{(statuses is null ? "" : "&status=" + statuses)}&limit={limit}");

    /// <summary>One order.</summary>
    public static string Order(string id) => "/orders/" + Uri.EscapeDataString(id);

    /// <summary>Fills: without page newest first by height, with one oldest first.</summary>
    public static string Fills(string address, int number, bool parent, int limit = 1000, int? page = null, long? beforeOrAtHeight = null) =>
        string.Create(CultureInfo.InvariantCulture, $"/fills{(parent ? "/parentSubaccountNumber" : "")}?address={address}&{Key(parent)}={number}&limit={limit}") + Cursor(page, beforeOrAtHeight);

    /// <summary>Transfers, newest first.</summary>
    public static string Transfers(string address, int number, bool parent, int limit = 1000, int? page = null, long? beforeOrAtHeight = null) =>
        string.Create(CultureInfo.InvariantCulture, $"/transfers{(parent ? "/parentSubaccountNumber" : "")}?address={address}&{Key(parent)}={number}&limit={limit}") + Cursor(page, beforeOrAtHeight);

    /// <summary>The tape of a market.</summary>
    public static string Trades(string ticker, int limit = 1000, int? page = null, long? beforeOrAtHeight = null) =>
        string.Create(CultureInfo.InvariantCulture, $"/trades/perpetualMarket/{Uri.EscapeDataString(ticker)}?limit={limit}") + Cursor(page, beforeOrAtHeight);

    /// <summary>Candles, newest first.</summary>
    public static string Candles(string ticker, string resolution, int limit = 1000) =>
        string.Create(CultureInfo.InvariantCulture, $"/candles/perpetualMarkets/{Uri.EscapeDataString(ticker)}?resolution={resolution}&limit={limit}");

    /// <summary>A book, at most 100 levels a side.</summary>
    public static string OrderBook(string ticker) => "/orderbooks/perpetualMarket/" + Uri.EscapeDataString(ticker);

    private static string Key(bool parent) => parent ? "parentSubaccountNumber" : "subaccountNumber";

    private static string Cursor(int? page, long? beforeOrAtHeight) =>
        (page is { } p ? string.Create(CultureInfo.InvariantCulture, $"&page={p}") : "")
        + (beforeOrAtHeight is { } h ? string.Create(CultureInfo.InvariantCulture, $"&createdBeforeOrAtHeight={h}") : "");
}
