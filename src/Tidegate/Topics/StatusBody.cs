using System.Buffers;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>The <c>data</c> of <c>feed_status</c> (contract 2).</summary>
internal static class StatusBody
{
    /// <summary>Writes the object.</summary>
    public static void Write(IBufferWriter<byte> to, FeedStatus status, Feed feed, SteadyTime clock)
    {
        to.Write("{\"mode\":"u8);
        to.WriteQuoted(NameOf(status.Mode));
        to.Write(",\"since\":"u8);
        to.Write(clock.ByWall(status.Since));
        to.Write(status.Complete ? ",\"complete\":true"u8 : ",\"complete\":false"u8);
        if (status.Attempt > 0)
        {
            to.Write(",\"attempt\":"u8);
            to.Write(status.Attempt);
        }

        WriteTime(to, ",\"next_attempt_at\":"u8, status.NextAttemptAt, clock);
        WriteTime(to, ",\"next_poll_at\":"u8, status.NextPollAt, clock);
        if (status.Reason is { } reason)
        {
            to.Write(",\"reason\":"u8);
            to.WriteQuoted(reason);
        }

        if (feed.LagMs is { } lag)
        {
            to.Write(",\"lag_ms\":"u8);
            to.Write((long)lag);
        }

        to.Write("}"u8);
    }

    /// <summary>The mode's name on the wire.</summary>
    public static string NameOf(FeedMode mode) => mode switch
    {
        FeedMode.Streaming => "streaming",
        FeedMode.Polling => "polling",
        FeedMode.Blocked => "blocked",
        _ => "reconnecting",
    };

    private static void WriteTime(IBufferWriter<byte> to, ReadOnlySpan<byte> name, DateTimeOffset? time, SteadyTime clock)
    {
        if (time is { } value)
        {
            to.Write(name);
            to.Write(clock.ByWall(value));
        }
    }
}
