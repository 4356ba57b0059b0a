namespace Tidegate.Indexer.Feeds;

/// <summary>How a comparison with REST ended.</summary>
public enum CheckResult
{
    /// <summary>Nothing differed.</summary>
    Equal,

    /// <summary>Something differed, and was told as a repair.</summary>
    Repaired,

    /// <summary>REST did not answer, or not usably.</summary>
    Failed,
}
