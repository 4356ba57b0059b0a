using System.Text.Json;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Rest;
using Tidegate.Simulator.Shapes;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Operator;

/// <summary>The ledger as it is, for comparison: books whole and uncrossed with the newer level shown.</summary>
internal static class Truth
{
    /// <summary>All of it, or only some of books, trades, markets, candles and accounts.</summary>
    public static byte[] Of(Exchange exchange, params ReadOnlySpan<string> parts)
    {
        var some = parts.ToArray();
        lock (exchange.Gate) return Json.Of(json => Write(json, exchange, part => some.Length == 0 || some.Contains(part, StringComparer.Ordinal)));
    }

    private static void Write(Utf8JsonWriter json, Exchange exchange, Func<string, bool> asked)
    {
        json.WriteStartObject();
        json.WriteNumber("height", exchange.Height);
        json.Time("time", exchange.BlockAt);
        json.WriteBoolean("held", exchange.Held);
        json.WriteBoolean("halted", exchange.Halted);
        if (asked("books"))
        {
            Each(json, "books", exchange.Markets, m =>
            {
                var (bids, asks) = m.Book.NewerShows();
                json.Book(bids, asks);
            });
        }
        if (asked("trades")) Each(json, "trades", exchange.Markets, m => List(json, m.Trades, t => json.Trade(t, height: true)));
        if (asked("markets"))
        {
            json.WriteStartObject("markets");
            foreach (var market in exchange.Markets) json.Market(market);
            json.WriteEndObject();
        }
        if (asked("candles")) Candles(json, exchange);
        if (asked("accounts"))
        {
            json.WriteStartArray("accounts");
            foreach (var account in exchange.Accounts.Where(a => a.Born)) Account(json, account, exchange.Height);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Candles(Utf8JsonWriter json, Exchange exchange)
    {
        json.WriteStartObject("candles");
        foreach (var market in exchange.Markets)
        {
            foreach (var series in market.Series)
            {
                json.WritePropertyName($"{market.Ticker}/{series.Resolution}");
                List(json, series.Candles, c => json.Candle(market.Ticker, series.Resolution, c));
            }
        }
        json.WriteEndObject();
    }

    private static void Account(Utf8JsonWriter json, Subaccount account, long height)
    {
        json.WriteStartObject();
        json.WriteString("address", account.Address);
        json.WriteNumber("subaccountNumber", account.Number);
        json.WritePropertyName("subaccount");
        json.Account(account, height);
        json.Amount("settledUsdc", account.Usdc);
        json.WritePropertyName("fills");
        List(json, account.Fills, f =>
        {
            json.WriteStartObject();
            json.WriteString("eventId", f.EventId);
            json.WritePropertyName("fill");
            json.Fill(f);
            json.WriteEndObject();
        });
        json.WritePropertyName("orders");
        List(json, account.Orders.Values, o =>
        {
            json.WriteStartObject();
            json.WriteBoolean("inRest", OrderAnswers.InRest(o));
            json.WriteBoolean("live", o.Live);
            json.WritePropertyName("order");
            json.Order(o);
            json.WriteEndObject();
        });
        json.WritePropertyName("transfers");
        List(json, account.Transfers, t => json.Transfer(t, t.TypeFor(account.Address, n => n == account.Number), id: true));
        json.WriteEndObject();
    }

    private static void Each(Utf8JsonWriter json, string name, IEnumerable<Market> markets, Action<Market> write)
    {
        json.WriteStartObject(name);
        foreach (var market in markets)
        {
            json.WritePropertyName(market.Ticker);
            write(market);
        }
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, IEnumerable<T> rows, Action<T> write)
    {
        json.WriteStartArray();
        foreach (var row in rows) write(row);
        json.WriteEndArray();
    }
}
