using Tidegate.Indexer.Sockets;

namespace Tidegate.Configuration;

/// <summary>Which Indexer the settings mean, and how its connections are kept.</summary>
/// <param name="Upstream">The addresses, preferred one first, with the waits and limits.</param>
/// <param name="Network"><c>mainnet</c>, <c>testnet</c> or <c>custom</c>; <c>demo</c> tells <c>simulated</c> instead.</param>
public sealed record UpstreamResolution(UpstreamOptions Upstream, string Network)
{
    // protocol.md 1
    private static readonly IndexerEndpoint Mainnet = new(new("wss://indexer.dydx.trade/v4/ws"), new("https://indexer.dydx.trade/v4"));
    private static readonly IndexerEndpoint Testnet = new(new("wss://indexer.v4testnet.dydx.exchange/v4/ws"), new("https://indexer.v4testnet.dydx.exchange/v4"));

    /// <summary>Resolves validated settings.</summary>
    public static UpstreamResolution From(TidegateOptions options)
    {
        var indexer = options.Indexer;
        var custom = indexer.WebSocketUrl is not null && indexer.RestUrl is not null;
        var first = custom ? Endpoint(indexer.WebSocketUrl!, indexer.RestUrl!) : indexer.Network == "testnet" ? Testnet : Mainnet;
        var upstream = new UpstreamOptions
        {
            Endpoints = [first, .. indexer.Fallbacks.Select(f => Endpoint(f.WebSocketUrl, f.RestUrl))],
            InitialDelay = options.Reconnect.InitialDelay,
            MaxDelay = options.Reconnect.MaxDelay,
            AttemptsBeforePolling = options.Reconnect.AttemptsBeforePolling,
            Jitter = options.Reconnect.Jitter,
            StaleAfter = options.Health.StaleAfter,
            Standby = indexer.Standby,
            MaxSockets = indexer.MaxSockets,
        };
        return new UpstreamResolution(upstream, custom ? "custom" : indexer.Network);
    }

    private static IndexerEndpoint Endpoint(string socket, string rest) => new(new Uri(socket), new Uri(rest.TrimEnd('/')));
}
