using System.Text.Json.Nodes;
using Tidegate.Simulator;
using Tidegate.Simulator.Control;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Trading;

namespace Tidegate.Tests.EndToEnd;

/// <summary>
/// An exchange of four markets and three accounts, one with an isolated child, that changes 300 times a second; the built gateway before it; and a client
/// that keeps its state from frames alone. Each second the exchange is held for a moment: what was sent before arrives, both sides are compared, and
/// what was held up is caught up with.
/// </summary>
internal sealed class TruthRun : IAsyncDisposable
{
    private const decimal MarkPrice = 1_000_000_000; // an ask that no book knows to
    private static readonly string[] Tickers = ["BTC-USD", "ETH-USD", "MEME-USD", "ISO-USD"];
    private static readonly string[] Events = ["v4_orders", "v4_trades"];
    private readonly BuiltGateway gateway;
    private readonly string token;
    private readonly LedgerMirror mirror = new();
    private readonly List<(string Channel, string Id)> topics;
    private readonly SemaphoreSlim moment = new(1, 1);
    private DashboardClient? client;
    private readonly List<(int Known, int WithTaken)> depths = [];
    private decimal mark;
    private long frames;

    private TruthRun(BuiltGateway gateway)
    {
        this.gateway = gateway;
        var addresses = gateway.Indexer.Addresses;
        token = gateway.MakeToken([.. addresses]);
        topics =
        [
            .. Tickers.Select(ticker => ("v4_orderbook", ticker)),
            .. addresses.SelectMany(address => Events.Prepend("v4_subaccounts").Select(channel => (channel, address + "/0"))),
            ("v4_parent_subaccounts", addresses[0] + "/0"), .. Events.Select(channel => (channel, addresses[0] + "/parent/0")),
        ];
    }

    public BuiltGateway Gateway => gateway;

    public Exchange Exchange => gateway.Indexer.Exchange;

    public Faults Faults => gateway.Indexer.Faults;

    public LedgerMirror Mirror => mirror;

    /// <summary>Moments compared so far.</summary>
    public int Comparisons { get; private set; }

    public static async Task<TruthRun> StartAsync(int seed, params string[] settings)
    {
        // Crosses and forgotten levels only where a run makes them: between them nothing may differ.
        var options = new SimulatorOptions { Seed = seed, Rate = 300, CrossProbability = 0 };
        var run = new TruthRun(await BuiltGateway.StartAsync(options, settings));
        await run.ConnectAsync();
        return run;
    }

    /// <summary>Does something that must not fall into the moment of a comparison.</summary>
    public async Task BetweenAsync(Func<Task> act)
    {
        await moment.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await act();
        }
        finally
        {
            moment.Release();
        }
    }

    /// <summary>Ends the gateway and starts it anew; the client comes back and resumes.</summary>
    public Task RestartAsync(bool kill) => BetweenAsync(() => EndAndStartAsync(kill));

    private async Task EndAndStartAsync(bool kill)
    {
        if (kill)
        {
            await gateway.KillAsync();
        }
        else
        {
            Assert.Equal(0, await gateway.TerminateAsync(TimeSpan.FromSeconds(30)));
        }

        await client!.WaitForCloseAsync(TimeSpan.FromSeconds(30));
        await DisconnectAsync();
        await gateway.StartAgainAsync();
        await ConnectAsync();
    }

    /// <summary>
    /// The differences between the client's state and the ledger's at one moment. What was sent before it has arrived: what is <paramref name="touched"/> by
    /// a distortion is waited for two seconds, all else for as long as a busy machine may take.
    /// </summary>
    public async Task<IReadOnlyList<(Touches What, string Text)>> CompareAsync(Touches touched)
    {
        IReadOnlyList<(Touches What, string Text)> wrong = [];
        await BetweenAsync(async () => wrong = await CompareHeldAsync(touched));
        return wrong;
    }

    private async Task<IReadOnlyList<(Touches What, string Text)>> CompareHeldAsync(Touches touched)
    {
        Exchange.Held = true;
        try
        {
            var marks = MakeMarks();
            var truth = Truth();
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            bool MayWait() => !late.IsCancellationRequested && (!soon.IsCancellationRequested || (Missing(marks) & ~touched) != Touches.Nothing);
            while (MayWait() && !await UntilAsync(() => Missing(marks) == Touches.Nothing, late.Token))
            {
                (marks, truth) = (MakeMarks(), Truth()); // the last ones were lost at the source, perhaps
            }

            // An account whose oracle price moved is told at most once in 100 ms.
            var missing = Missing(marks);
            var wrong = Differences(truth, missing);
            await UntilAsync(() => (wrong = Differences(truth, missing)).TrueForAll(one => one.What != Touches.Accounts), late.Token);
            Comparisons++;
            return missing == Touches.Nothing ? wrong : [(missing, $"what was sent does not arrive: {string.Join(", ", MissingMarks(marks))}"), .. wrong];
        }
        finally
        {
            Exchange.Held = false;
        }
    }

    /// <summary>Takes in what has come.</summary>
    public void Follow()
    {
        foreach (var (frame, at) in client?.TakeFrames() ?? [])
        {
            mirror.Take(frame, at);
            frames++;
        }
    }

    /// <summary>What may never be, whatever goes wrong: a crossed book, a fill told twice, a hole in a topic's numbers, and fifty levels not known but for a jump.</summary>
    public IEnumerable<string> NeverRight() =>
    [
        .. mirror.Books.Where(book => book.Value.Crossed > 0).Select(book => $"{book.Key}: {book.Value.Crossed} crossed frames"),
        .. mirror.Accounts.SelectMany(account => account.Value.FillsTwice.Select(fill => $"{account.Key}: fill {fill} told twice")),
        .. mirror.Books.SelectMany(book => book.Value.Shallow.Select(shallow => $"{book.Key} {shallow}")),
        .. client?.Breaks ?? [],
    ];

    /// <summary>
    /// Books of which fewer than a hundred levels a side are known, those not counted that were taken away within the last seconds: REST gives a hundred
    /// and no more, so the next one that goes cannot be made up for before it is asked again.
    /// </summary>
    public IEnumerable<string> Shallow(TimeSpan within)
    {
        foreach (var (ticker, book) in mirror.Books)
        {
            var depth = book.DepthWithTaken(TimeProvider.System.GetUtcNow() - within);
            depths.Add((book.Depth, depth));
            if (depth < 100)
            {
                yield return $"{ticker}: {book.Depth} levels known, {depth} with those taken away";
            }
        }
    }

    /// <summary>Known levels that were repaired since the last call.</summary>
    public List<string> TakeRepairs()
    {
        var repairs = mirror.Books.SelectMany(book => book.Value.Repairs.Select(level => $"{book.Key} {level}")).ToList();
        foreach (var book in mirror.Books.Values)
        {
            book.Repairs.Clear();
        }

        return repairs;
    }

    /// <summary>What the run looked like.</summary>
    public string Figures => $"{Comparisons} comparisons, {frames} frames; at them known from {depths.Select(one => one.Known).DefaultIfEmpty().Min()} levels a side on, "
        + $"over a hundred in {depths.Count(one => one.Known >= 100)} of {depths.Count}; with those just taken away from {depths.Select(one => one.WithTaken).DefaultIfEmpty().Min()} on; "
        + $"after any frame from {mirror.Books.Values.Min(book => book.Shallowest)} on{(JournalWasGivenUp ? "; the journal was given up" : "")}";

    /// <summary>How the client and the gateway stand and what the gateway said last, for the story of a failure.</summary>
    public async Task<string> StoryAsync()
    {
        var story = await gateway.StoryAsync();
        return $"client closed: {client?.CloseStatus} {client?.CloseReason} {client?.Ended.IsCompleted}; upstream sockets open: {gateway.Indexer.Log.Open}\n{story}";
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        await gateway.DisposeAsync();
        moment.Dispose();
    }

    private async Task ConnectAsync()
    {
        var joined = await gateway.ConnectWithAsync(token, "&subscribe=none");
        foreach (var (channel, id) in topics)
        {
            var resume = mirror.Held.TryGetValue((channel, id), out var at) ? $",\"resume\":{{\"epoch\":\"{at.Epoch}\",\"seq\":{at.Seq}}}" : "";
            await joined.SubscribeAsync(channel, id, resume);
        }

        foreach (var (channel, id) in topics)
        {
            var answer = await joined.WaitForAsync("subscribed", channel, id);
            if (Events.Contains(channel) && mirror.Held.TryGetValue((channel, id), out var at))
            {
                Assert.True(
                    ((bool)answer["resumed"]! && (long)answer["seq"]! == at.Seq) || JournalWasGivenUp,
                    $"{channel} {id} was not resumed at {at}: {answer["epoch"]} {answer["seq"]}");
            }
        }

        client = joined;
    }

    // A commit that the machine's disk holds for more than 250 ms ends the epochs of the events, as it has to.
    private bool JournalWasGivenUp
    {
        get
        {
            lock (gateway.Output)
            {
                return gateway.Output.Exists(line => line.Contains("took longer than 250 ms", StringComparison.Ordinal));
            }
        }
    }

    private async Task DisconnectAsync()
    {
        if (client is not null)
        {
            await client.DisposeAsync();
            Follow();
            Assert.Empty(client.Breaks);
            client = null;
        }
    }

    private JsonObject Truth() => JsonNode.Parse(gateway.Indexer.Truth("books", "accounts"))!.AsObject();

    private List<(Touches What, string Text)> Differences(JsonObject truth, Touches missing)
    {
        Follow();
        return TruthComparison.Differences(mirror, truth, values: !IsAfterFunding).FindAll(one => (one.What & missing) == 0);
    }

    // The Indexer settles the hour without a frame and needs some seconds for it.
    private bool IsAfterFunding => Exchange.Now.TimeOfDay.Ticks % TimeSpan.TicksPerHour < TimeSpan.FromSeconds(5).Ticks;

    // A sign on each topic's own way: behind it all that was sent before has arrived.
    private List<(string Topic, string Sign)> MakeMarks()
    {
        mark++;
        foreach (var ticker in Tickers)
        {
            Exchange.SetLevel(ticker, Side.Sell, MarkPrice, mark);
        }

        var removed = gateway.Indexer.Addresses.Select(address => (address + "/0", Exchange.TellUnseenRemoval(address, 0))).ToList();
        return [.. removed, (gateway.Indexer.Addresses[0] + "/parent/0", removed[0].Item2)];
    }

    private Touches Missing(List<(string Topic, string Sign)> marks)
    {
        Follow();
        return (Tickers.All(HasMark) ? Touches.Nothing : Touches.Books) | (marks.TrueForAll(HasMark) ? Touches.Nothing : Touches.Accounts);
    }

    private IEnumerable<string> MissingMarks(List<(string Topic, string Sign)> marks) =>
        [.. Tickers.Where(ticker => !HasMark(ticker)), .. marks.Where(one => !HasMark(one)).Select(one => one.Topic)];

    private bool HasMark(string ticker) => mirror.Books[ticker].HasAsk(MarkPrice, mark);

    private bool HasMark((string Topic, string Sign) account) => mirror.Accounts[account.Topic].Orders.ContainsKey(account.Sign);

    // Looks with every frame that comes, for as long as the first word of a lost frame would take.
    private async Task<bool> UntilAsync(Func<bool> reached, CancellationToken late)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(late);
        enough.CancelAfter(TimeSpan.FromMilliseconds(500));
        while (!reached())
        {
            await client!.NextFrameAsync().WaitAsync(enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (enough.IsCancellationRequested)
            {
                return reached();
            }
        }

        return true;
    }
}
