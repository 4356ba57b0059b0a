using System.Text.Json;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Shapes;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Rest;

/// <summary>Answers about markets.</summary>
internal static class MarketAnswers
{
    public static void Height(Utf8JsonWriter json, LedgerView view)
    {
        json.WriteStartObject();
        json.Number("height", view.Height);
        json.Time("time", view.BlockTime);
        json.WriteEndObject();
    }

    public static void Book(Utf8JsonWriter json, LedgerView view, Market market)
    {
        var (bids, asks) = view.BookOf(market).Read();
        json.Book(bids, asks);
    }

    public static void Trades(Utf8JsonWriter json, LedgerView view, Market market, Paging paging)
    {
        // Newest last in the ledger: without a page or a cursor the tail is enough, whole heights of it.
        var trades = market.Trades;
        var from = paging is { Page: null, Before: null, BeforeHeight: null } ? Math.Max(0, trades.Count - (2 * paging.Limit)) : 0;
        var all = trades.GetRange(from, trades.Count - from).FindAll(t => t.Height <= view.Height && paging.Covers(t.CreatedAt, t.Height));
        Lists.Events(json, "trades", all, paging, t => t.Id, t => t.Height, t => json.Trade(t, height: true));
    }

    public static void Candles(Utf8JsonWriter json, Market market, string resolution, int limit, DateTimeOffset? from, DateTimeOffset? to)
    {
        var series = market.Series.First(s => string.Equals(s.Resolution, resolution, StringComparison.Ordinal));
        json.WriteStartObject();
        json.WriteStartArray("candles");
        for (var i = series.Candles.Count - 1; i >= 0 && limit > 0; i--)
        {
            var candle = series.Candles[i];
            if (candle.StartedAt < from) break;
            if (candle.StartedAt >= to) continue;
            json.Candle(market.Ticker, resolution, candle);
            limit--;
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Funding(Utf8JsonWriter json, Market market, int limit, DateTimeOffset? before, long? beforeHeight)
    {
        json.WriteStartObject();
        json.WriteStartArray("historicalFunding");
        foreach (var rate in Enumerable.Reverse(market.Fundings).Where(f => (before is null || f.EffectiveAt <= before) && (beforeHeight is null || f.Height <= beforeHeight)).Take(limit))
        {
            json.WriteStartObject();
            json.WriteString("ticker", market.Ticker);
            json.Amount("rate", rate.Rate);
            json.Amount("price", rate.Price);
            json.Number("effectiveAtHeight", rate.Height);
            json.Time("effectiveAt", rate.EffectiveAt);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Sparklines(Utf8JsonWriter json, IEnumerable<Market> markets)
    {
        json.WriteStartObject();
        foreach (var market in markets)
        {
            json.WriteStartArray(market.Ticker);
            foreach (var price in market.Sparkline.Reverse()) json.WriteStringValue(Amount.Text(price));
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
