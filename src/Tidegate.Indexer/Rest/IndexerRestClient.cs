using Microsoft.Extensions.Logging;

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
public class IndexerRestException(string message, Exception? inner = null) : Exception(message, inner);

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

/// <summary>
/// The REST side of one Indexer: one shared budget below the server's limits for all users of the process, 429 honoured (Retry-After in
/// milliseconds there), 5xx and network errors retried with back-off, 403 never (protocol.md 4).
/// </summary>
/// <remarks>Thread-safe. Queries are passed byte for byte.</remarks>
public sealed class IndexerRestClient : IDisposable
{
    /// <summary>Makes a client for <paramref name="baseUrl"/>, such as <c>https://indexer.dydx.trade/v4</c>. <paramref name="handler"/> null: an own one that honours the proxy variables.</summary>
    public IndexerRestClient(Uri baseUrl, TimeProvider time, ILogger<IndexerRestClient> logger, HttpMessageHandler? handler = null) => throw new NotImplementedException();

    /// <summary>GETs a path below the base with its query, such as <c>/height</c>.</summary>
    /// <exception cref="IndexerBlockedException">403.</exception>
    /// <exception cref="IndexerRateLimitedException">429 in spite of retries.</exception>
    /// <exception cref="IndexerRestException">Network trouble or 5xx in spite of retries.</exception>
    public Task<RestAnswer> GetAsync(string pathAndQuery, RestPriority priority, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Median of the last 20 round trips, null before the first.</summary>
    public TimeSpan? Latency => throw new NotImplementedException();

    /// <summary>When the last good answer came.</summary>
    public DateTimeOffset? LastGoodAt => throw new NotImplementedException();

    /// <summary>The buckets' use.</summary>
    public IReadOnlyList<BucketUse> Use() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}
