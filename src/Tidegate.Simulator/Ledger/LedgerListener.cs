namespace Tidegate.Simulator.Ledger;

/// <summary>What changed of one subaccount in one step, as the services behind the Indexer publish it.</summary>
internal sealed class AccountChange
{
    public IReadOnlyList<Position> Positions { get; init; } = [];

    /// <summary>Positions that open in this change: their first frame says entry price 0, until the frame of the fill.</summary>
    public IReadOnlyCollection<Position> EntryUnknown { get; init; } = [];

    /// <summary>Whether the USDC balance is told.</summary>
    public bool Assets { get; init; }

    public IReadOnlyList<OrderShape> Orders { get; init; } = [];
    public IReadOnlyList<Fill> Fills { get; init; } = [];
    public Transfer? Transfer { get; init; }
    public decimal? TradingReward { get; init; }

    /// <summary>The block of the event, or for off-chain news a cached one.</summary>
    public required long Height { get; init; }

    /// <summary>Whether it comes from a block: such frames are lost and delayed with their block.</summary>
    public bool OnChain { get; init; }
}

/// <summary>Which fields of an order a frame carries.</summary>
internal enum OrderFields
{
    /// <summary>All that the database has.</summary>
    Whole,

    /// <summary>A placement off chain: no filled amount, no update stamp.</summary>
    Placement,

    /// <summary>A removal off chain: with the optimistic amount and a reason.</summary>
    Removal,

    /// <summary>A removal of an order that the Indexer never saw.</summary>
    Bare,
}

/// <summary>An order in a frame; the overrides are what a TWAP's frames say of their own.</summary>
internal readonly record struct OrderShape(Order Order, OrderFields Fields, OrderFlags? Flags = null, decimal? Size = null, string? Status = null, string? Type = null);

/// <summary>Hears what the exchange did, in the order in which it did it, under the exchange's lock.</summary>
internal interface ILedgerListener
{
    void LevelChanged(Market market, Side side, decimal price, decimal size);

    void Traded(Market market, IReadOnlyList<Trade> trades);

    void CandleChanged(Market market, CandleSeries series, Candle candle);

    void AccountChanged(Subaccount account, AccountChange change);

    void OraclePriceChanged(Market market, long height);

    /// <summary>The figures of the day that changed since the last time; null where they did not.</summary>
    void FiguresChanged(IReadOnlyList<Market> markets);

    void MarketListed(Market market);

    void BlockCommitted(long height, DateTimeOffset time);

    /// <summary>Called after every event with the exchange's time, so that what is due can go out.</summary>
    void TimePassed(DateTimeOffset now);

    /// <summary>When the listener next wants to be called.</summary>
    DateTimeOffset NextDue { get; }
}
