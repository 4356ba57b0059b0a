namespace Tidegate.Configuration;

/// <summary>Every setting, under <c>Tidegate:</c> in configuration (docs/configuration.md). Validated at start.</summary>
public sealed class TidegateOptions
{
    /// <summary>The Indexer.</summary>
    public IndexerSettings Indexer { get; set; } = new();

    /// <summary>Waits between attempts to connect.</summary>
    public ReconnectSettings Reconnect { get; set; } = new();

    /// <summary>The fallback.</summary>
    public PollingSettings Polling { get; set; } = new();

    /// <summary>When a socket counts as dead.</summary>
    public HealthSettings Health { get; set; } = new();

    /// <summary>Comparison with REST.</summary>
    public AuditSettings Audit { get; set; } = new();

    /// <summary>Who may connect.</summary>
    public AccessSettings Access { get; set; } = new();

    /// <summary>Limits on clients.</summary>
    public SessionSettings Sessions { get; set; } = new();

    /// <summary>The event journal.</summary>
    public JournalSettings Journal { get; set; } = new();

    /// <summary>The drop-in Indexer's limits.</summary>
    public DropInSettings DropIn { get; set; } = new();

    /// <summary>Folder of the local store; empty = below the user's data folder.</summary>
    public string Data { get; set; } = "";
}

/// <summary><c>Tidegate:Indexer</c>.</summary>
public sealed class IndexerSettings
{
    /// <summary><c>mainnet</c> or <c>testnet</c>; <c>custom</c> and <c>simulated</c> follow from how the gateway was started.</summary>
    public string Network { get; set; } = "mainnet";

    /// <summary>Overrides the network's socket address.</summary>
    public string? WebSocketUrl { get; set; }

    /// <summary>Overrides the network's REST address.</summary>
    public string? RestUrl { get; set; }

    /// <summary>Further addresses, tried in order.</summary>
    public List<FallbackSettings> Fallbacks { get; set; } = [];

    /// <summary>Whether a second socket carries the same subscriptions.</summary>
    public bool Standby { get; set; } = true;

    /// <summary>How long a topic without clients is kept.</summary>
    public TimeSpan GraceTime { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The most upstream sockets.</summary>
    public int MaxSockets { get; set; } = 32;

    /// <summary>How long new events wait for a backfill.</summary>
    public TimeSpan BackfillHold { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>One of <c>Tidegate:Indexer:Fallbacks</c>.</summary>
public sealed class FallbackSettings
{
    /// <summary>The socket address.</summary>
    public string WebSocketUrl { get; set; } = "";

    /// <summary>The REST address.</summary>
    public string RestUrl { get; set; } = "";
}

/// <summary><c>Tidegate:Reconnect</c>.</summary>
public sealed class ReconnectSettings
{
    /// <summary>The first wait.</summary>
    public TimeSpan InitialDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(16);

    /// <summary>Failures before polling takes over.</summary>
    public int AttemptsBeforePolling { get; set; } = 5;

    /// <summary>Spread of each wait, 0 to 1.</summary>
    public double Jitter { get; set; } = 0.2;
}

/// <summary><c>Tidegate:Polling</c>.</summary>
public sealed class PollingSettings
{
    /// <summary>From the start of one round to the next; longer where the REST budget asks for it.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);
}

/// <summary><c>Tidegate:Health</c>.</summary>
public sealed class HealthSettings
{
    /// <summary>A socket without a byte for so long is replaced.</summary>
    public TimeSpan StaleAfter { get; set; } = TimeSpan.FromSeconds(45);
}

/// <summary><c>Tidegate:Audit</c>.</summary>
public sealed class AuditSettings
{
    /// <summary>Period for books.</summary>
    public TimeSpan BookInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Period for accounts, tapes and candles.</summary>
    public TimeSpan AccountInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Share of the server's REST limits, 0 to 1.</summary>
    public double RestShare { get; set; } = 0.3;
}

/// <summary><c>Tidegate:Access</c>.</summary>
public sealed class AccessSettings
{
    /// <summary><c>token</c> or <c>open</c>.</summary>
    public string Mode { get; set; } = "token";

    /// <summary>HS256 key, at least 32 bytes; empty = a random one kept in <c>Data</c>.</summary>
    public string? SigningKey { get; set; }

    /// <summary>An OpenID Connect authority.</summary>
    public string? Authority { get; set; }

    /// <summary>The claim with the addresses.</summary>
    public string AddressClaim { get; set; } = "addresses";

    /// <summary>Origins that may connect beside the own one.</summary>
    public List<string> AllowedOrigins { get; set; } = [];

    /// <summary>Host names that may be asked for beside the bound and loopback ones.</summary>
    public List<string> AllowedHosts { get; set; } = [];

    /// <summary>Whether market data needs no token.</summary>
    public bool PublicMarketData { get; set; }
}

/// <summary><c>Tidegate:Sessions</c>.</summary>
public sealed class SessionSettings
{
    /// <summary>Connections in all.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Connections of one token.</summary>
    public int MaxConnectionsPerToken { get; set; } = 100;

    /// <summary>Connections from one IP address.</summary>
    public int MaxConnectionsPerIp { get; set; } = 1000;

    /// <summary>Subscriptions of one connection.</summary>
    public int MaxSubscriptions { get; set; } = 500;

    /// <summary>Frames that a client may be behind on a topic.</summary>
    public int QueueFrames { get; set; } = 1024;

    /// <summary>Bytes that a client may be behind.</summary>
    public int QueueBytes { get; set; } = 524_288;

    /// <summary>Frames a topic keeps for resume.</summary>
    public int ResumeFrames { get; set; } = 4096;

    /// <summary>Bytes of frames a topic keeps for resume; at least <see cref="QueueBytes"/> are kept.</summary>
    public int ResumeBytes { get; set; } = 4_194_304;

    /// <summary>How long sessions may take to drain at shutdown.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary><c>Tidegate:Journal</c>.</summary>
public sealed class JournalSettings
{
    /// <summary>Whether events are kept across restarts.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Events kept per topic.</summary>
    public int MaxEvents { get; set; } = 10_000;

    /// <summary>How long events are kept.</summary>
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromDays(3);

    /// <summary>Bytes in all.</summary>
    public long MaxBytes { get; set; } = 268_435_456;
}

/// <summary><c>Tidegate:DropIn</c>.</summary>
public sealed class DropInSettings
{
    /// <summary>Subscriptions per channel and connection; 0 lifts the limit.</summary>
    public Dictionary<string, int> MaxSubscriptions { get; set; } = new(StringComparer.Ordinal)
    {
        ["v4_subaccounts"] = 256,
        ["v4_parent_subaccounts"] = 256,
        ["v4_trades"] = 32,
        ["v4_orderbook"] = 32,
        ["v4_candles"] = 32,
        ["v4_markets"] = 32,
        ["v4_block_height"] = 1,
    };

    /// <summary>Subscribes to one topic in a second; 0 lifts the limit.</summary>
    public int SubscribesPerSecond { get; set; } = 2;

    /// <summary>Invalid messages in a second; 0 lifts the limit.</summary>
    public int BadMessagesPerSecond { get; set; } = 2;
}
