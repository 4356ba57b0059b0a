using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tidegate.Indexer.Messages;

/// <summary>What stands in a frame's <c>contents</c>, typed. Amounts are the Indexer's own digits; enums are strings, since they grow.</summary>
/// <remarks>Fields that this library does not know are in <see cref="Other"/>, and written back with the rest.</remarks>
public abstract record IndexerContents
{
    /// <summary>Fields without a property of their own.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>A frame of v4_orderbook: a snapshot or changed levels.</summary>
public sealed record OrderBookContents : IndexerContents
{
    /// <summary>Bids, null when the frame has none.</summary>
    public IReadOnlyList<BookLevelContents>? Bids { get; init; }

    /// <summary>Asks, null when the frame has none.</summary>
    public IReadOnlyList<BookLevelContents>? Asks { get; init; }
}

/// <summary>A level: an object in snapshots, a pair in updates.</summary>
[JsonConverter(typeof(BookLevelConverter))]
public sealed record BookLevelContents(string Price, string Size, bool IsPair);

/// <summary>A frame of v4_trades.</summary>
public sealed record TradesContents : IndexerContents
{
    /// <summary>The trades; newest first in a snapshot.</summary>
    public IReadOnlyList<TradeContents>? Trades { get; init; }
}

/// <summary>A trade of the public tape.</summary>
public sealed record TradeContents : IndexerContents
{
    /// <summary>The event id in 24 hex digits; old deployments sent others.</summary>
    public string? Id { get; init; }

    /// <summary>BUY or SELL.</summary>
    public string? Side { get; init; }

    /// <summary>Size in base units.</summary>
    public string? Size { get; init; }

    /// <summary>Price.</summary>
    public string? Price { get; init; }

    /// <summary>LIMIT, LIQUIDATED, DELEVERAGED, TWAP_SUBORDER…</summary>
    public string? Type { get; init; }

    /// <summary>When.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>In which block.</summary>
    public string? CreatedAtHeight { get; init; }
}

/// <summary>A snapshot of v4_candles.</summary>
public sealed record CandlesContents : IndexerContents
{
    /// <summary>Candles, newest first.</summary>
    public IReadOnlyList<CandleContents>? Candles { get; init; }
}

/// <summary>A candle; an update of v4_candles is one.</summary>
public sealed record CandleContents : IndexerContents
{
    /// <summary>The candle's id, in some versions.</summary>
    public string? Id { get; init; }

    /// <summary>Start of the interval.</summary>
    public string? StartedAt { get; init; }

    /// <summary>The market.</summary>
    public string? Ticker { get; init; }

    /// <summary>1MIN … 1DAY.</summary>
    public string? Resolution { get; init; }

    /// <summary>Lowest price.</summary>
    public string? Low { get; init; }

    /// <summary>Highest price.</summary>
    public string? High { get; init; }

    /// <summary>First price.</summary>
    public string? Open { get; init; }

    /// <summary>Last price.</summary>
    public string? Close { get; init; }

    /// <summary>Volume in base units.</summary>
    public string? BaseTokenVolume { get; init; }

    /// <summary>Volume in USD.</summary>
    public string? UsdVolume { get; init; }

    /// <summary>Number of trades.</summary>
    public long? Trades { get; init; }

    /// <summary>Open interest at the start.</summary>
    public string? StartingOpenInterest { get; init; }

    /// <summary>Mid price at the start.</summary>
    public string? OrderbookMidPriceOpen { get; init; }

    /// <summary>Mid price at the end; a frame that has it closes the candle.</summary>
    public string? OrderbookMidPriceClose { get; init; }
}

/// <summary>A frame of v4_markets: a snapshot (<see cref="Markets"/>) or an update.</summary>
public sealed record MarketsContents : IndexerContents
{
    /// <summary>All markets by ticker, in a snapshot.</summary>
    public IReadOnlyDictionary<string, MarketContents>? Markets { get; init; }

    /// <summary>Changed fields by ticker.</summary>
    public IReadOnlyDictionary<string, MarketContents>? Trading { get; init; }

    /// <summary>Oracle prices by the oracle's pair.</summary>
    public IReadOnlyDictionary<string, OraclePriceContents>? OraclePrices { get; init; }
}

/// <summary>An oracle price.</summary>
public sealed record OraclePriceContents : IndexerContents
{
    /// <summary>The price.</summary>
    public string? OraclePrice { get; init; }

    /// <summary>Since when.</summary>
    public string? EffectiveAt { get; init; }

    /// <summary>Since which block.</summary>
    public string? EffectiveAtHeight { get; init; }

    /// <summary>The oracle's market.</summary>
    public string? MarketId { get; init; }
}

/// <summary>A market, whole or only what changed.</summary>
public sealed record MarketContents : IndexerContents
{
    /// <summary>The market's number on the chain.</summary>
    public string? ClobPairId { get; init; }

    /// <summary>The ticker.</summary>
    public string? Ticker { get; init; }

    /// <summary>ACTIVE, PAUSED…</summary>
    public string? Status { get; init; }

    /// <summary>The oracle's price; null before the first.</summary>
    public string? OraclePrice { get; init; }

    /// <summary>Price change over a day.</summary>
    public string? PriceChange24H { get; init; }

    /// <summary>Volume over a day.</summary>
    public string? Volume24H { get; init; }

    /// <summary>Trades over a day.</summary>
    public long? Trades24H { get; init; }

    /// <summary>The next funding rate.</summary>
    public string? NextFundingRate { get; init; }

    /// <summary>Initial margin as a fraction of the notional.</summary>
    public string? InitialMarginFraction { get; init; }

    /// <summary>Maintenance margin as a fraction of the notional.</summary>
    public string? MaintenanceMarginFraction { get; init; }

    /// <summary>Open interest in base units.</summary>
    public string? OpenInterest { get; init; }

    /// <summary>size = quantums × 10^this.</summary>
    public int? AtomicResolution { get; init; }

    /// <summary>See <see cref="Units.MarketUnits"/>.</summary>
    public int? QuantumConversionExponent { get; init; }

    /// <summary>The step of prices.</summary>
    public string? TickSize { get; init; }

    /// <summary>The step of sizes.</summary>
    public string? StepSize { get; init; }

    /// <summary>The step of sizes in quantums.</summary>
    public long? StepBaseQuantums { get; init; }

    /// <summary>The step of prices in subticks.</summary>
    public long? SubticksPerTick { get; init; }

    /// <summary>CROSS or ISOLATED.</summary>
    public string? MarketType { get; init; }
}

/// <summary>A frame of v4_block_height: <see cref="Height"/> in a snapshot, <see cref="BlockHeight"/> in an update.</summary>
public sealed record BlockHeightContents : IndexerContents
{
    /// <summary>The height in an update.</summary>
    public string? BlockHeight { get; init; }

    /// <summary>The height in a snapshot.</summary>
    public string? Height { get; init; }

    /// <summary>The block's time.</summary>
    public string? Time { get; init; }
}

/// <summary>A refusal: what an error frame tells.</summary>
public sealed record ErrorContents(string Message, string? Channel, string? Id)
{
    /// <summary>Makes one of an error frame's envelope.</summary>
    public static ErrorContents From(in FrameEnvelope frame) => new(
        frame.Message ?? "",
        frame.ChannelName.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(frame.ChannelName),
        frame.Id.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(frame.Id));
}
