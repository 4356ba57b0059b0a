namespace Tidegate.Indexer.Rest;

/// <summary>
/// One bucket's budget: never more than the limit in any sliding window, never more than the server says remain, the first answer awaited before the
/// next goes out, and higher classes first.
/// </summary>
/// <remarks>
/// Thread-safe. A log of departures, not System.Threading.RateLimiting's sliding window: that one gives permits back by whole segments, so that two
/// windows' worth can leave within one, and it runs on the system's clock only. The log holds at most <c>limit</c> times.
/// </remarks>
internal sealed class RequestBudget : IDisposable
{
    private const int MostWaiting = 4096;

    private readonly Lock gate = new();
    private readonly Queue<DateTimeOffset> left = new();
    private readonly LinkedList<TaskCompletionSource>[] waiting = [.. Enum.GetValues<RestPriority>().Select(_ => new LinkedList<TaskCompletionSource>())];
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly int limit;
    private int inFlight;
    private bool answeredOnce;
    private int? serverTold;
    private DateTimeOffset serverResetsAt;
    private DateTimeOffset pausedUntil = DateTimeOffset.MinValue;

    public RequestBudget(string bucket, int limit, TimeProvider time)
    {
        (Bucket, this.limit, this.time) = (bucket, limit, time);
        timer = time.CreateTimer(static budget => ((RequestBudget)budget!).Grant(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Bucket { get; }

    // Those in flight may or may not be counted in what the server told: the careful reading.
    private int? ServerRemaining => serverTold - inFlight;

    public BucketUse Use()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            Forget(now);
            var used = Math.Max(left.Count, ServerRemaining is { } remaining ? limit - Math.Max(remaining, 0) : 0);
            DateTimeOffset? resets = serverTold is not null ? serverResetsAt : left.TryPeek(out var oldest) ? oldest + RestBuckets.Window : null;
            return new BucketUse(Bucket, Math.Min(used, limit), limit, resets);
        }
    }

    /// <summary>How long a request of this class would wait if it came now.</summary>
    public TimeSpan Estimate(RestPriority priority)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            Forget(now);
            return EstimateAt(now, priority);
        }
    }

    /// <summary>Waits for leave to send one request. Each success must be followed by one <see cref="Answered"/> or <see cref="Lost"/>.</summary>
    /// <exception cref="IndexerRateLimitedException">The wait would exceed <paramref name="longest"/>, or too many wait already.</exception>
    public async Task AcquireAsync(RestPriority priority, TimeSpan longest, CancellationToken cancellationToken)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            var now = time.GetUtcNow();
            Forget(now);
            var wait = EstimateAt(now, priority);
            if (wait > longest || waiting.Sum(w => w.Count) >= MostWaiting)
            {
                throw new IndexerRateLimitedException(wait);
            }

            waiting[(int)priority].AddLast(mine);
        }

        Grant();
        await using var _ = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), mine);
        try
        {
            await mine.Task;
        }
        catch (OperationCanceledException)
        {
            lock (gate)
            {
                waiting[(int)priority].Remove(mine);
            }

            throw;
        }
    }

    /// <summary>An answer came. <paramref name="remaining"/> and <paramref name="resetsIn"/> are what its headers say.</summary>
    public void Answered(int? remaining, TimeSpan? resetsIn)
    {
        lock (gate)
        {
            inFlight--;
            answeredOnce = true;
            if (remaining is { } r)
            {
                TakeTold(r, resetsIn);
            }
            else
            {
                serverTold--;
            }
        }

        Grant();
    }

    /// <summary>A request got no answer.</summary>
    public void Lost()
    {
        lock (gate)
        {
            inFlight--;
            serverTold--; // the server may have counted it all the same
        }

        Grant();
    }

    /// <summary>429: nothing of this bucket leaves before then.</summary>
    public void Pause(TimeSpan wait)
    {
        lock (gate)
        {
            var until = time.GetUtcNow() + wait;
            pausedUntil = until > pausedUntil ? until : pausedUntil;
        }
    }

    public void Dispose() => timer.Dispose();

    private void Grant()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            Forget(now);
            while (Free(now) > 0 && (answeredOnce || inFlight == 0) && Next() is { } next)
            {
                if (next.TrySetResult())
                {
                    left.Enqueue(now);
                    inFlight++;
                }
            }

            if (waiting.Any(w => w.Count > 0) && Free(now) <= 0)
            {
                var wait = FreeAgainAt(now, 0) - now;
                timer.Change(wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            }
        }
    }

    // Answers overtake each other: of one window the least counts, and what an earlier window left says nothing of the present one.
    private void TakeTold(int remaining, TimeSpan? resetsIn)
    {
        var wait = resetsIn is { } given && given > TimeSpan.Zero && given < RestBuckets.Window ? given : RestBuckets.Window;
        var resetsAt = time.GetUtcNow() + wait;
        if (serverTold is { } least && (resetsAt - serverResetsAt).Duration() < RestBuckets.Window / 2)
        {
            serverTold = Math.Min(least, remaining);
        }
        else if (serverTold is null || resetsAt > serverResetsAt)
        {
            (serverTold, serverResetsAt) = (remaining, resetsAt);
        }
    }

    private TaskCompletionSource? Next()
    {
        foreach (var queue in waiting)
        {
            if (queue.First is { } first)
            {
                queue.RemoveFirst();
                return first.Value;
            }
        }

        return null;
    }

    private int Free(DateTimeOffset now) => now < pausedUntil ? 0 : Math.Min(limit - left.Count, ServerRemaining ?? limit);

    /// <summary>When the permit comes back that serves the waiter with so many before it, none being free now.</summary>
    private DateTimeOffset FreeAgainAt(DateTimeOffset now, int ahead)
    {
        var at = pausedUntil;
        var full = limit - left.Count;
        if (ahead >= full)
        {
            // Those that have left come back one by one; those before us that have not left yet leave now at the earliest.
            var index = ahead - full;
            var byLog = index < left.Count ? left.ElementAt(index) + RestBuckets.Window : now + (RestBuckets.Window * (1 + ((index - left.Count) / limit)));
            at = byLog > at ? byLog : at;
        }

        if (ServerRemaining is { } remaining && ahead >= remaining && serverResetsAt > at)
        {
            at = serverResetsAt;
        }

        return at;
    }

    private TimeSpan EstimateAt(DateTimeOffset now, RestPriority priority)
    {
        var ahead = waiting.Take((int)priority + 1).Sum(w => w.Count);
        return ahead < Free(now) || FreeAgainAt(now, ahead) is var at && at <= now ? TimeSpan.Zero : at - now;
    }

    private void Forget(DateTimeOffset now)
    {
        while (left.TryPeek(out var oldest) && oldest + RestBuckets.Window <= now)
        {
            left.Dequeue();
        }

        if (serverTold is not null && serverResetsAt <= now)
        {
            serverTold = null;
        }
    }
}
