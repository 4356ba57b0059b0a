namespace Tidegate.Indexer.Feeds;

/// <summary>How a feed learns, worst first.</summary>
public enum FeedMode
{
    /// <summary>Refused for geographic or compliance reasons.</summary>
    Blocked,

    /// <summary>No source at the moment; coming back by itself.</summary>
    Reconnecting,

    /// <summary>Asking REST each round.</summary>
    Polling,

    /// <summary>The Indexer's frames flow.</summary>
    Streaming,
}

/// <summary>By what a change was learned (contract 2, <c>source</c>).</summary>
public enum ChangeSource
{
    /// <summary>A frame of the Indexer, and what follows from it.</summary>
    Stream,

    /// <summary>An event learned from REST or a new snapshot after a hole.</summary>
    Backfill,

    /// <summary>A poll round.</summary>
    Poll,

    /// <summary>A difference found by comparison, or an end that the keeper concluded.</summary>
    Repair,
}

/// <summary>Where a feed stands (contract 2, <c>feed_status</c>).</summary>
/// <param name="Mode">How it learns.</param>
/// <param name="Since">Since when in this mode.</param>
/// <param name="Complete">False while something is known to be missing and still looked for.</param>
/// <param name="Attempt">Failed attempts so far, 0 for none.</param>
/// <param name="NextAttemptAt">When the next attempt to stream is made.</param>
/// <param name="NextPollAt">When the next poll round starts.</param>
/// <param name="Reason">One of the documented reasons.</param>
public sealed record FeedStatus(
    FeedMode Mode,
    DateTimeOffset Since,
    bool Complete = true,
    int Attempt = 0,
    DateTimeOffset? NextAttemptAt = null,
    DateTimeOffset? NextPollAt = null,
    string? Reason = null)
{
    /// <summary>Whether a listener has to be told: mode, reason, completeness or attempt differ.</summary>
    public bool DiffersFrom(FeedStatus other) =>
        (Mode, Complete, Attempt, Reason) != (other.Mode, other.Complete, other.Attempt, other.Reason);
}
