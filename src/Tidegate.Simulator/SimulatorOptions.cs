namespace Tidegate.Simulator;

/// <summary>What a simulated exchange looks like and how wrong its Indexer is; every default is a lively demo market.</summary>
public sealed record SimulatorOptions
{
    /// <summary>The seed of all randomness: the same seed, start time and steps give the same exchange.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many markets there are: BTC-USD, ETH-USD, MEME-USD, ISO-USD, then T0-USD, T1-USD, …</summary>
    public int Markets { get; init; } = 4;

    /// <summary>Book changes per second over all markets.</summary>
    public double Rate { get; init; } = 50;

    /// <summary>The time between two blocks.</summary>
    public TimeSpan BlockTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether the loopback control endpoint <c>/ctl/*</c> is there.</summary>
    public bool Control { get; init; }

    /// <summary>The addresses to listen on; port 0 takes a free one. Only loopback is meant.</summary>
    public IReadOnlyList<string> Urls { get; init; } = ["http://127.0.0.1:8001"];

    /// <summary>Whether the exchange runs by the clock. Off: it moves only by <c>Exchange.Step</c> and <c>AdvanceBlock</c>.</summary>
    public bool Running { get; init; } = true;

    /// <summary>How much past the exchange starts with: trades, fills, orders and transfers of this span are in the ledger.</summary>
    public TimeSpan Past { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>From the arrival of a subscribe to the read of its snapshot.</summary>
    public TimeSpan SnapshotDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>From the read of a snapshot to the registration of the subscriber: updates in between reach nobody.</summary>
    public TimeSpan RegistrationDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long batched updates are collected.</summary>
    public TimeSpan BatchInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>From a block's commit to its frames: REST is ahead of the stream by this.</summary>
    public TimeSpan PublishDelay { get; init; }

    /// <summary>How far REST, and with it every snapshot, is behind the ledger (a read replica).</summary>
    public TimeSpan RestLag { get; init; }

    /// <summary>The probability with which one block's account, trade and candle frames are lost for good.</summary>
    public double LossProbability { get; init; }

    /// <summary>The probability with which a frame is sent twice.</summary>
    public double RepeatProbability { get; init; }

    /// <summary>The probability with which a book change crosses the book.</summary>
    public double CrossProbability { get; init; } = 0.002;

    /// <summary>The time between two protocol pings on one connection.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the pong may take before the connection is closed with 1011.</summary>
    public TimeSpan HeartbeatTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Frames that may wait for one connection before it is dropped.</summary>
    public int QueueFrames { get; init; } = 8192;

    /// <summary>Whether REST counts requests against the rate limits.</summary>
    public bool RestLimits { get; init; } = true;
}
