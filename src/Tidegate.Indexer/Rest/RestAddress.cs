namespace Tidegate.Indexer.Rest;

/// <summary>One REST base: its budget, which the server counts per address, and whether it is left alone after it failed.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class RestAddress(Uri baseUrl, TimeProvider time) : IDisposable
{
    /// <summary>How long an address that failed is left alone before one request tries it again.</summary>
    public static readonly TimeSpan LeftAlone = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<string, RequestBudget> budgets =
        RestBuckets.All.ToDictionary(b => b, b => new RequestBudget(b, RestBuckets.LimitOf(b), time), StringComparer.Ordinal);

    private DateTimeOffset? againAt;

    public string BaseUrl { get; } = baseUrl.AbsoluteUri.TrimEnd('/');

    /// <summary>Whether it answered when it was last asked.</summary>
    public bool IsUp
    {
        get
        {
            lock (gate)
            {
                return againAt is null;
            }
        }
    }

    public RequestBudget Budget(string bucket) => budgets[bucket];

    public IReadOnlyList<BucketUse> Use() => [.. budgets.Values.Select(b => b.Use())];

    /// <summary>Whether a request may go there: it is up, or was left alone long enough, and this request is the one that tries it.</summary>
    public bool MayTry()
    {
        lock (gate)
        {
            if (againAt is not { } at)
            {
                return true;
            }

            var now = time.GetUtcNow();
            againAt = at <= now ? now + LeftAlone : at;
            return at <= now;
        }
    }

    public void Failed()
    {
        lock (gate)
        {
            againAt = time.GetUtcNow() + LeftAlone;
        }
    }

    /// <summary>It answered. True when it had been left alone.</summary>
    public bool Answered()
    {
        lock (gate)
        {
            var back = againAt is not null;
            againAt = null;
            return back;
        }
    }

    public void Dispose()
    {
        foreach (var budget in budgets.Values)
        {
            budget.Dispose();
        }
    }
}
