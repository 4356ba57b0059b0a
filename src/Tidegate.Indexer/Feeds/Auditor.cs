namespace Tidegate.Indexer.Feeds;

/// <summary>How much of the server's REST limits comparison may take, and how often a topic is compared.</summary>
/// <param name="BookInterval">The period of books.</param>
/// <param name="AccountInterval">The period of accounts, tapes and series of candles.</param>
/// <param name="RestShare">Share of the server's limits, above 0 to 1.</param>
public sealed record AuditPolicy(TimeSpan BookInterval, TimeSpan AccountInterval, double RestShare)
{
    /// <summary>The defaults of contract 1.</summary>
    public static AuditPolicy Default { get; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), 0.3);
}

/// <summary>
/// Compares what is served with REST, the most overdue topic first and each once at a time, within its share of the budget: what the source never
/// sent shows nowhere else (protocol.md 1, Loss at the source).
/// </summary>
internal sealed class Auditor(Func<IReadOnlyCollection<Feed>> feeds, AuditPolicy policy, TimeProvider time)
{
    /// <summary>How often it looks whether a comparison is due.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private const double DefaultBucketPerSecond = 10; // 100 requests in 10 s (protocol.md 4)

    // What quiet times left of the share, for when several markets move at once: three requests at the default share.
    private static readonly TimeSpan Saved = TimeSpan.FromSeconds(1);

    /// <summary>Compares until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var perRequest = TimeSpan.FromSeconds(1 / (DefaultBucketPerSecond * policy.RestShare));
        var paidTo = time.GetUtcNow();
        var running = new List<Task>();
        while (!cancellationToken.IsCancellationRequested)
        {
            var wait = Look;
            if (MostOverdue() is { } feed)
            {
                var start = time.GetUtcNow();
                paidTo = (paidTo > start - Saved ? paidTo : start - Saved) + (feed.AuditCost * perRequest);
                wait = paidTo - start;

                // Not awaited: an account's many requests must not keep a book waiting whose market moved.
                running.RemoveAll(audit => audit.IsCompletedSuccessfully);
                running.Add(feed.AuditOnceAsync(policy, cancellationToken));
            }

            if (running.Find(audit => audit.IsFaulted) is { } failed)
            {
                await failed.ConfigureAwait(false);
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Feed? MostOverdue()
    {
        var now = time.GetUtcNow();
        Feed? most = null;
        var since = now;
        foreach (var feed in feeds())
        {
            if (feed.NextAuditAt is { } due && due <= since)
            {
                (most, since) = (feed, due);
            }
        }

        return most;
    }
}
