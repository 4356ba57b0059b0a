using System.Text.Json;
using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Shapes;

/// <summary>Markets, books, trades and candles as REST and frames show them.</summary>
internal static class MarketShapes
{
    public static void Market(this Utf8JsonWriter json, Market market, bool withId = false)
    {
        json.WriteStartObject(market.Ticker);
        if (withId)
        {
            json.WriteString("id", market.ClobPair);
            json.WriteNumber("marketId", market.ClobPairId);
        }
        json.WriteString("clobPairId", market.ClobPair);
        json.WriteString("ticker", market.Ticker);
        json.WriteString("status", market.Status);
        json.Amount("oraclePrice", market.OraclePrice);
        json.Amount("priceChange24H", market.OraclePrice - market.PriceDayAgo);
        json.Amount("volume24H", market.Volume24H);
        json.WriteNumber("trades24H", market.Trades24H);
        json.Amount("nextFundingRate", market.NextFundingRate);
        json.Amount("initialMarginFraction", market.InitialMarginFraction);
        json.Amount("maintenanceMarginFraction", market.MaintenanceMarginFraction);
        json.Amount("openInterest", market.OpenInterest);
        json.WriteNumber("atomicResolution", market.AtomicResolution);
        json.WriteNumber("quantumConversionExponent", market.QuantumConversionExponent);
        json.Amount("tickSize", market.TickSize);
        json.Amount("stepSize", market.StepSize);
        json.WriteNumber("stepBaseQuantums", market.StepBaseQuantums);
        json.WriteNumber("subticksPerTick", market.SubticksPerTick);
        json.WriteString("marketType", market.Isolated ? "ISOLATED" : "CROSS");
        json.Amount("openInterestLowerCap", market.Isolated ? 500_000m : null);
        json.Amount("openInterestUpperCap", market.Isolated ? 1_000_000m : null);
        json.Amount("baseOpenInterest", market.OpenInterest);
        json.Amount("defaultFundingRate1H", market.Isolated ? 0.0000125m : 0m);
        json.WriteEndObject();
    }

    public static void Markets(this Utf8JsonWriter json, IEnumerable<Market> markets)
    {
        json.WriteStartObject();
        json.WriteStartObject("markets");
        foreach (var market in markets) json.Market(market);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void Book(this Utf8JsonWriter json, List<Level> bids, List<Level> asks)
    {
        json.WriteStartObject();
        json.Levels("bids", bids);
        json.Levels("asks", asks);
        json.WriteEndObject();
    }

    public static void Trade(this Utf8JsonWriter json, Trade trade, bool height)
    {
        json.WriteStartObject();
        json.WriteString("id", trade.Id);
        json.WriteString("side", trade.Side.Text());
        json.Amount("size", trade.Size);
        json.Amount("price", trade.Price);
        json.WriteString("type", trade.Type);
        json.Time("createdAt", trade.CreatedAt);
        if (height) json.Number("createdAtHeight", trade.Height);
        json.WriteEndObject();
    }

    public static void Candle(this Utf8JsonWriter json, string ticker, string resolution, Candle candle)
    {
        json.WriteStartObject();
        json.Time("startedAt", candle.StartedAt);
        json.WriteString("ticker", ticker);
        json.WriteString("resolution", resolution);
        json.Amount("low", candle.Low);
        json.Amount("high", candle.High);
        json.Amount("open", candle.Open);
        json.Amount("close", candle.Close);
        json.Amount("baseTokenVolume", candle.BaseVolume);
        json.Amount("usdVolume", candle.UsdVolume);
        json.WriteNumber("trades", candle.Trades);
        json.Amount("startingOpenInterest", candle.StartingOpenInterest);
        if (candle.MidOpen is { } open) json.Amount("orderbookMidPriceOpen", open);
        if (candle.MidClose is { } close) json.Amount("orderbookMidPriceClose", close);
        json.WriteEndObject();
    }

    private static void Levels(this Utf8JsonWriter json, string name, List<Level> levels)
    {
        json.WriteStartArray(name);
        foreach (var level in levels)
        {
            json.WriteStartObject();
            json.Amount("price", level.Price);
            json.Amount("size", level.Size);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
