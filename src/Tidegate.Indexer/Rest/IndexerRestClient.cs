using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Tidegate.Indexer.Rest;

/// <summary>
/// The REST side of one Indexer: one shared budget below the server's limits for all users of the process, 429 honoured (Retry-After in
/// milliseconds there), 5xx and network errors retried with back-off, 403 never (protocol.md 4). Of several addresses the first that answers is asked;
/// one that fails in spite of retries is left alone for 30 s, then tried by one request. A refusal or a limit is never passed on to another address.
/// </summary>
/// <remarks>Thread-safe. Queries are passed byte for byte.</remarks>
public sealed class IndexerRestClient : IDisposable
{
    private const int Attempts = 3;
    private const int LatencySamples = 20;

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestForwardedWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WaitWithoutRetryAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly HttpClient http;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly RestAddress[] addresses;
    private readonly ResiliencePipeline<RestAnswer> pipeline;
    private readonly Queue<TimeSpan> latencies = new();
    private long lastGoodTicks;

    /// <summary>Makes a client for <paramref name="baseUrl"/>, such as <c>https://indexer.dydx.trade/v4</c>.</summary>
    public IndexerRestClient(Uri baseUrl, TimeProvider time, ILogger<IndexerRestClient> logger)
        : this([baseUrl], time, logger, null)
    {
    }

    /// <summary>As the other one, over a handler of the caller's.</summary>
    public IndexerRestClient(Uri baseUrl, TimeProvider time, ILogger<IndexerRestClient> logger, HttpMessageHandler handler)
        : this([baseUrl], time, logger, handler)
    {
    }

    /// <summary>Makes a client for several addresses of one Indexer, the preferred one first. <paramref name="handler"/> null: an own one that honours the proxy variables.</summary>
    public IndexerRestClient(IReadOnlyList<Uri> baseUrls, TimeProvider time, ILogger<IndexerRestClient> logger, HttpMessageHandler? handler)
    {
        ArgumentOutOfRangeException.ThrowIfZero(baseUrls.Count);
        (this.time, this.logger) = (time, logger);
        addresses = [.. baseUrls.Select(url => new RestAddress(url, time))];
        http = new HttpClient(handler ?? OwnHandler(), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("Tidegate");
        pipeline = new ResiliencePipelineBuilder<RestAnswer> { TimeProvider = time }.AddRetry(RetryRules()).Build();
    }

    /// <summary>Median of the last 20 round trips, null before the first.</summary>
    public TimeSpan? Latency
    {
        get
        {
            lock (latencies)
            {
                return latencies.Count == 0 ? null : latencies.Order().ElementAt(latencies.Count / 2);
            }
        }
    }

    /// <summary>When the last good answer came.</summary>
    public DateTimeOffset? LastGoodAt =>
        Interlocked.Read(ref lastGoodTicks) is var ticks and not 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>GETs a path below the base with its query, such as <c>/height</c>.</summary>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or holds what a request line cannot.</exception>
    /// <exception cref="IndexerBlockedException">403.</exception>
    /// <exception cref="IndexerRateLimitedException">429 in spite of retries, or a forwarded request would wait over 2 s for the budget.</exception>
    /// <exception cref="IndexerRestException">Network trouble or 5xx in spite of retries.</exception>
    public async Task<RestAnswer> GetAsync(string pathAndQuery, RestPriority priority, CancellationToken cancellationToken)
    {
        if (!pathAndQuery.StartsWith('/') || pathAndQuery.Any(c => c is <= ' ' or > '~' or '#' or '\\'))
        {
            throw new ArgumentException($"not a path with query: {pathAndQuery}", nameof(pathAndQuery));
        }

        var path = pathAndQuery.Split('?', 2)[0];
        IndexerRestException? failure = null;
        foreach (var address in addresses)
        {
            var must = failure is null && address == addresses[^1]; // all are left alone: one has to be asked
            if (!address.MayTry() && !must)
            {
                continue;
            }

            try
            {
                var answer = await AskAsync(address, pathAndQuery, path, priority, cancellationToken);
                if (address.Answered() && addresses.Length > 1)
                {
                    RestLog.Returned(logger, address.BaseUrl);
                }

                return answer;
            }
            catch (IndexerRestException e) when (e is not (IndexerBlockedException or IndexerRateLimitedException))
            {
                if (priority == RestPriority.Forwarded && e.Answer is not null)
                {
                    throw; // what a client asks may fail by itself: that says nothing of the address
                }

                failure = e;
                address.Failed();
                if (addresses.Length > 1)
                {
                    RestLog.LeftAlone(logger, address.BaseUrl, e.Message, RestAddress.LeftAlone);
                }
            }
        }

        throw failure!;
    }

    /// <summary>Use of the buckets of the address in use.</summary>
    public IReadOnlyList<BucketUse> Use() => Current.Use();

    /// <summary>How long a poll's request of this bucket (see <see cref="RestBuckets"/>) would wait for the budget if it came now: pollers stretch by it.</summary>
    public TimeSpan EstimateWait(string bucket) => Current.Budget(bucket).Estimate(RestPriority.Poll);

    /// <inheritdoc/>
    public void Dispose()
    {
        http.Dispose();
        foreach (var address in addresses)
        {
            address.Dispose();
        }
    }

    // The first that answered when it was last asked.
    private RestAddress Current => Array.Find(addresses, a => a.IsUp) ?? addresses[0];

    private async Task<RestAnswer> AskAsync(RestAddress address, string pathAndQuery, string path, RestPriority priority, CancellationToken cancellationToken)
    {
        // Byte for byte: Uri would otherwise decode and re-encode parts of it.
        var url = new Uri(address.BaseUrl + pathAndQuery, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var budget = address.Budget(RestBuckets.Of(pathAndQuery));
        var context = ResilienceContextPool.Shared.Get(path, cancellationToken);
        var call = new Call(this, url, budget, priority);
        try
        {
            var answer = await pipeline.ExecuteAsync(static async (context, call) => call.Last = await call.TryOnceAsync(context.CancellationToken), context, call);
            return Judge(answer, budget, priority, path);
        }
        catch (IndexerRateLimitedException e) when (e.Answer is null && call.Last is { Status: 429 } last)
        {
            throw new IndexerRateLimitedException(e.RetryAfter) { Answer = last };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            throw new IndexerRestException($"{path}: {e.Message}", e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static SocketsHttpHandler OwnHandler() => new()
    {
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        UseCookies = false,
        AllowAutoRedirect = false,
    };

    private RetryStrategyOptions<RestAnswer> RetryRules() => new()
    {
        MaxRetryAttempts = Attempts - 1,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = TimeSpan.FromMilliseconds(500),
        MaxDelay = TimeSpan.FromSeconds(4),
        ShouldHandle = static args => ValueTask.FromResult(args.Outcome switch
        {
            { Exception: HttpRequestException or IOException or TimeoutException } => true,
            { Result.Status: 429 or >= 500 } => true,
            _ => false,
        }),

        // After a 429 the bucket itself waits as long as the server asked.
        DelayGenerator = static args => ValueTask.FromResult<TimeSpan?>(args.Outcome.Result?.Status == 429 ? TimeSpan.Zero : null),
        OnRetry = args =>
        {
            var cause = args.Outcome.Exception?.Message ?? string.Create(CultureInfo.InvariantCulture, $"status {args.Outcome.Result?.Status}");
            RestLog.Retrying(logger, args.Context.OperationKey ?? "", cause, args.AttemptNumber + 2, args.RetryDelay);
            return ValueTask.CompletedTask;
        },
    };

    private async Task<RestAnswer> TryOnceAsync(Uri url, RequestBudget budget, RestPriority priority, CancellationToken cancellationToken)
    {
        await budget.AcquireAsync(priority, priority == RestPriority.Forwarded ? LongestForwardedWait : TimeSpan.MaxValue, cancellationToken);
        var (requestedAt, start, answered) = (time.GetUtcNow(), time.GetTimestamp(), false);
        using var timeout = new CancellationTokenSource(RequestTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, both.Token);
            var body = await response.Content.ReadAsByteArrayAsync(both.Token);
            var status = (int)response.StatusCode;
            if (status == 429)
            {
                var wait = RetryAfter(response);
                budget.Pause(wait);
                RestLog.Limited(logger, budget.Bucket, wait);
            }

            answered = true;
            budget.Answered(Number(response, "RateLimit-Remaining") is { } left ? (int)Math.Clamp(left, 0, int.MaxValue) : null, ResetsIn(response, requestedAt));
            Note(status, time.GetElapsedTime(start));
            return new RestAnswer(status, body, requestedAt, time.GetUtcNow())
            {
                ContentType = response.Content.Headers.ContentType?.ToString(),
                MaxAge = response.Headers.CacheControl is { NoStore: false, NoCache: false, Private: false, MaxAge: { } age } ? age : TimeSpan.Zero,
            };
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("no answer in 10 s", e);
        }
        finally
        {
            if (!answered)
            {
                budget.Lost();
            }
        }
    }

    private RestAnswer Judge(RestAnswer answer, RequestBudget budget, RestPriority priority, string path)
    {
        switch (answer.Status)
        {
            case 403 or 451:
                var text = Encoding.UTF8.GetString(answer.Body.AsSpan(0, Math.Min(answer.Body.Length, 4096)));
                var reason = text.Contains("COMPLIANCE_BLOCKED", StringComparison.Ordinal) ? "compliance-blocked" : "geo-blocked";
                RestLog.Blocked(logger, path, reason);
                throw new IndexerBlockedException(reason, $"{path}: refused ({answer.Status}): {text}") { Answer = answer };
            case 429:
                throw new IndexerRateLimitedException(budget.Estimate(priority)) { Answer = answer };
            case >= 500:
                throw new IndexerRestException($"{path}: the Indexer answered {answer.Status.ToString(CultureInfo.InvariantCulture)} {Attempts} times") { Answer = answer };
            default:
                return answer;
        }
    }

    private void Note(int status, TimeSpan took)
    {
        if (status == 200)
        {
            Interlocked.Exchange(ref lastGoodTicks, time.GetUtcNow().Ticks);
        }

        lock (latencies)
        {
            if (latencies.Count == LatencySamples)
            {
                latencies.Dequeue();
            }

            latencies.Enqueue(took);
        }
    }

    /// <summary>How long the server asks to wait: Retry-After is in milliseconds here, against RFC 9110 (protocol.md 4).</summary>
    private static TimeSpan RetryAfter(HttpResponseMessage response)
    {
        var wait = Number(response, "Retry-After") is { } milliseconds and >= 0 ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue)) : WaitWithoutRetryAfter;
        return wait < LongestPause ? wait : LongestPause;
    }

    // RateLimit-Reset is an epoch in milliseconds by the server's clock; its Date header, in whole seconds, tells how far that is from ours.
    private static TimeSpan? ResetsIn(HttpResponseMessage response, DateTimeOffset now) =>
        Number(response, "RateLimit-Reset") is { } reset and > 0 and < 253402300800000
            ? DateTimeOffset.FromUnixTimeMilliseconds(reset) - (response.Headers.Date ?? now)
            : null;

    private static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values)
        && long.TryParse(values.FirstOrDefault(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>One request through its retries.</summary>
    private sealed class Call(IndexerRestClient client, Uri url, RequestBudget budget, RestPriority priority)
    {
        public RestAnswer? Last { get; set; }

        public Task<RestAnswer> TryOnceAsync(CancellationToken cancellationToken) => client.TryOnceAsync(url, budget, priority, cancellationToken);
    }
}
