using System.Text.Json.Nodes;

namespace Tidegate.Tests.EndToEnd;

/// <summary>
/// A bot that follows an account's orders, fills and transfers, a market's tape and its book through any number of connections, resuming each time:
/// what it has been told, and whatever is wrong with the telling. Knows contract 2 alone.
/// </summary>
/// <remarks>Thread-safe: frames come on the connection's thread.</remarks>
internal sealed class ResumingClient(BuiltGateway gateway) : IAsyncDisposable
{
    public const string Market = "BTC-USD";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Lock gate = new();
    private readonly ToldTopic[] topics =
    [
        new("v4_orders", gateway.Account + "/0"), new("v4_trades", gateway.Account + "/0"), new("v4_transfers", gateway.Account + "/0"), new("v4_trades", Market),
    ];

    private DashboardClient? client;
    private MirroredBook book = new();
    private HashSet<string> awaited = [];
    private TaskCompletionSource joined = new();
    private int crossed;

    public ToldTopic Orders => topics[0];

    public ToldTopic Fills => topics[1];

    public ToldTopic Transfers => topics[2];

    public ToldTopic Tape => topics[3];

    /// <summary>The topics whose epoch outlives the process.</summary>
    public IEnumerable<ToldTopic> Journalled => topics.Take(3);

    public IEnumerable<Join> Joins => Journalled.SelectMany(topic => topic.Joins);

    /// <summary>Everything wrong so far.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>Events that came out of the chain's order and said so.</summary>
    public int Late
    {
        get
        {
            lock (gate)
            {
                return topics.Where(topic => !topic.IsOrders).Sum(topic => topic.Told.Count(told => told.IsLate));
            }
        }
    }

    /// <summary>Events whose place in the chain is known: all but orders.</summary>
    public int Placed
    {
        get
        {
            lock (gate)
            {
                return topics.Where(topic => !topic.IsOrders).Sum(topic => topic.Told.Count);
            }
        }
    }

    public int Connects { get; private set; }

    /// <summary>How often it was closed as slow.</summary>
    public int SlowCloses { get; private set; }

    /// <summary>Connects and resumes all topics; waits until each is answered.</summary>
    public async Task ConnectAsync()
    {
        List<string> subscribes;
        lock (gate)
        {
            (book, awaited, joined) = (new MirroredBook(), [.. topics.Select(NameOf), "v4_orderbook " + Market], new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            subscribes = [.. topics.Select(topic => Subscribe(topic.Channel, topic.Id, topic.At is { } at ? $",\"resume\":{{\"epoch\":\"{at.Epoch}\",\"seq\":{at.Seq}}}" : "")), Subscribe("v4_orderbook", Market, "")];
        }

        client = await gateway.ConnectAsync("&subscribe=none", Take);
        Connects++;
        foreach (var subscribe in subscribes)
        {
            await client.SendAsync(subscribe);
        }

        await Task.WhenAny(joined.Task.WaitAsync(Patience), client.Ended);
        Assert.True(joined.Task.IsCompletedSuccessfully || client.Ended.IsCompleted, $"not answered in time: {string.Join(", ", awaited)}");
    }

    /// <summary>Lets the connection go.</summary>
    public async Task DisconnectAsync()
    {
        if (client is not null)
        {
            await client.DisposeAsync();
            Account(client);
            client = null;
        }
    }

    /// <summary>Waits until the gateway is gone.</summary>
    public async Task LoseAsync()
    {
        await client!.WaitForCloseAsync(TimeSpan.FromSeconds(60));
        await DisconnectAsync();
    }

    /// <summary>Stays connected until told to stop: whenever it is closed, it comes back.</summary>
    public async Task StayAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (client is null)
                {
                    await ConnectAsync();
                }

                await client!.Ended.WaitAsync(stop);
            }
            catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or OperationCanceledException)
            {
                // The gateway is away, or the run is over.
            }

            await DisconnectAsync();
            await Task.Delay(30, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Cuts the connection; who stays comes back.</summary>
    public void Cut() => client?.Abort();

    /// <summary>Reads nothing, with all that the connection can hold on its way, until the span is over or the gateway has had enough.</summary>
    public async Task StallAsync(TimeSpan span, CancellationToken stop)
    {
        if (client is not { } stalled)
        {
            return;
        }

        // A tape that nothing is asked of: its states fill whatever buffers there are.
        stalled.Pause(true);
        foreach (var frame in new[] { Subscribe("v4_trades", "ETH-USD", "") }.Concat(Enumerable.Repeat("""{"type":"snapshot","channel":"v4_trades","id":"ETH-USD"}""", 6)))
        {
            await stalled.SendAsync(frame).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.Delay(span, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stalled.Pause(false);
        await stalled.SendAsync("""{"type":"unsubscribe","channel":"v4_trades","id":"ETH-USD"}""").ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>A copy of what a topic was told, while frames go on coming.</summary>
    public List<ToldEvent> ToldOf(ToldTopic topic)
    {
        lock (gate)
        {
            return [.. topic.Told];
        }
    }

    /// <summary>Everything that was wrong so far; crossed books too.</summary>
    public List<string> AllWrong()
    {
        lock (gate)
        {
            return [.. Wrong, .. topics.SelectMany(topic => topic.Wrong), .. crossed + book.Crossed > 0 ? [$"{crossed + book.Crossed} crossed books"] : Array.Empty<string>()];
        }
    }

    /// <summary>The differences of the book to the true one.</summary>
    public List<string> CompareBook(JsonObject truth)
    {
        lock (gate)
        {
            return [.. book.Differences(truth)];
        }
    }

    public async ValueTask DisposeAsync() => await DisconnectAsync();

    private static string NameOf(ToldTopic topic) => $"{topic.Channel} {topic.Id}";

    private static string Subscribe(string channel, string id, string more) => $$"""{"type":"subscribe","channel":"{{channel}}","id":"{{id}}"{{more}}}""";

    private void Account(DashboardClient gone)
    {
        lock (gate)
        {
            Wrong.AddRange(gone.Breaks);
            crossed += book.Crossed;
            book = new MirroredBook();
            SlowCloses += gone.CloseReason == "slow-consumer" ? 1 : 0;
        }
    }

    private void Take(JsonObject frame)
    {
        lock (gate)
        {
            var (type, channel, id) = ((string)frame["type"]!, (string?)frame["channel"] ?? "", (string?)frame["id"] ?? "");
            if (type == "error")
            {
                Wrong.Add(frame.ToJsonString());
            }

            if (channel == "v4_orderbook" && frame["data"] is JsonObject data && frame["seq"] is not null)
            {
                book.Take(frame, data, DateTimeOffset.UtcNow);
            }
            else
            {
                Array.Find(topics, topic => topic.Channel == channel && topic.Id == id)?.Take(frame);
            }

            if (type == "subscribed" && awaited.Remove($"{channel} {id}") && awaited.Count == 0)
            {
                joined.TrySetResult();
            }
        }
    }
}
