namespace Tidegate.Indexer.Feeds;

/// <summary>How the chain stands, as the status endpoint names it.</summary>
public enum ChainState
{
    /// <summary>Blocks arrive.</summary>
    Live,

    /// <summary>No block for 30 s, and REST knows none either.</summary>
    Halted,

    /// <summary>Blocks arrive, but old ones.</summary>
    Trailing,
}

/// <summary>The newest block, and how the Indexer's clock differs from ours. Ages use our own time of receipt (cases.md 54).</summary>
/// <remarks>Thread-safe: a few fields under one lock.</remarks>
public sealed class ChainClock(TimeProvider time)
{
    private readonly Lock gate = new();
    private TimeSpan? indexerAhead;

    /// <summary>The highest height heard; never falls.</summary>
    public long Height { get; private set; }

    /// <summary>The time of that block, as the Indexer wrote it.</summary>
    public string? BlockTime { get; private set; }

    /// <summary>When that block's frame or answer was received; null before the first.</summary>
    public DateTimeOffset? ReceivedAt { get; private set; }

    /// <summary>Age of the newest block when it arrived, by the Indexer's clock; null while that clock is unknown.</summary>
    public double? LagMs { get; private set; }

    /// <summary>How the chain stands.</summary>
    public ChainState State { get; set; }

    /// <summary>The reason that a streaming feed shows, null while the chain lives.</summary>
    public string? Reason => State switch
    {
        ChainState.Halted => "chain-halted",
        ChainState.Trailing => "indexer-trailing",
        _ => null,
    };

    /// <summary>Takes a block; false when it is not newer.</summary>
    public bool Advance(long height, string blockTime, DateTimeOffset at)
    {
        lock (gate)
        {
            if (height <= Height)
            {
                return false;
            }

            (Height, BlockTime, ReceivedAt) = (height, blockTime, at);
            if (indexerAhead is { } ahead
                && DateTimeOffset.TryParse(blockTime, System.Globalization.CultureInfo.InvariantCulture, out var written))
            {
                LagMs = Math.Max(0, Math.Round((at + ahead - written).TotalMilliseconds, 1));
            }

            return true;
        }
    }

    /// <summary>Takes the answer of <c>/time</c>, asked and received at these times of ours.</summary>
    public void Synchronise(DateTimeOffset indexerTime, DateTimeOffset asked, DateTimeOffset received)
    {
        lock (gate)
        {
            indexerAhead = indexerTime - (asked + ((received - asked) / 2));
        }
    }

    /// <summary>Whether the Indexer's clock has been asked.</summary>
    public bool KnowsIndexer
    {
        get
        {
            lock (gate)
            {
                return indexerAhead is not null;
            }
        }
    }

    /// <summary>A time of ours by the Indexer's clock, as far as that is known.</summary>
    public DateTimeOffset ByIndexer(DateTimeOffset ours)
    {
        lock (gate)
        {
            return ours + (indexerAhead ?? TimeSpan.Zero);
        }
    }

    /// <summary>How long ago the newest block was received; null before the first.</summary>
    public TimeSpan? Age => ReceivedAt is { } at ? time.GetUtcNow() - at : null;
}
