using System.Text.Json;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Journal;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary>The body of <c>GET /ws/status</c>.</summary>
internal static class GatewayStatus
{
    /// <summary>Writes the members; account topics only where <paramref name="covers"/> says so.</summary>
    public static void Write(Utf8JsonWriter writer, GatewayIdentity gateway, IndexerFeeds feeds, EventJournal journal, TopicHub topics, SessionHub sessions, SteadyTime clock, Func<string, bool> covers)
    {
        clock.Look();
        var all = topics.All();
        writer.WriteString("mode", StatusBody.NameOf(all.Min(topic => topic.Output.Feed.Status.Mode)));
        writer.WriteString("version", gateway.Version);
        writer.WriteString("network", gateway.Network);
        StatusEndpoint.WriteTime(writer, clock, "since", gateway.StartedAt);
        WriteSockets(writer, clock, feeds);
        writer.WriteStartArray("topics");
        foreach (var topic in all.Where(topic => topic.Address.Account is not { } account || covers(account)))
        {
            WriteTopic(writer, clock, topic);
        }

        writer.WriteEndArray();
        WriteRest(writer, clock, feeds);
        WriteChain(writer, feeds.Chain);
        writer.WriteStartObject("journal");
        writer.WriteString("state", journal.State switch
        {
            JournalState.Off => "off",
            JournalState.Opening => "opening",
            JournalState.Lost => "lost",
            _ => "live",
        });
        writer.WriteNumber("bytes", journal.Bytes);
        writer.WriteEndObject();
        writer.WriteNumber("clients", sessions.Count);
    }

    /// <summary>Writes a number with one decimal, or null.</summary>
    internal static void WriteNumber(Utf8JsonWriter writer, string name, double? number)
    {
        if (number is { } value)
        {
            writer.WriteNumber(name, Math.Round(value, 1));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void WriteSockets(Utf8JsonWriter writer, SteadyTime clock, IndexerFeeds feeds)
    {
        writer.WriteStartArray("sockets");
        foreach (var socket in feeds.Pool.Sockets())
        {
            writer.WriteStartObject();
            writer.WriteString("id", socket.Id);
            writer.WriteString("state", socket.State);
            StatusEndpoint.WriteTime(writer, clock, "since", socket.Since);
            writer.WriteNumber("subscriptions", socket.Subscriptions);
            StatusEndpoint.WriteTime(writer, clock, "last_byte_at", socket.LastByteAt);
            writer.WriteBoolean("standby", socket.Standby);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteTopic(Utf8JsonWriter writer, SteadyTime clock, Topic topic)
    {
        var feed = topic.Output.Feed;
        writer.WriteStartObject();
        writer.WriteString("channel", topic.Address.Channel);
        if (topic.Address.Id.Length > 0)
        {
            writer.WriteString("id", topic.Address.Id);
        }

        writer.WriteString("mode", StatusBody.NameOf(feed.Status.Mode));
        writer.WriteBoolean("complete", feed.Status.Complete);
        writer.WriteNumber("clients", topic.ReaderCount);
        writer.WriteNumber("seq", topic.Seq);
        writer.WriteString("epoch", topic.Epoch);
        StatusEndpoint.WriteTime(writer, clock, "last_event_at", topic.LastEventAt);
        StatusEndpoint.WriteTime(writer, clock, "checked_at", feed.CheckedAt);
        if (feed.CheckInterval is { } interval)
        {
            writer.WriteNumber("check_interval_ms", (long)interval.TotalMilliseconds);
        }

        if (feed.LastCheck is { } result)
        {
            writer.WriteString("check_result", result switch { CheckResult.Equal => "equal", CheckResult.Repaired => "repaired", _ => "failed" });
        }

        writer.WriteNumber("repairs", feed.Repairs);
        writer.WriteEndObject();
    }

    private static void WriteRest(Utf8JsonWriter writer, SteadyTime clock, IndexerFeeds feeds)
    {
        writer.WriteStartArray("rest");
        foreach (var bucket in feeds.Rest.Use())
        {
            writer.WriteStartObject();
            writer.WriteString("bucket", bucket.Bucket);
            writer.WriteNumber("used", bucket.Used);
            writer.WriteNumber("limit", bucket.Limit);
            StatusEndpoint.WriteTime(writer, clock, "resets_at", bucket.ResetsAt);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteChain(Utf8JsonWriter writer, ChainClock chain)
    {
        writer.WriteStartObject("chain");
        writer.WriteNumber("height", chain.Height);
        WriteNumber(writer, "age_ms", chain.Age?.TotalMilliseconds);
        writer.WriteString("state", chain.State switch
        {
            ChainState.Halted => "halted",
            ChainState.Trailing => "trailing",
            _ => "live",
        });
        writer.WriteEndObject();
    }
}
