using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;
using Tidegate.Operations;

namespace Tidegate.Endpoints;

/// <summary>How far what is served can be trusted, for <c>/metrics</c>: by channel of the Indexer, the worst of its topics.</summary>
/// <remarks>Never by topic: whoever scrapes shall not get a label for each market or account.</remarks>
internal static class TruthGauges
{
    /// <summary>Adds them.</summary>
    public static void Add(GatewayMetrics metrics, Func<IReadOnlyList<FeedTruth>> feeds, TimeProvider time)
    {
        metrics.Gauge("tidegate.feeds.check_age", "ms", "Longest time since a topic was last compared with REST", "channel", () => Oldest(feeds(), feed => feed.CheckedAt, time));
        metrics.Gauge("tidegate.feeds.check_interval", "ms", "Longest time between a topic's last two comparisons with REST", "channel", () => Slowest(feeds()));
        metrics.Gauge("tidegate.feeds.check_failed", "{topic}", "Topics whose last comparison with REST failed", "channel", () => CountOf(feeds().Where(feed => feed.IsCompared), feed => feed.LastCheck == CheckResult.Failed));
        metrics.Gauge("tidegate.feeds.event_age", "ms", "Longest time since a topic last changed", "channel", () => Oldest(feeds(), feed => feed.ChangedAt, time));
        metrics.Gauge("tidegate.feeds.unchecked", "{topic}", "Topics not yet compared with REST", "channel", () => CountOf(feeds().Where(feed => feed.IsCompared), feed => feed.CheckedAt is null));
        metrics.Gauge("tidegate.feeds.incomplete", "{topic}", "Topics of which something is known to be missing", "channel", () => CountOf(feeds(), feed => !feed.Complete));
    }

    // What has no time yet has no age: a topic never compared is counted as such, and must not hide behind the age of others.
    private static IEnumerable<(string Channel, long Value)> Oldest(IReadOnlyList<FeedTruth> feeds, Func<FeedTruth, DateTimeOffset?> at, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return feeds.Where(feed => at(feed) is not null).GroupBy(feed => feed.Channel, at, StringComparer.Ordinal).Select(group => (group.Key, (long)(now - group.Min()!.Value).TotalMilliseconds));
    }

    private static IEnumerable<(string Channel, long Value)> Slowest(IReadOnlyList<FeedTruth> feeds) =>
        feeds.Where(feed => feed.CheckInterval is not null).GroupBy(feed => feed.Channel, feed => feed.CheckInterval, StringComparer.Ordinal).Select(group => (group.Key, (long)group.Max()!.Value.TotalMilliseconds));

    private static IEnumerable<(string Channel, long Value)> CountOf(IEnumerable<FeedTruth> feeds, Func<FeedTruth, bool> counts) =>
        feeds.GroupBy(feed => feed.Channel, StringComparer.Ordinal).Select(group => (group.Key, (long)group.Count(counts)));
}

/// <summary>What one feed says of its own truth at one moment.</summary>
/// <param name="Channel">The Indexer's channel.</param>
/// <param name="IsCompared">Whether it is ever compared: markets and height come from the stream alone.</param>
/// <param name="CheckedAt">When it was last compared with REST.</param>
/// <param name="ChangedAt">When it last changed.</param>
/// <param name="Complete">False while something is known to be missing.</param>
/// <param name="CheckInterval">The time between its last two comparisons.</param>
/// <param name="LastCheck">How the last one ended.</param>
internal sealed record FeedTruth(
    string Channel, bool IsCompared, DateTimeOffset? CheckedAt, DateTimeOffset? ChangedAt, bool Complete, TimeSpan? CheckInterval = null, CheckResult? LastCheck = null)
{
    /// <summary>Reads a feed.</summary>
    public static FeedTruth Of(Feed feed)
    {
        lock (feed.Gate)
        {
            return new FeedTruth(feed.Key.Channel.WireName(), feed is not (MarketsFeed or BlockFeed), feed.CheckedAt, feed.LastChangeAt, feed.Status.Complete, feed.CheckInterval, feed.LastCheck);
        }
    }
}
