namespace Tidegate.Indexer.Rest;

/// <summary>An answer of the Indexer's REST API, raw. 4xx other than 403 and 429 are answers too.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body's bytes.</param>
/// <param name="RequestedAt">When the request went out.</param>
/// <param name="ReceivedAt">When the answer was whole.</param>
public sealed record RestAnswer(int Status, byte[] Body, DateTimeOffset RequestedAt, DateTimeOffset ReceivedAt)
{
    /// <summary>Whether the status is 200.</summary>
    public bool IsOk => Status == 200;

    /// <summary>The header of this name, as it came.</summary>
    public string? ContentType { get; init; }

    /// <summary>How long the answer may be told again (<c>Cache-Control: max-age</c>); zero where it may not.</summary>
    public TimeSpan MaxAge { get; init; }
}

/// <summary>Who asks: a lower class waits while a higher one needs the budget.</summary>
public enum RestPriority
{
    /// <summary>Backfill after a gap.</summary>
    Backfill,

    /// <summary>A poll round.</summary>
    Poll,

    /// <summary>A forwarded client request.</summary>
    Forwarded,

    /// <summary>Comparison and audit.</summary>
    Audit,
}

/// <summary>The Indexer could not be asked, or would not answer.</summary>
public class IndexerRestException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the Indexer answered last, where it did answer: for those who pass it on.</summary>
    public RestAnswer? Answer { get; init; }
}

/// <summary>403: refused for geographic or compliance reasons. Permanent: do not hammer (protocol.md 4).</summary>
public sealed class IndexerBlockedException(string reason, string message) : IndexerRestException(message)
{
    /// <summary><c>geo-blocked</c> or <c>compliance-blocked</c>.</summary>
    public string Reason { get; } = reason;
}

/// <summary>429 outlasted the retries, or the budget's queue is too long.</summary>
public sealed class IndexerRateLimitedException(TimeSpan retryAfter) : IndexerRestException($"rate limited; try again in {retryAfter}")
{
    /// <summary>How long to wait.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>Use of one bucket of the server's limits.</summary>
public sealed record BucketUse(string Bucket, int Used, int Limit, DateTimeOffset? ResetsAt);
