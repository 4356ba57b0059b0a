using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;
using Tidegate.Journal;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary>The whole gateway.</summary>
internal sealed record GatewayStatus
{
    /// <summary>The worst of all topics.</summary>
    [AllowedValues("streaming", "polling", "reconnecting", "blocked")]
    public required string Mode { get; init; }

    public required string Version { get; init; }

    [AllowedValues("mainnet", "testnet", "custom", "simulated")]
    public required string Network { get; init; }

    /// <summary>When the process began to serve.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The connections to the Indexer.</summary>
    public required IReadOnlyList<SocketStatus> Sockets { get; init; }

    /// <summary>All that is followed; of accounts only those that the token covers.</summary>
    public required IReadOnlyList<TopicStatus> Topics { get; init; }

    /// <summary>The request budget of each of the Indexer's rate windows.</summary>
    public required IReadOnlyList<RestStatus> Rest { get; init; }

    public required ChainStatus Chain { get; init; }

    public required JournalStatus Journal { get; init; }

    /// <summary>Connected clients, on both sockets.</summary>
    public required int Clients { get; init; }

    /// <summary>What the gateway says now; account topics only where <paramref name="covers"/> says so.</summary>
    public static GatewayStatus Of(GatewayIdentity gateway, IndexerFeeds feeds, EventJournal journal, TopicHub topics, SessionHub sessions, SteadyTime clock, Func<string, bool> covers)
    {
        clock.Look();
        var all = topics.All();
        return new GatewayStatus
        {
            Mode = StatusBody.NameOf(all.Min(topic => topic.Output.Feed.Status.Mode)),
            Version = gateway.Version,
            Network = gateway.Network,
            Since = clock.ByWall(gateway.StartedAt),
            Sockets = [.. feeds.Pool.Sockets().Select(socket => SocketStatus.Of(socket, clock))],
            Topics = [.. all.Where(topic => topic.Address.Account is not { } account || covers(account)).Select(topic => TopicStatus.Of(topic, clock))],
            Rest = [.. feeds.Rest.Use().Select(bucket => RestStatus.Of(bucket, clock))],
            Chain = ChainStatus.Of(feeds.Chain),
            Journal = JournalStatus.Of(journal),
            Clients = sessions.Count,
        };
    }
}

/// <summary>One connection to the Indexer.</summary>
/// <param name="Id">Its number.</param>
/// <param name="State">Where it stands, such as <c>streaming</c>.</param>
/// <param name="Since">Since when.</param>
/// <param name="Subscriptions">How many it carries.</param>
/// <param name="LastByteAt">When it last sent anything.</param>
/// <param name="Standby">It carries the same subscriptions as another one, and replaces that when it fails or lags.</param>
internal sealed record SocketStatus(string Id, string State, DateTimeOffset Since, int Subscriptions, DateTimeOffset? LastByteAt, bool Standby)
{
    /// <summary>As the pool tells it.</summary>
    public static SocketStatus Of(SocketInfo socket, SteadyTime clock) =>
        new(socket.Id, socket.State, clock.ByWall(socket.Since), socket.Subscriptions, StatusJson.ByWall(clock, socket.LastByteAt), socket.Standby);
}

/// <summary>One topic.</summary>
internal sealed record TopicStatus
{
    public required string Channel { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [AllowedValues("streaming", "polling", "reconnecting", "blocked")]
    public required string Mode { get; init; }

    /// <summary>Nothing of the topic is known to be missing.</summary>
    public required bool Complete { get; init; }

    public required int Clients { get; init; }

    /// <summary>The newest number of its sequence.</summary>
    public required long Seq { get; init; }

    public required string Epoch { get; init; }

    public required DateTimeOffset? LastEventAt { get; init; }

    /// <summary>When it was last compared with REST.</summary>
    public required DateTimeOffset? CheckedAt { get; init; }

    /// <summary>How often it is compared, in milliseconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CheckIntervalMs { get; init; }

    /// <summary>What the last comparison found.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [AllowedValues("equal", "repaired", "failed")]
    public string? CheckResult { get; init; }

    /// <summary>Differences found by comparison and mended.</summary>
    public required long Repairs { get; init; }

    /// <summary>As topic and feed tell it.</summary>
    public static TopicStatus Of(Topic topic, SteadyTime clock)
    {
        var feed = topic.Output.Feed;
        return new TopicStatus
        {
            Channel = topic.Address.Channel,
            Id = topic.Address.Id.Length > 0 ? topic.Address.Id : null,
            Mode = StatusBody.NameOf(feed.Status.Mode),
            Complete = feed.Status.Complete,
            Clients = topic.ReaderCount,
            Seq = topic.Seq,
            Epoch = topic.Epoch,
            LastEventAt = StatusJson.ByWall(clock, topic.LastEventAt),
            CheckedAt = StatusJson.ByWall(clock, feed.CheckedAt),
            CheckIntervalMs = (long?)feed.CheckInterval?.TotalMilliseconds,
            CheckResult = feed.LastCheck switch
            {
                null => null,
                Indexer.Feeds.CheckResult.Equal => "equal",
                Indexer.Feeds.CheckResult.Repaired => "repaired",
                _ => "failed",
            },
            Repairs = feed.Repairs,
        };
    }
}

/// <summary>The use of one of the Indexer's rate windows.</summary>
/// <param name="Bucket">Which requests it counts.</param>
/// <param name="Used">How many of this window are used, as the Indexer counts.</param>
/// <param name="Limit">How many it allows.</param>
/// <param name="ResetsAt">When the window ends.</param>
internal sealed record RestStatus(string Bucket, int Used, int Limit, DateTimeOffset? ResetsAt)
{
    /// <summary>As the client counts it.</summary>
    public static RestStatus Of(BucketUse use, SteadyTime clock) => new(use.Bucket, use.Used, use.Limit, StatusJson.ByWall(clock, use.ResetsAt));
}

/// <summary>The chain, as its blocks arrive.</summary>
/// <param name="Height">The newest block's; 0 while none is known.</param>
/// <param name="AgeMs">Time since that block, in milliseconds.</param>
/// <param name="State"><c>halted</c>: no block for 30 s, and the Indexer knows none; <c>trailing</c>: its newest block is old.</param>
internal sealed record ChainStatus(long Height, double? AgeMs, [property: AllowedValues("live", "halted", "trailing")] string State)
{
    /// <summary>As its clock tells it.</summary>
    public static ChainStatus Of(ChainClock chain) => new(chain.Height, StatusJson.Tenths(chain.Age?.TotalMilliseconds), chain.State switch
    {
        ChainState.Halted => "halted",
        ChainState.Trailing => "trailing",
        _ => "live",
    });
}

/// <summary>The journal of the accounts' events.</summary>
/// <param name="State"><c>lost</c>: given up; the past of events is not kept.</param>
/// <param name="Bytes">How much of the disk it takes.</param>
internal sealed record JournalStatus([property: AllowedValues("off", "opening", "live", "lost")] string State, long Bytes)
{
    /// <summary>As it is now.</summary>
    public static JournalStatus Of(EventJournal journal) => new(
        journal.State switch
        {
            JournalState.Off => "off",
            JournalState.Opening => "opening",
            JournalState.Lost => "lost",
            _ => "live",
        },
        journal.Bytes);
}
