namespace Tidegate.Simulator.Ledger;

/// <summary>What an order is by its flags on chain.</summary>
internal enum OrderFlags
{
    ShortTerm = 0,
    Conditional = 32,
    LongTerm = 64,
    Twap = 128,
    TwapSuborder = 256,
}

/// <summary>One order as the exchange knows it; what the Indexer shows of it is less.</summary>
/// <remarks>Its id is made of subaccount, client id, market and flags, so it is reused when the client id is.</remarks>
internal sealed record Order
{
    public required string Id { get; init; }
    public required string SubaccountId { get; init; }
    public required int SubaccountNumber { get; init; }
    public required string ClientId { get; init; }
    public required Market Market { get; init; }
    public required Side Side { get; init; }
    public required decimal Size { get; init; }
    public required decimal Price { get; init; }
    public required OrderFlags Flags { get; init; }
    public string Type { get; init; } = "LIMIT";
    public string TimeInForce { get; init; } = "GTT";
    public bool PostOnly { get; init; }
    public bool ReduceOnly { get; init; }
    public long? GoodTilBlock { get; init; }
    public DateTimeOffset? GoodTilBlockTime { get; init; }
    public decimal? TriggerPrice { get; init; }
    public int? Duration { get; init; }
    public int? Interval { get; init; }
    public int? PriceTolerance { get; init; }
    public long PlacedAtHeight { get; init; }

    public string Status { get; set; } = "OPEN";
    public decimal TotalFilled { get; set; }
    public decimal OptimisticFilled { get; set; }
    public string? RemovalReason { get; set; }
    public DateTimeOffset? UpdatedAt { get; set; }
    public long? UpdatedAtHeight { get; set; }
    public long? CreatedAtHeight { get; set; }

    /// <summary>Whether REST has a row: a short-term order gets one with its first fill only.</summary>
    public bool Stored { get; set; }

    /// <summary>Whether the order may still fill, whatever its status says.</summary>
    public bool Live { get; set; } = true;

    public decimal Remaining => Size - TotalFilled;

    public bool Final => Status is "FILLED" or "CANCELED";
}

/// <summary>One fill of one account, and the trade's other half is somebody's else.</summary>
internal sealed record Fill
{
    public required string Id { get; init; }
    public required string EventId { get; init; }
    public required string SubaccountId { get; init; }
    public required int SubaccountNumber { get; init; }
    public required Market Market { get; init; }
    public required Side Side { get; init; }
    public required decimal Size { get; init; }
    public required decimal Price { get; init; }
    public required decimal Fee { get; init; }
    public required string Type { get; init; }
    public required string Liquidity { get; init; }
    public required string TransactionHash { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required long Height { get; init; }
    public string? OrderId { get; init; }
    public decimal PositionSizeBefore { get; init; }
    public decimal EntryPriceBefore { get; init; }
}

/// <summary>A movement of USDC; without a subaccount number a party is a wallet.</summary>
internal sealed record Transfer(
    string Id, string Sender, int? SenderNumber, string Recipient, int? RecipientNumber, decimal Size, string Hash, DateTimeOffset CreatedAt, long Height)
{
    public string TypeFor(string address, Func<int, bool> mine) =>
        SenderNumber is null ? "DEPOSIT"
        : RecipientNumber is null ? "WITHDRAWAL"
        : string.Equals(Sender, address, StringComparison.Ordinal) && mine(SenderNumber.Value) ? "TRANSFER_OUT" : "TRANSFER_IN";
}

/// <summary>A payment of one funding hour to or from one position.</summary>
internal sealed record FundingPayment(int SubaccountNumber, Market Market, decimal Payment, decimal Rate, decimal Price, decimal Size, DateTimeOffset At, long Height);

/// <summary>The worth of a subaccount at one hour.</summary>
internal sealed record PnlTick(decimal Equity, decimal TotalPnl, decimal NetTransfers, DateTimeOffset At, long Height);
