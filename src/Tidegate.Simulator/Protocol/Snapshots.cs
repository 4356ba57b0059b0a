using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Rest;
using Tidegate.Simulator.Shapes;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Protocol;

/// <summary>What a subscribe is answered with: REST's own answers, an account's put together from reads of two moments.</summary>
internal sealed class Snapshots(Exchange exchange, Replica replica)
{
    public const string Blocked =
        "Because this address appears to be a resident of, or trading from, a jurisdiction that violates our terms of use, or has engaged in activity that violates our terms of use, this address has been blocked.";

    private const int MostOrders = 1000;

    /// <summary>Whether the id is one that the server takes; it need not be one that ever gets an update.</summary>
    public bool IsTopic(string channel, string id) => channel switch
    {
        Channels.Orderbook or Channels.Trades => exchange.Subscribable(id),
        Channels.Candles => id.Split('/') is [var ticker, var resolution] && exchange.Subscribable(ticker) && CandleSeries.Resolutions.Any(r => r.Name == resolution),
        Channels.Subaccounts => Account(id, 128_000) is not null,
        Channels.ParentSubaccounts => Account(id, Subaccount.Parents) is not null,
        _ => true,
    };

    /// <summary>The first read: for an account the subaccount without its orders.</summary>
    public byte[] First(string channel, string id)
    {
        lock (exchange.Gate)
        {
            var view = replica.Read();
            return channel switch
            {
                Channels.Orderbook => Json.Of(json => MarketAnswers.Book(json, view, exchange.MarketOf(id))),
                Channels.Trades => Json.Of(json => MarketAnswers.Trades(json, view, exchange.MarketOf(id), new Paging(1000))),
                Channels.Candles => Json.Of(json => MarketAnswers.Candles(json, exchange.MarketOf(id.Split('/')[0]), id.Split('/')[1], 1000, null, null)),
                Channels.Markets => Json.Of(json => json.Markets(exchange.Markets)),
                Channels.BlockHeight => Json.Of(json => MarketAnswers.Height(json, view)),
                _ => AccountPart(channel, id, view),
            };
        }
    }

    /// <summary>The second read: an account's orders, and the height that the server had before it began.</summary>
    public byte[] Second(string channel, string id, byte[] first)
    {
        if (!Channels.IsAccount(channel) || first.Length <= 2) return first;
        lock (exchange.Gate)
        {
            var view = replica.Read();
            var (address, number) = Account(id, int.MaxValue)!.Value;
            var accounts = Accounts(channel, view, address, number);
            using var part = JsonDocument.Parse(first);
            return Json.Of(json =>
            {
                json.WriteStartObject();
                WriteTo(part.RootElement.GetProperty("subaccount"), json, "subaccount");
                json.WriteStartArray("orders");
                foreach (var order in accounts.SelectMany(a => a.Orders.Values).Where(o => InSnapshot(o, view.Height)).OrderByDescending(OrderAnswers.GoodTil).Take(MostOrders)) json.Order(order);
                json.WriteEndArray();
                WriteTo(part.RootElement.GetProperty("blockHeight"), json, "blockHeight");
                json.WriteEndObject();
            });
        }
    }

    private static void WriteTo(JsonElement value, Utf8JsonWriter json, string name)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(Encoding.UTF8.GetBytes(value.GetRawText()), skipInputValidation: true);
    }

    private static byte[] AccountPart(string channel, string id, LedgerView view)
    {
        var (address, number) = Account(id, int.MaxValue)!.Value;
        var accounts = Accounts(channel, view, address, number);
        if (accounts.Count == 0) return "{}"u8.ToArray();
        return Json.Of(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("subaccount");
            if (channel == Channels.ParentSubaccounts) json.Parent(address, number, accounts, view.Height);
            else json.Account(accounts[0], view.Height);
            json.Number("blockHeight", view.Height);
            json.WriteEndObject();
        });
    }

    private static List<Subaccount> Accounts(string channel, LedgerView view, string address, int number) =>
        channel == Channels.ParentSubaccounts ? AccountAnswers.Children(view, address, number) : AccountAnswers.One(view, address, number) is { } one ? [one] : [];

    private static bool InSnapshot(Order order, long height) => OrderAnswers.InRest(order) && order.Status switch
    {
        "OPEN" or "UNTRIGGERED" or "BEST_EFFORT_OPENED" => true,
        "BEST_EFFORT_CANCELED" => order.GoodTilBlock > height - 20,
        _ => false,
    };

    /// <summary>The parts of an account topic, the number read as JavaScript's Number() reads it; null if the server refuses it.</summary>
    private static (string Address, int Number)? Account(string id, int below)
    {
        if (id.Split('/') is not [{ Length: > 0 } address, var text] || !address.All(char.IsAsciiLetterOrDigit)) return null;
        text = text.Trim();
        if (text.Length == 0) return (address, 0);
        var hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (hex
            ? !int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)
            : !TryInteger(text, out number)) return null;
        return number >= 0 && number < below ? (address, number) : null;
    }

    private static bool TryInteger(string text, out int number)
    {
        number = 0;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || value != decimal.Truncate(value) || Math.Abs(value) > int.MaxValue) return false;
        number = (int)value;
        return true;
    }
}
