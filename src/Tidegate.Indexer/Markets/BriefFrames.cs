using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Markets;

/// <summary>The simplified frames of the original brief (protocol.md 6): <c>v4_orders</c> as a channel, sizes and prices in the chain's integers.</summary>
/// <remarks>Only fields named <c>quantums</c> and <c>subticks</c> are converted; without a market they pass as they are. Nothing is invented.</remarks>
public static class BriefFrames
{
    /// <summary>The brief's channel of orders, which the real Indexer does not have.</summary>
    public const string OrdersChannel = "v4_orders";

    /// <summary>
    /// Reads <c>contents.orders</c>; each order as a row in human units: <c>quantums</c> becomes <c>size</c>, <c>subticks</c> becomes
    /// <c>price</c>. Null when the contents do not fit.
    /// </summary>
    /// <param name="contents">The frame's contents.</param>
    /// <param name="markets">The markets to convert with.</param>
    /// <param name="tickerOf">The ticker of an order id that is already known; may be null.</param>
    public static IReadOnlyList<byte[]>? Orders(JsonElement contents, MarketTable markets, Func<string, string?>? tickerOf = null)
    {
        if (contents.ValueKind != JsonValueKind.Object || !contents.TryGetProperty("orders", out var orders) || orders.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var rows = new List<byte[]>();
        foreach (var order in orders.EnumerateArray())
        {
            if (JsonRow.From(order) is not { } row)
            {
                return null;
            }

            if (Find(row, markets, tickerOf) is { } terms)
            {
                var units = new MarketUnits(terms.AtomicResolution, terms.QuantumConversionExponent);
                Replace(row, "quantums", "size", units.TrySize);
                Replace(row, "subticks", "price", units.TryPrice);
            }

            rows.Add(row.ToBytes());
        }

        return rows;
    }

    /// <summary>Reads <c>contents.subaccount{equity,freeCollateral,marginUsed}</c>, whole numbers of quote quantums; null when it is not of that shape.</summary>
    public static BriefSubaccount? Subaccount(JsonElement contents)
    {
        if (contents.ValueKind != JsonValueKind.Object || !contents.TryGetProperty("subaccount", out var subaccount) || JsonRow.From(subaccount) is not { } row)
        {
            return null;
        }

        return Usdc(row, "equity", out var equity) & Usdc(row, "freeCollateral", out var free) & Usdc(row, "marginUsed", out var used)
            ? new BriefSubaccount(equity, free, used)
            : null;
    }

    private static MarketTerms? Find(JsonRow row, MarketTable markets, Func<string, string?>? tickerOf)
    {
        var ticker = row.Text("ticker") ?? (row.Text("id") is { } id ? tickerOf?.Invoke(id) : null);
        if (ticker is not null && markets.TryGet(ticker, out var terms))
        {
            return terms;
        }

        return row.Text("clobPairId") is { } pair && markets.TryGetByClobPair(pair, out terms) ? terms : null;
    }

    private delegate bool Conversion(BigInteger whole, out decimal value);

    private static void Replace(JsonRow row, string name, string newName, Conversion convert)
    {
        if (!row.Has(newName) && Whole(row, name) is { } whole && convert(whole, out var value))
        {
            row.Remove(name);
            row.Set(newName, Encoding.ASCII.GetBytes($"\"{DecimalText.ToText(value)}\""));
        }
    }

    private static BigInteger? Whole(JsonRow row, string name) =>
        BigInteger.TryParse(row.Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;

    private static bool Usdc(JsonRow row, string name, out decimal? usdc)
    {
        usdc = null;
        if (!row.Has(name))
        {
            return true;
        }

        var fits = Whole(row, name) is { } whole && MarketUnits.TryUsdc(whole, out var value) ? value : (decimal?)null;
        usdc = fits;
        return fits is not null;
    }
}

/// <summary>The brief's account, in USDC; null where the frame does not tell.</summary>
public sealed record BriefSubaccount(decimal? Equity, decimal? FreeCollateral, decimal? MarginUsed);
