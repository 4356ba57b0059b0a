using System.ComponentModel.DataAnnotations;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary>How one account is followed.</summary>
internal sealed record AccountStatus
{
    /// <summary>An upstream socket carries the account's channels.</summary>
    public required bool Connected { get; init; }

    /// <summary>The stream, or the last poll round, is whole; or the chain is known to stand still. Data flows: not only that a socket is open.</summary>
    public required bool IsHealthy { get; init; }

    /// <summary>The upstream address in use.</summary>
    public required string WsUrl { get; init; }

    public required string UserAddress { get; init; }

    /// <summary>The account's channels that are followed now.</summary>
    public required IReadOnlyList<string> Subscriptions { get; init; }

    /// <summary>How many topics they feed.</summary>
    public required int HandlersRegistered { get; init; }

    /// <summary>Losses of the upstream recovered since the account is followed.</summary>
    public required long ReconnectCount { get; init; }

    /// <summary>The last byte from the upstream; while polling the last good answer.</summary>
    public required DateTimeOffset? LastHeartbeat { get; init; }

    /// <summary>The worst of the account's topics.</summary>
    [AllowedValues("streaming", "polling", "reconnecting", "blocked")]
    public required string Mode { get; init; }

    public required DateTimeOffset ModeSince { get; init; }

    /// <summary>Sessions that follow the account.</summary>
    public required int Clients { get; init; }

    /// <summary>The last change told.</summary>
    public required DateTimeOffset? LastEventAt { get; init; }

    /// <summary>Finished poll rounds.</summary>
    public required long PollCount { get; init; }

    public required long GapsRepaired { get; init; }

    public required long EventsBackfilled { get; init; }

    /// <summary>Median of the last 20 REST round trips, in milliseconds.</summary>
    public required double? UpstreamLatencyMs { get; init; }

    /// <summary>Age of the newest block when it arrived, by the Indexer's clock, in milliseconds.</summary>
    public required double? LagMs { get; init; }

    /// <summary>What the account's <paramref name="followed"/> topics and their feeds say now.</summary>
    public static AccountStatus Of(string address, IReadOnlyList<Topic> followed, IndexerFeeds feeds, SessionHub sessions, SteadyTime clock)
    {
        clock.Look();
        var upstreams = followed.Select(topic => topic.Output.Feed).Distinct().ToList();
        var status = upstreams.Select(feed => feed.Status).MinBy(one => one.Mode)!;
        var channels = followed.Where(topic => topic.ReaderCount > 0 || topic.Output.Kind != OutputKind.Transfers).Select(topic => topic.Address.Channel);
        return new AccountStatus
        {
            Connected = upstreams.All(feed => feeds.Pool.CarrierOf(feed.Key) is not null),
            IsHealthy = upstreams.All(feed => feed.Status is { Complete: true, Mode: FeedMode.Streaming or FeedMode.Polling }),
            WsUrl = feeds.Pool.CurrentUrl.OriginalString,
            UserAddress = address,
            Subscriptions = [.. channels.Distinct(StringComparer.Ordinal)],
            HandlersRegistered = followed.Count,
            ReconnectCount = upstreams.Sum(feed => feed.ReconnectCount),
            LastHeartbeat = StatusJson.ByWall(clock, status.Mode == FeedMode.Polling ? feeds.Rest.LastGoodAt : feeds.Pool.LastByteAt),
            Mode = StatusBody.NameOf(status.Mode),
            ModeSince = clock.ByWall(status.Since),
            Clients = sessions.CountOf(address),
            LastEventAt = StatusJson.ByWall(clock, upstreams.Max(feed => feed.LastChangeAt)),
            PollCount = upstreams.Sum(feed => feed.PollCount),
            GapsRepaired = upstreams.Sum(feed => feed.GapsRepaired),
            EventsBackfilled = upstreams.Sum(feed => feed.EventsBackfilled),
            UpstreamLatencyMs = StatusJson.Tenths(feeds.Rest.Latency?.TotalMilliseconds),
            LagMs = StatusJson.Tenths(feeds.Chain.LagMs),
        };
    }
}
