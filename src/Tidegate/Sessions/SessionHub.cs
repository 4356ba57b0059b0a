using System.Collections.Concurrent;
using Tidegate.Access;
using Tidegate.Indexer.Feeds;
using Tidegate.Operations;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>All sessions: admits them within the limits, writes out what is due when a burst is over, sweeps, and closes them at the end.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SessionHub : IDisposable
{
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<Session, byte> sessions = new();
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly ITimer sweeper;
    private readonly SharedTicks ticks;
    private readonly IndexerFeeds feeds;
    private Arrivals<Session> scheduled;
    private volatile bool stopping;

    public SessionHub(TopicHub topics, IndexerFeeds feeds, TokenGate tokens, SessionLimits limits, GatewayMetrics metrics, TimeProvider time)
    {
        (Topics, Tokens, Limits, Metrics, this.time, this.feeds) = (topics, tokens, limits, metrics, time, feeds);
        ticks = new SharedTicks(time, Flush);
        feeds.Drained += Flush;
        feeds.LongBurst += Flush;
        topics.Published += Flush;
        topics.Refused += OnRefused;
        sweeper = time.CreateTimer(_ => Sweep(), null, SweepEvery, SweepEvery);
    }

    public TopicHub Topics { get; }

    public TokenGate Tokens { get; }

    public SessionLimits Limits { get; }

    public GatewayMetrics Metrics { get; }

    /// <summary>How many clients are connected.</summary>
    public int Count => sessions.Count;

    /// <summary>Sessions that follow a topic of the account.</summary>
    public int CountOf(string address) => Topics.FollowersOf(address).Distinct().Count();

    /// <summary>Takes a place; false when the gateway, the token or the address of origin has all it may, or the gateway stops.</summary>
    public bool TryAdmit(SessionIdentity identity, string remote)
    {
        lock (gate)
        {
            var (token, ip) = Keys(identity, remote);
            if (stopping || counts.GetValueOrDefault("all") >= Limits.MaxConnections
                || (token is not null && counts.GetValueOrDefault(token) >= Limits.MaxConnectionsPerToken)
                || counts.GetValueOrDefault(ip) >= Limits.MaxConnectionsPerIp)
            {
                return false;
            }

            Add("all", 1);
            Add(ip, 1);
            if (token is not null)
            {
                Add(token, 1);
            }

            return true;
        }
    }

    /// <summary>Gives the place back.</summary>
    public void Release(SessionIdentity identity, string remote)
    {
        lock (gate)
        {
            var (token, ip) = Keys(identity, remote);
            Add("all", -1);
            Add(ip, -1);
            if (token is not null)
            {
                Add(token, -1);
            }
        }
    }

    public void Enter(Session session) => sessions[session] = 0;

    public void Exit(Session session) => sessions.TryRemove(session, out _);

    /// <summary>A session has something due: written when the burst is over.</summary>
    public void Schedule(Session session) => scheduled.Add(session);

    /// <summary>The burst is over, or a long one goes on.</summary>
    public void Flush()
    {
        var session = scheduled.TakeAll();
        while (session is not null)
        {
            var next = session.Next; // may be scheduled anew as soon as it flushes
            session.Flush();
            session = next;
        }
    }

    /// <summary>After a join: a conflated reader ticks; of one without a state its session hears again.</summary>
    public void AfterJoin(Session session, Reader reader)
    {
        if (reader.Conflate > TimeSpan.Zero)
        {
            reader.Ticker = ticks.Join(reader);
        }

        if (reader.AwaitsState)
        {
            reader.Waiter = time.CreateTimer(_ => TellWait(session, reader), null, session.StateWait, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Closes all with 1012, what is due written before; returns when all are gone or the time is over.</summary>
    public async Task StopAsync(TimeSpan timeout)
    {
        stopping = true;
        foreach (var session in sessions.Keys)
        {
            session.Close(1012, "restarting", dropDue: false);
        }

        var started = time.GetTimestamp();
        while (!sessions.IsEmpty && time.GetElapsedTime(started) < timeout)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        feeds.Drained -= Flush;
        feeds.LongBurst -= Flush;
        Topics.Published -= Flush;
        sweeper.Dispose();
    }

    private static void TellWait(Session session, Reader reader)
    {
        if (!reader.Gone && reader.AwaitsState)
        {
            session.OnStateAwaited(reader);
        }
    }

    private void Sweep()
    {
        // Whatever was left to a reader that did not come.
        Flush();
        var now = time.GetUtcNow();
        foreach (var session in sessions.Keys)
        {
            session.Sweep(now, Tokens);
        }
    }

    private void OnRefused(Reader reader, FeedRefusal refusal, string message)
    {
        if (reader.Owner is Session session)
        {
            session.OnTopicRefused(reader, refusal, message);
        }
    }

    private static (string? Token, string Ip) Keys(SessionIdentity identity, string remote) =>
        (identity.Token is { Id.Length: > 0 } token ? "token " + token.Id : null, "ip " + remote);

    private void Add(string key, int by)
    {
        var next = counts.GetValueOrDefault(key) + by;
        if (next == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = next;
        }
    }
}
