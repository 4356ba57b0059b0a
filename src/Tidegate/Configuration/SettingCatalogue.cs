using System.Text;
using static Tidegate.Configuration.SettingRule;

namespace Tidegate.Configuration;

/// <summary>Every setting there is (contract 1, docs/configuration.md). A test holds it against <see cref="TidegateOptions"/>, member by member.</summary>
internal static class SettingCatalogue
{
    private const string SocketUrl = "a ws:// or wss:// address is allowed, such as wss://indexer.dydx.trade/v4/ws";
    private const string RestUrl = "an http:// or https:// address is allowed, such as https://indexer.dydx.trade/v4";
    private const int Many = 1_000_000;
    private const int MostFallbacks = 16;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>All rules.</summary>
    public static readonly SettingRule[] All =
    [
        Word("Indexer:Network", ["mainnet", "testnet"], (o, v) => o.Indexer.Network = v),
        Text("Indexer:WebSocketUrl", SocketUrl, Socket, (o, v) => o.Indexer.WebSocketUrl = v, optional: true),
        Text("Indexer:RestUrl", RestUrl, Rest, (o, v) => o.Indexer.RestUrl = v, optional: true),
        Fallback("WebSocketUrl", SocketUrl, Socket, (f, v) => f.WebSocketUrl = v),
        Fallback("RestUrl", RestUrl, Rest, (f, v) => f.RestUrl = v),
        Flag("Indexer:Standby", (o, v) => o.Indexer.Standby = v),
        Duration("Indexer:GraceTime", Day, (o, v) => o.Indexer.GraceTime = v, zero: true),
        Number("Indexer:MaxSockets", 1, 1000, (o, v) => o.Indexer.MaxSockets = (int)v),
        Duration("Indexer:BackfillHold", Hour, (o, v) => o.Indexer.BackfillHold = v, zero: true),

        Duration("Reconnect:InitialDelay", Hour, (o, v) => o.Reconnect.InitialDelay = v),
        Duration("Reconnect:MaxDelay", Hour, (o, v) => o.Reconnect.MaxDelay = v),
        Number("Reconnect:AttemptsBeforePolling", 1, 1000, (o, v) => o.Reconnect.AttemptsBeforePolling = (int)v),
        Share("Reconnect:Jitter", zero: true, (o, v) => o.Reconnect.Jitter = v),

        Duration("Polling:Interval", Hour, (o, v) => o.Polling.Interval = v),
        Duration("Health:StaleAfter", Hour, (o, v) => o.Health.StaleAfter = v),

        Duration("Audit:BookInterval", Day, (o, v) => o.Audit.BookInterval = v),
        Duration("Audit:AccountInterval", Day, (o, v) => o.Audit.AccountInterval = v),
        Share("Audit:RestShare", zero: false, (o, v) => o.Audit.RestShare = v),

        Word("Access:Mode", ["token", "open"], (o, v) => o.Access.Mode = v),
        Text("Access:SigningKey", "a key of at least 32 bytes is allowed", Key, (o, v) => o.Access.SigningKey = v, optional: true, secret: true),
        Text("Access:Authority", "an https:// address is allowed (http:// on loopback only)", Authority, (o, v) => o.Access.Authority = v, optional: true),
        Text("Access:AddressClaim", "the name of a claim is allowed", t => t.Trim().Length > 0 ? t.Trim() : null, (o, v) => o.Access.AddressClaim = v!),
        .. List("Access:AllowedOrigins", "an origin is allowed, such as https://desk.example", WebAddress.Origin, o => o.Access.AllowedOrigins),
        .. List("Access:AllowedHosts", "a host name without scheme and port is allowed, such as gate.example", HostName, o => o.Access.AllowedHosts),
        Flag("Access:PublicMarketData", (o, v) => o.Access.PublicMarketData = v),

        Number("Sessions:MaxConnections", 1, Many, (o, v) => o.Sessions.MaxConnections = (int)v),
        Number("Sessions:MaxConnectionsPerToken", 1, Many, (o, v) => o.Sessions.MaxConnectionsPerToken = (int)v),
        Number("Sessions:MaxConnectionsPerIp", 1, Many, (o, v) => o.Sessions.MaxConnectionsPerIp = (int)v),
        Number("Sessions:MaxSubscriptions", 1, Many, (o, v) => o.Sessions.MaxSubscriptions = (int)v),
        Number("Sessions:QueueFrames", 1, Many, (o, v) => o.Sessions.QueueFrames = (int)v),
        Number("Sessions:QueueBytes", 1024, 1 << 30, (o, v) => o.Sessions.QueueBytes = (int)v),
        Number("Sessions:ResumeFrames", 0, Many, (o, v) => o.Sessions.ResumeFrames = (int)v),
        Number("Sessions:ResumeBytes", 0, 1 << 30, (o, v) => o.Sessions.ResumeBytes = (int)v),
        Duration("Sessions:ShutdownTimeout", TimeSpan.FromMinutes(1), (o, v) => o.Sessions.ShutdownTimeout = v),

        Flag("Journal:Enabled", (o, v) => o.Journal.Enabled = v),
        Number("Journal:MaxEvents", 1, 100 * Many, (o, v) => o.Journal.MaxEvents = (int)v),
        Duration("Journal:MaxAge", TimeSpan.FromDays(3650), (o, v) => o.Journal.MaxAge = v),
        Number("Journal:MaxBytes", 1 << 20, 1L << 42, (o, v) => o.Journal.MaxBytes = v),

        .. new DropInSettings().MaxSubscriptions.Keys.Select(channel =>
            Number("DropIn:MaxSubscriptions:" + channel, 0, Many, (o, v) => o.DropIn.MaxSubscriptions[channel] = (int)v)),
        Number("DropIn:SubscribesPerSecond", 0, Many, (o, v) => o.DropIn.SubscribesPerSecond = (int)v),
        Number("DropIn:BadMessagesPerSecond", 0, Many, (o, v) => o.DropIn.BadMessagesPerSecond = (int)v),

        Text("Data", "a folder's path is allowed", t => t.IndexOf('\0', StringComparison.Ordinal) < 0 ? t : null, (o, v) => o.Data = v ?? "", optional: true),
    ];

    /// <summary>The first parts of the keys.</summary>
    public static readonly string[] Sections = [.. All.Select(r => r.Key.Split(':')[0]).Distinct(StringComparer.Ordinal)];

    private static SettingRule Fallback(string member, string allowed, Func<string, string?> canonical, Action<FallbackSettings, string> set) =>
        new("Indexer:Fallbacks:*:" + member, allowed, (o, index, text) =>
        {
            if (canonical(text) is not { } value || index >= MostFallbacks)
            {
                return false;
            }

            while (o.Indexer.Fallbacks.Count <= index)
            {
                o.Indexer.Fallbacks.Add(new FallbackSettings());
            }

            set(o.Indexer.Fallbacks[index], value);
            return true;
        });

    private static string? Socket(string text) => WebAddress.TryParse(text, ["ws", "wss"], out var address) ? address.AbsoluteUri : null;

    private static string? Rest(string text) => WebAddress.TryParse(text, ["http", "https"], out var address) ? address.AbsoluteUri.TrimEnd('/') : null;

    private static string? Key(string text) => Encoding.UTF8.GetByteCount(text) >= 32 ? text : null;

    private static string? Authority(string text) =>
        WebAddress.TryParse(text, ["https", "http"], out var address) && (address.Scheme == "https" || address.IsLoopback) ? text.Trim() : null;

    private static string? HostName(string text) => WebAddress.IsHost(text.Trim()) ? WebAddress.Host(text.Trim()) : null;
}
