namespace Tidegate.Indexer.Messages;

/// <summary>The seven channels that the Indexer serves (protocol.md 2).</summary>
public enum Channel
{
    /// <summary><c>v4_subaccounts</c>, id <c>address/n</c>.</summary>
    Subaccounts,

    /// <summary><c>v4_parent_subaccounts</c>, id <c>address/n</c> with n below 128.</summary>
    ParentSubaccounts,

    /// <summary><c>v4_orderbook</c>, id ticker.</summary>
    OrderBook,

    /// <summary><c>v4_trades</c>, id ticker: the public tape.</summary>
    Trades,

    /// <summary><c>v4_candles</c>, id <c>ticker/resolution</c>.</summary>
    Candles,

    /// <summary><c>v4_markets</c>, no id.</summary>
    Markets,

    /// <summary><c>v4_block_height</c>, no id.</summary>
    BlockHeight,
}
