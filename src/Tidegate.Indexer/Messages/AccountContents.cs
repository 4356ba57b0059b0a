using System.Text.Json;

namespace Tidegate.Indexer.Messages;

/// <summary>A frame of v4_subaccounts or v4_parent_subaccounts: a snapshot or any part of an update.</summary>
public sealed record SubaccountContents : IndexerContents
{
    /// <summary>The whole account, in a snapshot.</summary>
    public SubaccountValueContents? Subaccount { get; init; }

    /// <summary>Changed positions, in order.</summary>
    public IReadOnlyList<PositionContents>? PerpetualPositions { get; init; }

    /// <summary>Changed assets.</summary>
    public IReadOnlyList<AssetContents>? AssetPositions { get; init; }

    /// <summary>Orders, perhaps with only some fields.</summary>
    public IReadOnlyList<OrderContents>? Orders { get; init; }

    /// <summary>Fills.</summary>
    public IReadOnlyList<FillContents>? Fills { get; init; }

    /// <summary>A transfer: one object.</summary>
    public TransferContents? Transfers { get; init; }

    /// <summary>A trading reward.</summary>
    public JsonElement? TradingReward { get; init; }

    /// <summary>The block, not monotonic.</summary>
    public string? BlockHeight { get; init; }
}

/// <summary>A whole account.</summary>
public sealed record SubaccountValueContents : IndexerContents
{
    /// <summary>The owner.</summary>
    public string? Address { get; init; }

    /// <summary>The subaccount.</summary>
    public int? SubaccountNumber { get; init; }

    /// <summary>The parent, on the parent channel.</summary>
    public int? ParentSubaccountNumber { get; init; }

    /// <summary>Equity; the empty string for a zero account of old deployments.</summary>
    public string? Equity { get; init; }

    /// <summary>Equity minus initial margin.</summary>
    public string? FreeCollateral { get; init; }

    /// <summary>Positions by ticker.</summary>
    public IReadOnlyDictionary<string, PositionContents>? OpenPerpetualPositions { get; init; }

    /// <summary>Assets by symbol.</summary>
    public IReadOnlyDictionary<string, AssetContents>? AssetPositions { get; init; }

    /// <summary>Whether margin is enabled.</summary>
    public bool? MarginEnabled { get; init; }

    /// <summary>Block of the last change.</summary>
    public string? UpdatedAtHeight { get; init; }

    /// <summary>The block that the answer is of.</summary>
    public string? LatestProcessedBlockHeight { get; init; }

    /// <summary>The children, on the parent channel.</summary>
    public IReadOnlyList<SubaccountValueContents>? ChildSubaccounts { get; init; }
}

/// <summary>A perpetual position.</summary>
public sealed record PositionContents : IndexerContents
{
    /// <summary>The owner.</summary>
    public string? Address { get; init; }

    /// <summary>The subaccount.</summary>
    public int? SubaccountNumber { get; init; }

    /// <summary>The position's id; frames only.</summary>
    public string? PositionId { get; init; }

    /// <summary>The ticker.</summary>
    public string? Market { get; init; }

    /// <summary>OPEN, CLOSED, LIQUIDATED.</summary>
    public string? Status { get; init; }

    /// <summary>LONG or SHORT.</summary>
    public string? Side { get; init; }

    /// <summary>Signed size.</summary>
    public string? Size { get; init; }

    /// <summary>Largest size; unreliable for shorts.</summary>
    public string? MaxSize { get; init; }

    /// <summary>Mean entry price.</summary>
    public string? EntryPrice { get; init; }

    /// <summary>Mean exit price.</summary>
    public string? ExitPrice { get; init; }

    /// <summary>Of another meaning in REST and in frames (protocol.md 2).</summary>
    public string? RealizedPnl { get; init; }

    /// <summary>Unrealised profit.</summary>
    public string? UnrealizedPnl { get; init; }

    /// <summary>When it was opened.</summary>
    public string? CreatedAt { get; init; }

    /// <summary>In which block.</summary>
    public string? CreatedAtHeight { get; init; }

    /// <summary>When it was closed.</summary>
    public string? ClosedAt { get; init; }

    /// <summary>All that was opened.</summary>
    public string? SumOpen { get; init; }

    /// <summary>All that was closed.</summary>
    public string? SumClose { get; init; }

    /// <summary>Funding, of another meaning in REST and in frames.</summary>
    public string? NetFunding { get; init; }
}

/// <summary>An asset position.</summary>
public sealed record AssetContents : IndexerContents
{
    /// <summary>The owner.</summary>
    public string? Address { get; init; }

    /// <summary>The subaccount.</summary>
    public int? SubaccountNumber { get; init; }

    /// <summary>The position's id; frames only.</summary>
    public string? PositionId { get; init; }

    /// <summary>The asset's number.</summary>
    public string? AssetId { get; init; }

    /// <summary>The asset's name.</summary>
    public string? Symbol { get; init; }

    /// <summary>LONG or SHORT.</summary>
    public string? Side { get; init; }

    /// <summary>Absolute size.</summary>
    public string? Size { get; init; }
}
