namespace Tidegate.Simulator.Ledger;

/// <summary>One position of one subaccount, from its opening to its close; a side that flips opens another.</summary>
internal sealed record Position
{
    public required string Id { get; init; }
    public required Market Market { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required long CreatedAtHeight { get; init; }

    /// <summary>Positive when long.</summary>
    public required bool Long { get; init; }

    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>Signed: negative when short, 0 when closed.</summary>
    public decimal Size { get; set; }

    public decimal MaxSize { get; set; }
    public decimal EntryPrice { get; set; }
    public decimal? ExitPrice { get; set; }
    public decimal SumOpen { get; set; }
    public decimal SumClose { get; set; }
    public decimal ClosingPnl { get; set; }
    public decimal Fees { get; set; }
    public decimal SettledFunding { get; set; }
    public decimal FundingIndex { get; set; }

    public bool Open => ClosedAt is null;

    public decimal Notional => Size * Market.OraclePrice;

    /// <summary>Longs pay what the index rose, shorts receive it.</summary>
    public decimal UnsettledFunding => Open ? Amount.Usdc(-Size * (Market.FundingIndex - FundingIndex)) : 0;

    public decimal UnrealizedPnl => Open ? Size * (Market.OraclePrice - EntryPrice) : 0;
}
