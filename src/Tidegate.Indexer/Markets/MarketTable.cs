using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Tidegate.Indexer.Markets;

/// <summary>What the account maths need to know of a market.</summary>
public sealed record MarketTerms(string Ticker, string? ClobPairId, decimal? OraclePrice, decimal InitialMarginFraction, decimal MaintenanceMarginFraction, int AtomicResolution, int QuantumConversionExponent);

/// <summary>All markets, whole, merged from a snapshot and partial updates (protocol.md 2, v4_markets).</summary>
/// <remarks>Reads of <see cref="TryGet"/> are safe from any thread; all else is serialised by the owner.</remarks>
public sealed class MarketTable
{
    /// <summary>How many markets are known.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Rises with every change of an oracle price or margin fraction.</summary>
    public long TermsVersion => throw new NotImplementedException();

    /// <summary>The terms of a market as last heard.</summary>
    public bool TryGet(string ticker, [NotNullWhen(true)] out MarketTerms? terms) => throw new NotImplementedException();

    /// <summary>Takes <c>{markets:{ticker:{…}}}</c> as the whole; writes the body of changed fields, <c>{"markets":{ticker:{…}}}</c>, and returns whether anything changed. False also when it does not fit; nothing has changed then.</summary>
    public bool ApplySnapshot(JsonElement contents, IBufferWriter<byte> body) => throw new NotImplementedException();

    /// <summary>Takes one update, <c>{trading?:{…},oraclePrices?:{…}}</c>; an oracle change carries <c>oraclePrice</c> and <c>oracleEffectiveAt</c>. As <see cref="ApplySnapshot"/> else.</summary>
    public bool ApplyUpdate(JsonElement contents, IBufferWriter<byte> body) => throw new NotImplementedException();

    /// <summary>Writes <c>{"markets":{…all, whole…}}</c>.</summary>
    public void WriteState(IBufferWriter<byte> to) => throw new NotImplementedException();
}
