namespace Tidegate.Descriptions;

/// <summary>One of the Indexer's REST paths, as the description lists it (protocol.md 4).</summary>
/// <param name="Path">Below the gateway's root, with its parts in braces.</param>
/// <param name="Summary">What it answers.</param>
/// <param name="Query">The parameters that the Indexer takes.</param>
/// <param name="Source">When the gateway answers by itself; null where it always asks the Indexer.</param>
internal sealed record IndexerPath(string Path, string Summary, string[] Query, string? Source = null)
{
    private static readonly string[] Account = ["address", "subaccountNumber"];
    private static readonly string[] Parent = ["address", "parentSubaccountNumber"];
    private static readonly string[] Before = ["limit", "createdBeforeOrAt", "createdBeforeOrAtHeight", "page"];
    private static readonly string[] Since = ["createdOnOrAfter", "createdOnOrAfterHeight"];

    private static readonly string[] OrderFilters =
    [
        "ticker", "side", "type", "includeTypes", "excludeTypes", "status", "goodTilBlockBeforeOrAt", "goodTilBlockAfter",
        "goodTilBlockTimeBeforeOrAt", "goodTilBlockTimeAfter", "limit", "returnLatestOrders",
    ];

    /// <summary>All that are known. Every other path of the Indexer's is passed on as well.</summary>
    public static IReadOnlyList<IndexerPath> All { get; } =
    [
        new("/v4/height", "Height and time of the newest block", [], "From the live state."),
        new("/v4/time", "The Indexer's time", [], "By the Indexer's clock as it was last compared with the gateway's."),
        new("/v4/perpetualMarkets", "Markets", ["ticker", "market", "limit"], "From the live state where no parameter is given."),
        new("/v4/orderbooks/perpetualMarket/{ticker}", "Order book of a market", [], "From the live state while somebody follows the book: never crossed, levels known without a hole."),
        new("/v4/trades/perpetualMarket/{ticker}", "Public trades of a market", Before),
        new("/v4/candles/perpetualMarkets/{ticker}", "Candles of a market", ["resolution", "limit", "fromISO", "toISO"]),
        new("/v4/historicalFunding/{ticker}", "Funding rates of a market", ["effectiveBeforeOrAt", "effectiveBeforeOrAtHeight", "limit"]),
        new("/v4/sparklines", "Closing prices of all markets", ["timePeriod"]),
        new("/v4/addresses/{address}", "All subaccounts of an address", []),
        new("/v4/addresses/{address}/subaccountNumber/{number}", "A subaccount", [], "From the live state while somebody follows it."),
        new("/v4/addresses/{address}/parentSubaccountNumber/{number}", "A parent and its isolated children", [], "From the live state while somebody follows it."),
        new("/v4/orders", "Orders of a subaccount", [.. Account, .. OrderFilters], "From the live state for address, subaccountNumber and open statuses alone, while somebody follows the account."),
        new("/v4/orders/parentSubaccountNumber", "Orders of a parent and its children", [.. Parent, .. OrderFilters]),
        new("/v4/orders/{orderId}", "One order", [], "The merged state of an order of a followed account, also after an outage."),
        new("/v4/fills", "Fills of a subaccount", [.. Account, "market", "marketType", "includeTypes", "excludeTypes", .. Before]),
        new("/v4/fills/parentSubaccountNumber", "Fills of a parent and its children", [.. Parent, "market", "marketType", "includeTypes", "excludeTypes", .. Before]),
        new("/v4/tradeHistory", "Trade history of a subaccount", [.. Account, "limit", "page"]),
        new("/v4/tradeHistory/parentSubaccountNumber", "Trade history of a parent and its children", [.. Parent, "limit", "page"]),
        new("/v4/transfers", "Transfers of a subaccount", [.. Account, .. Before]),
        new("/v4/transfers/parentSubaccountNumber", "Transfers of a parent and its children", [.. Parent, .. Before]),
        new("/v4/transfers/between", "Transfers between two subaccounts", ["sourceAddress", "sourceSubaccountNumber", "recipientAddress", "recipientSubaccountNumber", "createdBeforeOrAt", "createdBeforeOrAtHeight"]),
        new("/v4/perpetualPositions", "Positions of a subaccount", [.. Account, "status", "limit", "createdBeforeOrAt", "createdBeforeOrAtHeight"]),
        new("/v4/perpetualPositions/parentSubaccountNumber", "Positions of a parent and its children", [.. Parent, "status", "limit", "createdBeforeOrAt", "createdBeforeOrAtHeight"]),
        new("/v4/assetPositions", "Assets of a subaccount", Account),
        new("/v4/assetPositions/parentSubaccountNumber", "Assets of a parent and its children", Parent),
        new("/v4/historical-pnl", "Profit and loss of a subaccount over time", [.. Account, .. Before, .. Since]),
        new("/v4/historical-pnl/parentSubaccountNumber", "Profit and loss of a parent over time", [.. Parent, .. Before, .. Since]),
        new("/v4/pnl", "Profit and loss of a subaccount, by hour or day", [.. Account, .. Before, .. Since, "daily"]),
        new("/v4/pnl/parentSubaccountNumber", "Profit and loss of a parent, by hour or day", [.. Parent, .. Before, .. Since, "daily"]),
        new("/v4/fundingPayments", "Funding payments of a subaccount", [.. Account, "ticker", "limit", "page", "showZeroPayments", "createdOnOrAfter"]),
        new("/v4/fundingPayments/parentSubaccount", "Funding payments of a parent and its children", [.. Parent, "ticker", "limit", "page", "showZeroPayments", "createdOnOrAfter"]),
        new("/v4/compliance/screen/{address}", "Whether an address is restricted", []),
    ];
}
