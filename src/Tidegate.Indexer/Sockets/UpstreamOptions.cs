namespace Tidegate.Indexer.Sockets;

/// <summary>One Indexer: its socket and its REST base.</summary>
/// <param name="WebSocketUrl">Such as <c>wss://indexer.dydx.trade/v4/ws</c>.</param>
/// <param name="RestUrl">Such as <c>https://indexer.dydx.trade/v4</c>, without a slash at the end.</param>
public sealed record IndexerEndpoint(Uri WebSocketUrl, Uri RestUrl);

/// <summary>How connections to the Indexer are kept.</summary>
public sealed record UpstreamOptions
{
    /// <summary>The addresses, the preferred one first.</summary>
    public required IReadOnlyList<IndexerEndpoint> Endpoints { get; init; }

    /// <summary>The wait before the first attempt after a loss.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait between attempts.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(16);

    /// <summary>Failed attempts after which links are told <see cref="LinkState.Exhausted"/>.</summary>
    public int AttemptsBeforePolling { get; init; } = 5;

    /// <summary>Each wait is spread by up to this share, up and down.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>A socket that brought no byte for so long is replaced.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Whether a second socket carries the same subscriptions, to take over at once when the first is lost or falls behind.</summary>
    public bool Standby { get; init; }

    /// <summary>The most sockets that the pool opens, standbys among them; a standby makes way where topics need a socket.</summary>
    public int MaxSockets { get; init; } = 32;
}
