using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Caching.Memory;
using Tidegate.Indexer.Rest;

namespace Tidegate.DropIn;

/// <summary>
/// Asks the Indexer for clients: equal requests in flight are one, an answer is told again for as long as the Indexer allows, and of the budget that all
/// share no program takes more than half, all programs together no more than leaves the gateway's own work its part.
/// </summary>
/// <remarks>Thread-safe. What is kept is bounded in bytes.</remarks>
internal sealed class RestForwarder(IndexerRestClient rest, TimeProvider time) : IDisposable
{
    private const int MostKeptBytes = 64 * 1024 * 1024;

    private const int MostWaiting = 500;
    private const double ShareOfOne = 0.5;
    private const double ShareOfAll = 0.7;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RefusalKept = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Task<RestAnswer>> asked = new(StringComparer.Ordinal);
    private readonly MemoryCache kept = new(new MemoryCacheOptions { SizeLimit = MostKeptBytes });
    private readonly PartitionedRateLimiter<(string Program, string Bucket)> turns = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<(string Program, string Bucket), (string Program, string Bucket)>(asks => Share(asks, asks.Bucket, ShareOfOne)),
        PartitionedRateLimiter.Create<(string Program, string Bucket), string>(asks => Share(asks.Bucket, asks.Bucket, ShareOfAll)));

    /// <summary>The answer to a path with query below <c>/v4</c>, and whether it was kept from before. Any status is an answer.</summary>
    /// <exception cref="IndexerRateLimitedException">It would wait too long for its turn or for the budget.</exception>
    /// <exception cref="IndexerRestException">The Indexer cannot be reached.</exception>
    public async ValueTask<(RestAnswer Answer, bool Kept)> AskAsync(string pathAndQuery, string program, CancellationToken cancellationToken)
    {
        if (kept.TryGetValue(pathAndQuery, out RestAnswer? known) && time.GetUtcNow() - known!.ReceivedAt < known.MaxAge)
        {
            return (known, true);
        }

        while (true)
        {
            var mine = new TaskCompletionSource<RestAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            var answer = asked.GetOrAdd(pathAndQuery, mine.Task);
            if (answer == mine.Task)
            {
                _ = AnswerAsync(pathAndQuery, program, mine);
            }

            try
            {
                // Whoever gives up leaves the request to the others that wait for it.
                return (await answer.WaitAsync(cancellationToken).ConfigureAwait(false), false);
            }
            catch (IndexerRateLimitedException e) when (answer != mine.Task && e.Answer is null)
            {
                // Another program's share is used up: that is no answer to this one.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        turns.Dispose();
        kept.Dispose();
    }

    private async Task AnswerAsync(string pathAndQuery, string program, TaskCompletionSource<RestAnswer> to)
    {
        try
        {
            var answer = await FetchAsync(pathAndQuery, program).ConfigureAwait(false);
            asked.TryRemove(pathAndQuery, out _);
            to.SetResult(answer);
        }
        catch (Exception e)
        {
            // Contained: it is the answer to those who wait.
            asked.TryRemove(pathAndQuery, out _);
            to.SetException(e);
        }
    }

    private async Task<RestAnswer> FetchAsync(string pathAndQuery, string program)
    {
        using var turn = await TakeTurnAsync(program, RestBuckets.Of(pathAndQuery)).ConfigureAwait(false);
        RestAnswer answer;
        try
        {
            answer = await rest.GetAsync(pathAndQuery, RestPriority.Forwarded, CancellationToken.None).ConfigureAwait(false);
        }
        catch (IndexerRestException e) when (e is not IndexerRateLimitedException && e.Answer is not null)
        {
            // A failure, or a refusal, in the Indexer's own words. A refusal is for good: it is not asked for again with each poll of a client.
            answer = e is IndexerBlockedException ? e.Answer with { MaxAge = RefusalKept } : e.Answer;
        }

        if (answer.MaxAge > TimeSpan.Zero)
        {
            kept.Set(pathAndQuery, answer, new MemoryCacheEntryOptions { Size = answer.Body.Length + pathAndQuery.Length, AbsoluteExpirationRelativeToNow = answer.MaxAge });
        }

        return answer;
    }

    private static RateLimitPartition<TKey> Share<TKey>(TKey key, string bucket, double share) => RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions
    {
        PermitLimit = (int)(share * RestBuckets.LimitOf(bucket)),
        Window = RestBuckets.Window,
        SegmentsPerWindow = 20,
        QueueLimit = MostWaiting,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private async Task<RateLimitLease> TakeTurnAsync(string program, string bucket)
    {
        using var late = new CancellationTokenSource(LongestWait, time);
        RateLimitLease? turn = null;
        try
        {
            turn = await turns.AcquireAsync((program, bucket), 1, late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // too late
        }

        if (turn is { IsAcquired: true })
        {
            return turn;
        }

        turn?.Dispose();
        throw new IndexerRateLimitedException(LongestWait);
    }
}
