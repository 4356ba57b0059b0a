using System.Text.Json;

namespace Tidegate.Indexer.Messages;

/// <summary>An order.</summary>
public sealed record OrderContents : IndexerContents
{
    /// <summary>The order's id; reused (protocol.md 2).</summary>
    public string? Id { get; init; }

    /// <summary>The subaccount's id.</summary>
    public string? SubaccountId { get; init; }

    /// <summary>The subaccount; REST only.</summary>
    public int? SubaccountNumber { get; init; }

    /// <summary>The client's id.</summary>
    public string? ClientId { get; init; }

    /// <summary>The market's number.</summary>
    public string? ClobPairId { get; init; }

    /// <summary>The market.</summary>
    public string? Ticker { get; init; }

    /// <summary>BUY or SELL.</summary>
    public string? Side { get; init; }

    /// <summary>Size in base units.</summary>
    public string? Size { get; init; }

    /// <summary>Limit price.</summary>
    public string? Price { get; init; }

    /// <summary>LIMIT, MARKET, STOP_LIMIT…</summary>
    public string? Type { get; init; }

    /// <summary>GTT, FOK, IOC.</summary>
    public string? TimeInForce { get; init; }

    /// <summary>Whether it only makes.</summary>
    public bool? PostOnly { get; init; }

    /// <summary>Whether it only reduces.</summary>
    public bool? ReduceOnly { get; init; }

    /// <summary>OPEN, FILLED, CANCELED, BEST_EFFORT_CANCELED…</summary>
    public string? Status { get; init; }

    /// <summary>0 short-term, 32 conditional, 64 long-term, 128 TWAP, 256 TWAP suborder.</summary>
    public string? OrderFlags { get; init; }

    /// <summary>What was filled.</summary>
    public string? TotalFilled { get; init; }

    /// <summary>What was filled off chain.</summary>
    public string? TotalOptimisticFilled { get; init; }

    /// <summary>The last block of a short-term order.</summary>
    public string? GoodTilBlock { get; init; }

    /// <summary>The end of a stateful order.</summary>
    public string? GoodTilBlockTime { get; init; }

    /// <summary>The price that triggers it.</summary>
    public string? TriggerPrice { get; init; }

    /// <summary>Last change.</summary>
    public string? UpdatedAt { get; init; }

    /// <summary>Block of the last change.</summary>
    public string? UpdatedAtHeight { get; init; }

    /// <summary>Why it was removed.</summary>
    public string? RemovalReason { get; init; }

    /// <summary>When it was placed.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>In which block.</summary>
    public string? CreatedAtHeight { get; init; }

    /// <summary>The client's mark.</summary>
    public string? ClientMetadata { get; init; }
}

/// <summary>A fill.</summary>
public sealed record FillContents : IndexerContents
{
    /// <summary>The fill's id.</summary>
    public string? Id { get; init; }

    /// <summary>The subaccount's id.</summary>
    public string? SubaccountId { get; init; }

    /// <summary>The subaccount; REST only.</summary>
    public int? SubaccountNumber { get; init; }

    /// <summary>BUY or SELL.</summary>
    public string? Side { get; init; }

    /// <summary>TAKER or MAKER.</summary>
    public string? Liquidity { get; init; }

    /// <summary>LIMIT, LIQUIDATED, DELEVERAGED…</summary>
    public string? Type { get; init; }

    /// <summary>The market's number.</summary>
    public string? ClobPairId { get; init; }

    /// <summary>The market; REST calls it market.</summary>
    public string? Ticker { get; init; }

    /// <summary>Size.</summary>
    public string? Size { get; init; }

    /// <summary>Price.</summary>
    public string? Price { get; init; }

    /// <summary>Size times price.</summary>
    public string? QuoteAmount { get; init; }

    /// <summary>The event: hex, or a buffer in old frames.</summary>
    public JsonElement? EventId { get; init; }

    /// <summary>The transaction.</summary>
    public string? TransactionHash { get; init; }

    /// <summary>When.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>In which block.</summary>
    public string? CreatedAtHeight { get; init; }

    /// <summary>The order; none where there was no order.</summary>
    public string? OrderId { get; init; }

    /// <summary>The client's mark.</summary>
    public string? ClientMetadata { get; init; }

    /// <summary>The fee, negative for a rebate.</summary>
    public string? Fee { get; init; }
}

/// <summary>A transfer.</summary>
public sealed record TransferContents : IndexerContents
{
    /// <summary>REST's id; none in frames.</summary>
    public string? Id { get; init; }

    /// <summary>Who sent.</summary>
    public TransferPartyContents? Sender { get; init; }

    /// <summary>Who received.</summary>
    public TransferPartyContents? Recipient { get; init; }

    /// <summary>The asset.</summary>
    public string? Symbol { get; init; }

    /// <summary>How much.</summary>
    public string? Size { get; init; }

    /// <summary>TRANSFER_IN, TRANSFER_OUT, DEPOSIT, WITHDRAWAL.</summary>
    public string? Type { get; init; }

    /// <summary>The transaction.</summary>
    public string? TransactionHash { get; init; }

    /// <summary>When.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>In which block.</summary>
    public string? CreatedAtHeight { get; init; }
}

/// <summary>One side of a transfer.</summary>
public sealed record TransferPartyContents : IndexerContents
{
    /// <summary>The address.</summary>
    public string? Address { get; init; }

    /// <summary>The subaccount; none for a wallet.</summary>
    public int? SubaccountNumber { get; init; }
}
