using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;
using Tidegate.Indexer.Tests.Rest;
using Tidegate.Indexer.Tests.Sockets;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>The feeds in virtual time, over fake wires and a REST side that the test answers for.</summary>
internal sealed class FeedWorld : HttpMessageHandler, IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<string> asked = [];
    private readonly Clock clock = new();

    public FeedWorld(bool standby = false)
    {
        Net = new FakeNet(Time);
        Net.AnswerAll();
        var options = new UpstreamOptions { Endpoints = [PoolWorld.Endpoint("one")], Standby = standby };
        var pool = new SocketPool(options, Time, NullLogger.Instance, Net.Dial, () => 0.5);
        var rest = new IndexerRestClient(new Uri("http://one/v4"), Time, NullLogger<IndexerRestClient>.Instance, this);
        Feeds = new IndexerFeeds(pool, rest, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), AuditPolicy.Default, Time, NullLoggerFactory.Instance);
    }

    public FakeTimeProvider Time => clock;

    public FakeNet Net { get; }

    public IndexerFeeds Feeds { get; }

    public Func<string, string> Answer { get; set; } = _ => "{}";

    /// <summary>The status of an answer, by path.</summary>
    public Func<string, int> Status { get; set; } = _ => 200;

    /// <summary>What an answer waits for, by path.</summary>
    public Func<string, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Requests that left, by path.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (gate)
            {
                return [.. asked];
            }
        }
    }

    /// <summary>Starts the feeds, and waits until their loops, on other threads, wait for virtual time to pass: all that follows is by that time alone.</summary>
    public async Task StartAsync()
    {
        Feeds.Start();
        await UntilAsync(() => clock.Looks > 0, "the auditor's first wait");
    }

    public void Block(long height, DateTimeOffset at)
    {
        Net.Last.Data(new TopicKey(Channel.BlockHeight, ""), $$"""{"blockHeight":"{{height}}","time":"{{at:yyyy-MM-ddTHH:mm:ss.fffZ}}"}""");
        Net.Last.Drain();
    }

    /// <summary>Lets virtual time pass second by second, the server pinging, and REST answers arriving in between.</summary>
    public async Task PassAsync(int seconds, Action<int>? each = null)
    {
        for (var i = 0; i < seconds; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            foreach (var wire in Net.Wires.Where(wire => !wire.IsOver))
            {
                wire.Ping();
            }

            each?.Invoke(i);
            await Task.Yield();
        }
    }

    /// <summary>Lets virtual time pass until something holds, slowly enough that loops on other threads see each second.</summary>
    public async Task PassUntilAsync(Func<bool> holds, string what)
    {
        for (var second = 0; second < 50 && !holds(); second++)
        {
            await PassAsync(1);
            await Task.Delay(5, CancellationToken.None);
        }

        await UntilAsync(holds, what);
    }

    /// <summary>
    /// The socket ends, and time passes until a new one has asked for the topic again. What follows comes on other threads and takes no virtual time:
    /// let none pass meanwhile, or the hole counts as one that could not be closed within its ten seconds.
    /// </summary>
    public async Task LoseAsync(FeedHearer hearer)
    {
        var (lost, before) = (Net.Last, hearer.Feed.ReconnectCount);
        lost.End(1006, null);
        await PassUntilAsync(() => Net.Last != lost && Net.Last.Sent.Contains($"subscribe {hearer.Feed.Key.Channel.WireName()} {hearer.Feed.Key.Id}"), "asked for again");
        await UntilAsync(() => hearer.Feed.ReconnectCount > before, "subscribed again");
    }

    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            Assert.False(late.IsCancellationRequested, "never: " + what);
            await Task.Delay(2, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Feeds.DisposeAsync();
        Feeds.Rest.Dispose();
        Dispose();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.PathAndQuery["/v4".Length..];
        lock (gate)
        {
            asked.Add(path);
        }

        await Before(path).WaitAsync(cancellationToken);
        return RestWorld.Status(Status(path), Answer(path));
    }

    // Counts the waits between two looks of the auditor.
    private sealed class Clock() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
        private int looks;

        public int Looks => Volatile.Read(ref looks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Auditor.Look)
            {
                Interlocked.Increment(ref looks);
            }

            return timer;
        }
    }
}
