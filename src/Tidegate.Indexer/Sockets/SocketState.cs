namespace Tidegate.Indexer.Sockets;

/// <summary>Where the road to the Indexer stands, all its sockets taken together.</summary>
public enum SocketState
{
    /// <summary>Nobody has asked for a connection yet.</summary>
    Idle,

    /// <summary>The first dial is under way.</summary>
    Connecting,

    /// <summary>A socket is up; no data has come over it yet.</summary>
    Connected,

    /// <summary>Data flows.</summary>
    Streaming,

    /// <summary>No socket is up; attempts go on.</summary>
    Reconnecting,

    /// <summary>As <see cref="Reconnecting"/>, after <see cref="UpstreamOptions.AttemptsBeforePolling"/> failures: time to poll.</summary>
    Exhausted,

    /// <summary>Refused for geographic or compliance reasons: left alone but for one probe every 15 minutes.</summary>
    Blocked,

    /// <summary>Over for good.</summary>
    Closed,
}

/// <summary>The reasons that links and sockets give for not being live.</summary>
public static class LinkReasons
{
    /// <summary>The Indexer closed the socket, refused the connection, or cannot be reached.</summary>
    public const string Closed = "upstream-closed";

    /// <summary>No byte came for <see cref="UpstreamOptions.StaleAfter"/>.</summary>
    public const string Silent = "upstream-silent";

    /// <summary>The Indexer could not fetch the snapshot, or did not answer the subscribe in ten seconds.</summary>
    public const string SubscribeFailed = "subscribe-failed";

    /// <summary>Refused for the place from which we ask.</summary>
    public const string Geo = "geo-blocked";

    /// <summary>Refused for the address asked about.</summary>
    public const string Compliance = "compliance-blocked";

    /// <summary>The Indexer knows no such id.</summary>
    public const string UnknownId = "unknown-id";

    /// <summary>Refused for another reason.</summary>
    public const string Refused = "upstream-refused";

    /// <summary>All sockets that may be opened are full.</summary>
    public const string Full = "upstream-full";
}
