using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>How far a topic is on one socket.</summary>
internal enum SeatPhase
{
    /// <summary>Its subscribe has not gone out yet, or goes out once more.</summary>
    Queued,

    /// <summary>Its subscribe is unanswered.</summary>
    Asked,

    /// <summary>Subscribed.</summary>
    Live,

    /// <summary>Its unsubscribe is unanswered.</summary>
    Leaving,
}

/// <summary>A topic's place on one socket. All but <see cref="Phase"/>'s reading by the reader is serialised by the pool.</summary>
internal sealed class Seat(TopicKey topic, UpstreamConnection connection)
{
    private volatile SeatPhase phase;

    public TopicKey Topic { get; } = topic;

    public UpstreamConnection Connection { get; } = connection;

    /// <summary>Whom it serves; null once nobody follows the topic here any more.</summary>
    public volatile Link? Link;

    public SeatPhase Phase { get => phase; set => phase = value; }

    /// <summary>When the last subscribe or unsubscribe went out.</summary>
    public DateTimeOffset AskedAt { get; set; }

    /// <summary>When a subscribe last went out here: the server counts attempts per topic and connection (protocol.md 1).</summary>
    public DateTimeOffset SubscribedAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>An answer without a name may have been this topic's: it is asked with no other of its channel in flight.</summary>
    public bool Alone { get; set; }

    /// <summary>What the seat may hold of each channel on one connection, in the order of <see cref="Channel"/> (protocol.md 1).</summary>
    public static ReadOnlySpan<int> LimitsPerConnection => [256, 256, 32, 32, 32, 32, 1];

    /// <summary>Subscribes in flight on one socket.</summary>
    public const int MostInFlight = 8;

    /// <summary>The server ends a connection that tries a topic more than twice a second; we stay at one.</summary>
    public static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(1);

    /// <summary>A subscribe or unsubscribe without an answer for so long counts as failed. The server's own reads give up after 5 s.</summary>
    public static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
}
