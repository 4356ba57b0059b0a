using System.Globalization;
using System.Text.Json;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Shapes;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Rest;

/// <summary>Which answer belongs to which path below /v4. Called under the exchange's lock.</summary>
internal sealed class RestRoutes(Exchange exchange, Replica replica, TimeProvider time)
{
    /// <summary>Writes the answer of a path; false where there is none.</summary>
    public bool Answer(string[] path, Query query, Utf8JsonWriter json)
    {
        var view = replica.Read();
        switch (path)
        {
            case ["height"]: MarketAnswers.Height(json, view); return true;
            case ["time"]: Time(json); return true;
            case ["perpetualMarkets"]: Markets(query, json); return true;
            case ["orderbooks", "perpetualMarket", var ticker]:
                MarketAnswers.Book(json, view, Find(ticker) ?? throw new RestRefusal(404, $"{ticker} not found in markets of type PERPETUAL"));
                return true;
            case ["trades", "perpetualMarket", var ticker]: MarketAnswers.Trades(json, view, Market(ticker), query.Paging()); return true;
            case ["candles", "perpetualMarkets", var ticker]: Candles(Market(ticker), query, json); return true;
            case ["historicalFunding", var ticker]:
                MarketAnswers.Funding(json, Market(ticker), query.Limit(), query.Time("effectiveBeforeOrAt"), query.Height("effectiveBeforeOrAtHeight"));
                return true;
            case ["sparklines"]: MarketAnswers.Sparklines(json, exchange.Markets); return true;
            case ["compliance", "screen", _]: json.WriteRawValue("""{"restricted":false}"""); return true;
            case ["addresses", var address]: AccountAnswers.Address(json, view, address); return true;
            case ["addresses", var address, "subaccountNumber", var number]: AccountAnswers.Account(json, view, address, Number(number)); return true;
            case ["addresses", var address, "parentSubaccountNumber", var number]: AccountAnswers.Parent(json, view, address, Number(number)); return true;
            case ["orders"]: OrderAnswers.List(json, Own(view, query), query); return true;
            case ["orders", "parentSubaccountNumber"]: OrderAnswers.List(json, Children(view, query), query); return true;
            case ["orders", var id]: OrderAnswers.One(json, view, id); return true;
            case ["fills"]: AccountAnswers.Fills(json, view, Own(view, query), query.Paging(), query, parent: false); return true;
            case ["fills", "parentSubaccount" or "parentSubaccountNumber"]:
                AccountAnswers.Fills(json, view, Children(view, query), query.Paging(cursor: false), query, parent: true);
                return true;
            case ["transfers"]: AccountAnswers.Transfers(json, view, query.Address(), [Known(view, query)], query.Paging(), parent: false); return true;
            case ["transfers", "parentSubaccountNumber"]:
                AccountAnswers.Transfers(json, view, query.Address(), KnownChildren(view, query), query.Paging(), parent: true);
                return true;
            case ["perpetualPositions"]:
                AccountAnswers.Positions(json, Own(view, query).FirstOrDefault(), query.Paging(), query.Texts("status"));
                return true;
            case ["assetPositions"]: AccountAnswers.Assets(json, Known(view, query)); return true;
            case ["historical-pnl"]: AccountAnswers.Pnl(json, "historicalPnl", [Known(view, query)], query.Paging(), query); return true;
            case ["historical-pnl", "parentSubaccountNumber"]: AccountAnswers.Pnl(json, "historicalPnl", KnownChildren(view, query), query.Paging(), query); return true;
            case ["pnl"]: AccountAnswers.Pnl(json, "pnl", [Known(view, query)], query.Paging(), query); return true;
            case ["pnl", "parentSubaccountNumber"]: AccountAnswers.Pnl(json, "pnl", KnownChildren(view, query), query.Paging(), query); return true;
            case ["fundingPayments"]: AccountAnswers.FundingPayments(json, Own(view, query), query.Paging(cursor: false), query); return true;
            case ["fundingPayments", "parentSubaccount"]: AccountAnswers.FundingPayments(json, Children(view, query), query.Paging(cursor: false), query); return true;
            default: return false;
        }
    }

    /// <summary>The caching header of a path.</summary>
    public static string? Cache(string[] path) => path switch
    {
        ["height"] => null,
        ["time"] => "no-cache, no-store, no-transform",
        ["historicalFunding" or "historical-pnl" or "pnl" or "fundingPayments" or "sparklines", ..] => "public, max-age=10",
        _ => "public, max-age=1",
    };

    /// <summary>Whether a path is about an account: those are blocked by place and address.</summary>
    public static bool IsAccount(string[] path) =>
        path is ["addresses" or "orders" or "fills" or "transfers" or "perpetualPositions" or "assetPositions" or "historical-pnl" or "pnl" or "fundingPayments" or "tradeHistory", ..];

    private void Time(Utf8JsonWriter json)
    {
        var now = time.GetUtcNow();
        json.WriteStartObject();
        json.WriteString("iso", Json.Iso(now));
        json.WriteNumber("epoch", now.ToUnixTimeMilliseconds() / 1000m);
        json.WriteEndObject();
    }

    private void Markets(Query query, Utf8JsonWriter json)
    {
        var limit = query.Limit();
        var name = query.Text("ticker") is null ? "market" : "ticker";
        if (query.Text(name) is not { } ticker) json.Markets(exchange.Markets.Take(limit));
        else json.Markets([Find(ticker) ?? throw Unknown(ticker, name, "query")]);
    }

    private static void Candles(Market market, Query query, Utf8JsonWriter json)
    {
        var resolution = query.Text("resolution") ?? "";
        if (!CandleSeries.Resolutions.Any(r => string.Equals(r.Name, resolution, StringComparison.Ordinal)))
        {
            var all = string.Join(',', CandleSeries.Resolutions.Select(r => r.Name));
            throw new RestRefusal(400, $"resolution must be a valid Candle Resolution, one of {all}", "resolution", value: Query.Value(resolution));
        }
        MarketAnswers.Candles(json, market, resolution, query.Limit(), query.Time("fromISO"), query.Time("toISO"));
    }

    private Market? Find(string ticker) => exchange.Markets.FirstOrDefault(m => string.Equals(m.Ticker, ticker, StringComparison.Ordinal));

    private Market Market(string ticker) => Find(ticker) ?? throw Unknown(ticker, "ticker", "params");

    private static RestRefusal Unknown(string ticker, string name, string location) =>
        new(400, "ticker must be a valid ticker (BTC-USD, etc)", name, location, JsonSerializer.SerializeToElement(ticker));

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new RestRefusal(400, "subaccountNumber must be a non-negative integer less than 128001", "subaccountNumber", "params");

    private static IEnumerable<Subaccount> Own(LedgerView view, Query query) => AccountAnswers.One(view, query.Address(), query.Subaccount()) is { } one ? [one] : [];

    private static List<Subaccount> Children(LedgerView view, Query query) => AccountAnswers.Children(view, query.Address(), query.Parent());

    private static Subaccount Known(LedgerView view, Query query) => AccountAnswers.Known(view, query.Address(), query.Subaccount());

    private static List<Subaccount> KnownChildren(LedgerView view, Query query) => Children(view, query) is { Count: > 0 } some
        ? some
        : throw new RestRefusal(404, $"No subaccounts found with address {query.Address()} and parentSubaccountNumber {query.Parent()}");
}
