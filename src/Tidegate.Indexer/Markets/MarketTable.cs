using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Markets;

/// <summary>What the account maths need to know of a market.</summary>
public sealed record MarketTerms(string Ticker, string? ClobPairId, decimal? OraclePrice, decimal InitialMarginFraction, decimal MaintenanceMarginFraction, int AtomicResolution, int QuantumConversionExponent);

/// <summary>All markets, whole, merged from a snapshot and partial updates (protocol.md 2, v4_markets).</summary>
/// <remarks>
/// Reads of <see cref="TryGet"/> are safe from any thread; all else is serialised by the owner. Fields that this library does not know are kept.
/// A market that a later snapshot leaves out stays: nothing on the wire takes a market away.
/// </remarks>
public sealed class MarketTable
{
    private const string OraclePrice = "oraclePrice";
    private const string OracleEffectiveAt = "oracleEffectiveAt";

    private readonly Dictionary<string, JsonRow> rows = new(StringComparer.Ordinal);
    private readonly List<string> order = [];
    private readonly ConcurrentDictionary<string, MarketTerms> terms = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> byClobPair = new(StringComparer.Ordinal);
    private readonly List<Pending> pending = [];
    private long termsVersion;

    /// <summary>How many markets are known.</summary>
    public int Count => terms.Count;

    /// <summary>Rises with every change of an oracle price or margin fraction.</summary>
    public long TermsVersion => Interlocked.Read(ref termsVersion);

    /// <summary>The terms of a market as last heard.</summary>
    public bool TryGet(string ticker, [NotNullWhen(true)] out MarketTerms? terms) => this.terms.TryGetValue(ticker, out terms);

    /// <summary>The terms of the market with this <c>clobPairId</c>. Safe from any thread.</summary>
    public bool TryGetByClobPair(string clobPairId, [NotNullWhen(true)] out MarketTerms? terms)
    {
        terms = null;
        return byClobPair.TryGetValue(clobPairId, out var ticker) && this.terms.TryGetValue(ticker, out terms);
    }

    /// <summary>Takes <c>{markets:{ticker:{…}}}</c> as the whole; writes the body of changed fields, <c>{"markets":{ticker:{…}}}</c>, and returns whether anything changed. False also when it does not fit; nothing has changed then.</summary>
    public bool ApplySnapshot(JsonElement contents, IBufferWriter<byte> body)
    {
        pending.Clear();
        return contents.ValueKind == JsonValueKind.Object
            && contents.TryGetProperty("markets", out var markets)
            && Collect(markets, isSnapshot: true)
            && Commit(body);
    }

    /// <summary>Takes one update, <c>{trading?:{…},oraclePrices?:{…}}</c>; an oracle change carries <c>oraclePrice</c> and <c>oracleEffectiveAt</c>. As <see cref="ApplySnapshot"/> else.</summary>
    public bool ApplyUpdate(JsonElement contents, IBufferWriter<byte> body)
    {
        pending.Clear();
        if (contents.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (contents.TryGetProperty("trading", out var trading) && trading.ValueKind != JsonValueKind.Null && !Collect(trading, isSnapshot: false))
        {
            return false;
        }

        return (!contents.TryGetProperty("oraclePrices", out var prices) || prices.ValueKind == JsonValueKind.Null || CollectPrices(prices)) && Commit(body);
    }

    /// <summary>Writes <c>{"markets":{…all, whole…}}</c>.</summary>
    public void WriteState(IBufferWriter<byte> to)
    {
        to.Write("{\"markets\":{"u8);
        for (var i = 0; i < order.Count; i++)
        {
            if (i > 0)
            {
                to.Write(","u8);
            }

            to.Write(JsonRow.KeyOf(order[i]));
            rows[order[i]].Write(to);
        }

        to.Write("}}"u8);
    }

    /// <summary>As <see cref="WriteState"/>, with those fields alone that the Indexer's snapshot has too: others came with updates.</summary>
    internal void WriteRest(IBufferWriter<byte> to)
    {
        to.Write("{\"markets\":{"u8);
        for (var i = 0; i < order.Count; i++)
        {
            WriteMarket(order[i], rows[order[i]].Clone(), i == 0, to);
        }

        to.Write("}}"u8);
    }

    /// <summary>Writes a body of changed fields, <c>{"markets":{…}}</c>, as the Indexer's updates tell them: <c>{"trading":{…}}</c>.</summary>
    internal static void WriteDifference(JsonElement body, IBufferWriter<byte> to)
    {
        to.Write("{\"trading\":{"u8);
        var first = true;
        foreach (var market in body.GetProperty("markets").EnumerateObject())
        {
            if (JsonRow.From(market.Value) is { } row)
            {
                WriteMarket(market.Name, row, first, to);
                first = false;
            }
        }

        to.Write("}}"u8);
    }

    private static void WriteMarket(string ticker, JsonRow row, bool first, IBufferWriter<byte> to)
    {
        foreach (var name in (ReadOnlySpan<string>)[OracleEffectiveAt, "id", "marketId"])
        {
            row.Remove(name);
        }

        if (!first)
        {
            to.Write(","u8);
        }

        to.Write(JsonRow.KeyOf(ticker));
        row.Write(to);
    }

    private bool Collect(JsonElement markets, bool isSnapshot)
    {
        if (markets.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        try
        {
            foreach (var market in markets.EnumerateObject())
            {
                if (JsonRow.From(market.Value) is not { } told)
                {
                    return false;
                }

                // A snapshot tells no time of its oracle price: an older one's would be wrong beside another price.
                if (isSnapshot && rows.TryGetValue(market.Name, out var known) && known.Has(OracleEffectiveAt)
                    && told.Raw(OraclePrice) is { IsEmpty: false } price && !price.SequenceEqual(known.Raw(OraclePrice)))
                {
                    told.Set(OracleEffectiveAt, "null"u8.ToArray());
                }

                if (!Stage(market.Name, told))
                {
                    return false;
                }
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        return true;
    }

    private bool CollectPrices(JsonElement prices)
    {
        if (prices.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        try
        {
            foreach (var price in prices.EnumerateObject())
            {
                if (JsonRow.From(price.Value) is not { } told)
                {
                    return false;
                }

                var row = new JsonRow();

                // Old deployments called it price.
                Carry(told, told.Raw(OraclePrice).IsEmpty ? "price" : OraclePrice, row, OraclePrice);
                Carry(told, "effectiveAt", row, OracleEffectiveAt);
                if (!Stage(price.Name, row))
                {
                    return false;
                }
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }

        return true;
    }

    private static void Carry(JsonRow from, string name, JsonRow to, string newName)
    {
        if (from.Raw(name) is { IsEmpty: false } value)
        {
            to.Set(newName, value.ToArray());
        }
    }

    // Nothing is applied before all of a frame fits.
    private bool Stage(string ticker, JsonRow told)
    {
        if (!told.TryNumber(OraclePrice, out _) || !told.TryNumber("initialMarginFraction", out _) || !told.TryNumber("maintenanceMarginFraction", out _))
        {
            return false;
        }

        pending.Add(new Pending(ticker, told));
        return true;
    }

    private bool Commit(IBufferWriter<byte> body)
    {
        var changes = new OrderedDictionary<string, JsonRow>(StringComparer.Ordinal);
        foreach (var (ticker, told) in pending)
        {
            if (told.Fields.Count > 0 && rows.TryAdd(ticker, new JsonRow()))
            {
                order.Add(ticker);
            }

            foreach (var field in told.Fields)
            {
                if (rows[ticker].Set(field.Name, field.Value))
                {
                    changes.TryAdd(ticker, new JsonRow());
                    changes[ticker].Set(field.Name, field.Value);
                }
            }
        }

        pending.Clear();
        if (changes.Count == 0)
        {
            return false;
        }

        body.Write("{\"markets\":{"u8);
        foreach (var (ticker, changed) in changes)
        {
            if (changes.IndexOf(ticker) > 0)
            {
                body.Write(","u8);
            }

            body.Write(JsonRow.KeyOf(ticker));
            changed.Write(body);
            Publish(ticker, rows[ticker]);
        }

        body.Write("}}"u8);
        return true;
    }

    private void Publish(string ticker, JsonRow row)
    {
        row.TryNumber(OraclePrice, out var oracle);
        row.TryNumber("initialMarginFraction", out var initial);
        row.TryNumber("maintenanceMarginFraction", out var maintenance);
        var next = new MarketTerms(
            ticker,
            row.Text("clobPairId"),
            oracle,
            initial ?? 0m,
            maintenance ?? 0m,
            (int)(row.Whole("atomicResolution") ?? 0),
            (int)(row.Whole("quantumConversionExponent") ?? 0));
        if (terms.TryGetValue(ticker, out var before) && before == next)
        {
            return;
        }

        terms[ticker] = next;
        if (next.ClobPairId is { } pair)
        {
            byClobPair[pair] = ticker;
        }

        if (before is null || before.OraclePrice != oracle || before.InitialMarginFraction != next.InitialMarginFraction || before.MaintenanceMarginFraction != next.MaintenanceMarginFraction)
        {
            Interlocked.Increment(ref termsVersion);
        }
    }

    private readonly record struct Pending(string Ticker, JsonRow Told);
}
