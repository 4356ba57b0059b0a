using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>One upstream socket as the status endpoint tells it.</summary>
public sealed record SocketInfo(string Id, string State, DateTimeOffset Since, int Subscriptions, DateTimeOffset? LastByteAt, bool Standby);

/// <summary>
/// Spreads subscriptions over as many sockets as the server's per-connection limits need, keeps them through losses, and tells each subscriber
/// where its link stands. Back-off is counted per address, with one dial at a time while no socket is up (protocol.md 1, contract 3).
/// </summary>
/// <remarks>
/// Thread-safe. Everything that happens changes the ledger under one gate and then calls <c>Turn</c>, which brings the sockets in line with the
/// ledger: one place that dials, asks, retries and tells. Frames pass from the reader thread to their subscriber without that gate. No public
/// member calls a subscriber or waits for one, so that a feed may call the pool under its own lock.
/// </remarks>
public sealed partial class SocketPool : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Dictionary<TopicKey, Link> links = [];
    private readonly List<UpstreamConnection> connections = [];
    private readonly UpstreamOptions options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly BackOff backOff;
    private readonly Road road;
    private readonly WireFactory dial;
    private readonly ITimer timer;
    private readonly CancellationTokenSource stopping = new();
    private bool started;
    private bool closed;
    private int tellsLongBurst;
    private int lastSocket;
    private long reconnects;
    private long dropped;
    private DateTimeOffset? lastByteOfEnded;

    /// <summary>Makes a pool that connects when first followed, or on <see cref="Start"/>.</summary>
    public SocketPool(UpstreamOptions options, TimeProvider time, ILoggerFactory loggers)
        : this(options, time, loggers.CreateLogger<SocketPool>(), null, Random.Shared.NextDouble)
    {
    }

    internal SocketPool(UpstreamOptions options, TimeProvider time, ILogger logger, WireFactory? dial, Func<double> random)
    {
        if (options.Endpoints.Count == 0)
        {
            throw new ArgumentException("Endpoints: at least one address is needed", nameof(options));
        }

        (this.options, this.time, this.logger) = (options, time, logger);
        this.dial = dial ?? ((url, name) => new WebSocketWire(url, name, time, logger));
        backOff = new BackOff(options, random);
        road = new Road(options, backOff, time, logger);
        road.Changed += state => roadNews.Enqueue(state);
        throttle = new LogThrottle(time);
        look = time.CreateTimer(static pool => ((SocketPool)pool!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer = time.CreateTimer(static pool => ((SocketPool)pool!).Turn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called on a reader thread each time it has handled all bytes that had arrived, before it waits for more: time to write out what is due.</summary>
    public event Action? Drained;

    /// <summary>
    /// Called on a thread of the runtime's while a reader goes on with more than 512 frames that came at once: what is due may be written out already.
    /// </summary>
    public event Action? LongBurst;

    /// <summary>Told, in order and on a thread of the pool's own, of each change of <see cref="State"/>.</summary>
    internal event Action<SocketState>? StateChanged;

    /// <summary>Told on a reader thread of data frames that nobody follows.</summary>
    internal UnclaimedFrame? Unclaimed { get; set; }

    /// <summary>
    /// Subscribes, and keeps subscribed until disposed; disposal unsubscribes (after the pending answer) and no call follows it. A call that another
    /// thread had begun may still be ending when disposal returns.
    /// </summary>
    /// <exception cref="InvalidOperationException">The topic is followed already.</exception>
    public IDisposable Follow(TopicKey topic, ISubscriber subscriber)
    {
        var link = new Link(topic, subscriber, time.GetUtcNow());
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            if (!links.TryAdd(topic, link))
            {
                throw new InvalidOperationException($"{topic} is followed already");
            }

            started = true;
        }

        Turn();
        return new Following(this, link);
    }

    /// <summary>Drops the subscription's state and subscribes it again, after a refusal or to get a fresh snapshot.</summary>
    public void Resubscribe(TopicKey topic)
    {
        lock (gate)
        {
            if (!links.TryGetValue(topic, out var link))
            {
                return;
            }

            Unpark(link);
            (link.Retries, link.Reason) = (0, null);
            if (link.Seat is { Phase: SeatPhase.Live } seat)
            {
                Release(seat);
                link.Seat = null;
            }

            if (link.Spare is { } spare)
            {
                Release(spare);
                DropSpare(link);
            }
        }

        Turn();
    }

    /// <summary>Starts dialling.</summary>
    public void Start()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            started = true;
        }

        Turn();
    }

    /// <summary>Makes the waiting attempt now; when sockets are up, opens a new one, moves to it all topics of the one that carries <paramref name="topic"/>, then closes that one.</summary>
    public void ReconnectNow(TopicKey? topic)
    {
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            road.Hurry();
            standbyDialAt = DateTimeOffset.MinValue;
            foreach (var link in links.Values.Where(l => topic is null || l.Topic == topic))
            {
                if (link.Parked == LinkState.Blocked)
                {
                    Unpark(link);
                }

                link.RetryAt = DateTimeOffset.MinValue;
            }

            if (topic is { } key && links.TryGetValue(key, out var asked) && asked.Seat?.Connection is { IsUp: true, Retiring: false } old)
            {
                Relieve(old);
            }
        }

        Turn();
    }

    /// <summary>Gives up a socket that brings nothing useful: <c>upstream-silent</c>.</summary>
    public void Abandon(TopicKey topic, string reason)
    {
        lock (gate)
        {
            if (closed || !links.TryGetValue(topic, out var link) || link.Seat?.Connection is not { IsUp: true } connection)
            {
                return;
            }

            End(connection, null, reason, reason);
        }

        Turn();
    }

    /// <summary>A path or channel was refused for geographic or compliance reasons: all links (<paramref name="topic"/> null) or one are blocked.</summary>
    public void Block(TopicKey? topic, string reason)
    {
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            if (topic is not { } key)
            {
                BlockRoad(reason, "told by the owner");
            }
            else if (links.TryGetValue(key, out var link))
            {
                Unseat(link);
                Park(link, LinkState.Blocked, reason);
            }
        }

        Turn();
    }

    /// <summary>Closes all sockets gracefully.</summary>
    public async ValueTask DisposeAsync()
    {
        UpstreamConnection[] open;
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            closed = true;
            road.Close("disposed");
            open = [.. connections];
            connections.Clear();
            foreach (var link in links.Values)
            {
                link.Gone = true;
            }
        }

        PumpNews();
        await timer.DisposeAsync();
        await look.DisposeAsync();
        await stopping.CancelAsync();
        await Task.WhenAll(open.Select(c => c.Wire.CloseAsync(CancellationToken.None)));
        foreach (var connection in open)
        {
            connection.Wire.Dispose();
        }
    }

    private void Unfollow(Link link)
    {
        lock (gate)
        {
            if (link.Gone)
            {
                return;
            }

            link.Gone = true;
            links.Remove(link.Topic);
            Unseat(link);
        }

        Turn();
    }

    private sealed class Following(SocketPool pool, Link link) : IDisposable
    {
        public void Dispose() => pool.Unfollow(link);
    }
}

/// <summary>Hears of a data frame that no seat of its socket claims.</summary>
internal delegate void UnclaimedFrame(in FrameEnvelope frame, DateTimeOffset at);
