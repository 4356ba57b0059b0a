using Tidegate.Configuration;

namespace Tidegate.Commands;

/// <summary>What <c>watch</c> follows, and by which protocol.</summary>
/// <param name="Url">The socket's address as it may be shown.</param>
/// <param name="Address">The address to connect to.</param>
/// <param name="IsDashboard">The gateway's own protocol, else the Indexer's.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Id">The id, null for channels without one.</param>
internal sealed record WatchTarget(string Url, Uri Address, bool IsDashboard, string Channel, string? Id)
{
    /// <summary>The Indexer's channels.</summary>
    public static readonly string[] IndexerChannels =
        ["v4_subaccounts", "v4_parent_subaccounts", "v4_orderbook", "v4_trades", "v4_candles", "v4_markets", "v4_block_height"];

    /// <summary>Those of the dashboard socket: two virtual ones more.</summary>
    public static readonly string[] DashboardChannels = [.. IndexerChannels, "v4_orders", "v4_transfers"];

    private static readonly string[] WithoutId = ["v4_markets", "v4_block_height"];

    /// <summary>Reads address, channel and id.</summary>
    /// <exception cref="SettingsException">One of them is not allowed.</exception>
    public static WatchTarget Read(string from, string channel, string? id)
    {
        var url = Values.Url("--from", from, "ws", "wss", "http", "https");
        var socket = new UriBuilder(url) { Scheme = url.Scheme is "https" or "wss" ? "wss" : "ws" };
        var path = url.AbsolutePath.TrimEnd('/');
        var dashboard = path.EndsWith("/ws/dashboard", StringComparison.Ordinal);
        if (!dashboard && !path.EndsWith("/v4/ws", StringComparison.Ordinal))
        {
            throw new SettingsException($"--from \"{from}\": an address with the path /ws/dashboard or /v4/ws is allowed");
        }

        var channels = dashboard ? DashboardChannels : IndexerChannels;
        if (!channels.Contains(channel, StringComparer.Ordinal))
        {
            throw new SettingsException($"CHANNEL \"{channel}\": {string.Join(", ", channels)} are allowed{Spelling.Hint(channel, channels)}");
        }

        var bare = WithoutId.Contains(channel, StringComparer.Ordinal);
        if (bare != id is null)
        {
            throw new SettingsException(bare ? $"ID \"{id}\": {channel} takes none" : $"ID is missing: {channel} needs one, such as {Example(channel)}");
        }

        if (dashboard)
        {
            socket.Query = "subscribe=none";
        }

        // a token may stand in the path (/t/TOKEN/v4/ws): it is not shown again
        var shown = $"{socket.Scheme}://{url.Authority}{(dashboard ? "/ws/dashboard" : "/v4/ws")}";
        return new WatchTarget(shown, socket.Uri, dashboard, channel, id);
    }

    private static string Example(string channel) => channel switch
    {
        "v4_candles" => "BTC-USD/1MIN",
        "v4_orderbook" or "v4_trades" => "BTC-USD",
        _ => "dydx1…/0",
    };
}
