using Tidegate.Indexer.Feeds;
using Tidegate.Journal;
using Tidegate.Operations;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary>What the rooms know of themselves, for <c>/metrics</c>: read when somebody scrapes.</summary>
internal static class GatewayGauges
{
    /// <summary>Adds them.</summary>
    public static void Add(GatewayMetrics metrics, IndexerFeeds feeds, TopicHub topics, EventJournal journal, TimeProvider time)
    {
        var pool = feeds.Pool;
        metrics.Counter("tidegate.upstream.reconnects", "{reconnect}", "Losses from which an upstream socket came back", () => pool.ReconnectCount);
        metrics.Counter("tidegate.upstream.failovers", "{failover}", "Times that a standby socket took over", () => pool.Failovers);
        metrics.Counter("tidegate.upstream.dropped_frames", "{frame}", "Frames of the Indexer that could not be used", () => pool.DroppedFrames);
        metrics.Counter("tidegate.upstream.handler_failures", "{failure}", "Exceptions of feeds, contained", () => pool.SubscriberFailures);
        metrics.Gauge("tidegate.upstream.sockets", "{socket}", "Upstream sockets", () => pool.Sockets().Count);
        metrics.Gauge("tidegate.chain.height", "{block}", "The chain's height", () => feeds.Chain.Height);
        metrics.Gauge("tidegate.chain.age", "ms", "Age of the newest block by its receipt", () => (long)(feeds.Chain.Age?.TotalMilliseconds ?? -1));
        metrics.Gauge("tidegate.topics", "{topic}", "Topics by mode", "mode", () => ByMode(topics));
        metrics.Gauge("tidegate.topics.incomplete", "{topic}", "Topics of which something is known to be missing", () => topics.All().Count(topic => !topic.Output.Feed.Status.Complete));
        metrics.Gauge("tidegate.rest.used", "{request}", "Requests in the bucket's window", "bucket", () => feeds.Rest.Use().Select(use => (use.Bucket, (long)use.Used)));
        metrics.Gauge("tidegate.feeds.repairs", "{repair}", "Differences that comparison found, over the feeds now followed", () => feeds.All.Sum(feed => feed.Repairs));
        metrics.Gauge("tidegate.feeds.backfilled", "{event}", "Events that came by backfill, over the feeds now followed", () => feeds.All.Sum(feed => feed.EventsBackfilled));
        TruthGauges.Add(metrics, () => [.. feeds.All.Select(FeedTruth.Of)], time);
        metrics.Counter("tidegate.journal.commits", "{commit}", "Batches of account events written", () => journal.Commits);
        metrics.Counter("tidegate.journal.entries", "{entry}", "Frames and states of account events written", () => journal.Entries);
        metrics.Gauge("tidegate.journal.size", "By", "The journal on the disk", () => journal.Bytes);
        metrics.Gauge("tidegate.journal.lost", "1", "1 when the journal was given up for this run", () => journal.State == JournalState.Lost ? 1 : 0);
    }

    private static IEnumerable<(string Label, long Value)> ByMode(TopicHub topics) =>
        topics.All().GroupBy(topic => StatusBody.NameOf(topic.Output.Feed.Status.Mode), StringComparer.Ordinal).Select(group => (group.Key, (long)group.Count()));
}
