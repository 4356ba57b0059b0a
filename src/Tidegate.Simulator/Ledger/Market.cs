using System.Globalization;

namespace Tidegate.Simulator.Ledger;

/// <summary>One trade on the tape; its id is the id of the event on chain.</summary>
internal sealed record Trade(string Id, Side Side, decimal Price, decimal Size, string Type, DateTimeOffset CreatedAt, long Height);

/// <summary>The rate that moved the funding index at one hour.</summary>
internal sealed record FundingRate(decimal Rate, decimal Price, DateTimeOffset EffectiveAt, long Height);

/// <summary>A perpetual market: its parameters, and all that the exchange knows of it.</summary>
internal sealed class Market
{
    private const int TapeLength = 60_000;
    private decimal? step, tick;

    public required string Ticker { get; init; }
    public required int ClobPairId { get; init; }
    public required int AtomicResolution { get; init; }
    public required int QuantumConversionExponent { get; init; }
    public required long StepBaseQuantums { get; init; }
    public required int SubticksPerTick { get; init; }
    public required decimal InitialMarginFraction { get; init; }
    public required decimal MaintenanceMarginFraction { get; init; }
    public required bool Isolated { get; init; }

    /// <summary>A typical size of an order, in base units.</summary>
    public required decimal TypicalSize { get; init; }

    /// <summary>How many ticks lie between two quotes.</summary>
    public long Grid { get; init; } = 1;

    public decimal StepSize => step ??= Amount.Trim(StepBaseQuantums * PowerOfTen(AtomicResolution));

    public decimal TickSize => tick ??= Amount.Trim(SubticksPerTick * PowerOfTen(QuantumConversionExponent - 6 - AtomicResolution));

    public string Status { get; set; } = "ACTIVE";
    public Book Book { get; set; } = new();
    public List<Trade> Trades { get; } = [];
    public CandleSeries[] Series { get; } = [.. CandleSeries.Resolutions.Select(r => new CandleSeries(r.Name, r.Length))];
    public List<FundingRate> Fundings { get; } = [];
    public decimal[] Sparkline { get; set; } = [];

    /// <summary>The price around which the flow quotes, in ticks.</summary>
    public long MidTicks { get; set; }

    public decimal Mid => MidTicks * TickSize;

    public decimal OraclePrice { get; set; }
    public decimal PriceDayAgo { get; set; }
    public decimal FundingIndex { get; set; }
    public decimal NextFundingRate { get; set; }
    public decimal OpenInterest { get; set; }
    public decimal Volume24H { get; set; }
    public int Trades24H { get; set; }

    public string ClobPair => ClobPairId.ToString(CultureInfo.InvariantCulture);

    /// <summary>The middle of the two touching levels of the uncrossed book.</summary>
    public decimal BookMid()
    {
        var (bids, asks) = Book.NewerShows();
        return bids.Count == 0 || asks.Count == 0 ? Mid : (bids[0].Price + asks[0].Price) / 2;
    }

    /// <summary>Puts a trade on the tape and into the figures of the day, which leave liquidations and the like out.</summary>
    public void Record(Trade trade)
    {
        Trades.Add(trade);
        if (Trades.Count > TapeLength) Trades.RemoveRange(0, TapeLength / 6);
        if (!string.Equals(trade.Type, "LIMIT", StringComparison.Ordinal)) return;
        Volume24H += trade.Size * trade.Price;
        Trades24H++;
    }

    /// <summary>The nearest size that the market's step allows, never below one step.</summary>
    public decimal ToStep(decimal size) => Math.Max(1, decimal.Round(size / StepSize)) * StepSize;

    private static decimal PowerOfTen(int exponent)
    {
        var power = 1m;
        for (var i = 0; i < Math.Abs(exponent); i++) power = exponent > 0 ? power * 10 : power / 10;
        return power;
    }
}
