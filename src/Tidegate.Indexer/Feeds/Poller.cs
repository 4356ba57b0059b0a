using Microsoft.Extensions.Logging;

namespace Tidegate.Indexer.Feeds;

/// <summary>
/// Takes over when streaming fails: a round of REST requests each interval, for all feeds whose link is exhausted. The shared budget may stretch
/// a round; it is never broken.
/// </summary>
internal sealed partial class Poller(Func<IReadOnlyCollection<Feed>> feeds, TimeSpan interval, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim wanted = new(0, 1);
    private readonly Lock gate = new();

    /// <summary>Rounds finished.</summary>
    public long Rounds { get; private set; }

    /// <summary>When the last round ended well.</summary>
    public DateTimeOffset? LastGoodAt { get; private set; }

    /// <summary>A feed wants polls: starts a round now if none is under way or waiting its turn.</summary>
    public void Wake()
    {
        lock (gate)
        {
            if (wanted.CurrentCount == 0)
            {
                wanted.Release();
            }
        }
    }

    /// <summary>Polls until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await wanted.WaitAsync(cancellationToken).ConfigureAwait(false);
            while (feeds().Any(feed => feed.WantsPoll))
            {
                var started = time.GetTimestamp();
                await RoundAsync(cancellationToken).ConfigureAwait(false);
                var rest = interval - time.GetElapsedTime(started);
                if (rest > TimeSpan.Zero)
                {
                    await WaitAsync(rest, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    public void Dispose() => wanted.Dispose();

    private async Task WaitAsync(TimeSpan rest, CancellationToken cancellationToken) =>
        await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        var next = time.GetUtcNow() + interval;
        var polled = 0;
        foreach (var feed in feeds().Where(feed => feed.WantsPoll))
        {
            await feed.PollOnceAsync(next, cancellationToken).ConfigureAwait(false);
            polled++;
        }

        Rounds++;
        LastGoodAt = time.GetUtcNow();
        Log.Round(logger, Rounds, polled);
    }

    private static partial class Log
    {
        [LoggerMessage(1311, LogLevel.Information, "Poll round {Round}: {Feeds} feeds asked")]
        public static partial void Round(ILogger logger, long round, int feeds);
    }
}
