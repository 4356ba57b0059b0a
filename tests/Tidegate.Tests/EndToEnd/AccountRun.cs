using System.Text.Json.Nodes;
using Tidegate.Simulator;

namespace Tidegate.Tests.EndToEnd;

/// <summary>An account that trades on the simulated exchange, the built gateway before it, and clients that resume: compared with the ledger.</summary>
internal sealed class AccountRun : IAsyncDisposable
{
    public static readonly SimulatorOptions Lively = new() { Seed = 21, Rate = 200, BlockTime = TimeSpan.FromMilliseconds(250) };
    public static readonly string[] Settings = ["Reconnect:InitialDelay=00:00:00.2", "Audit:BookInterval=00:00:05", "Audit:AccountInterval=00:00:02", "Audit:RestShare=0.9", "Indexer:GraceTime=00:00:01"];

    private readonly Random random = new(5);
    private readonly CancellationTokenSource stop = new();
    private readonly List<ResumingClient> clients = [];
    private readonly Task trading;
    private volatile bool trades = true;

    private AccountRun(BuiltGateway gateway)
    {
        Gateway = gateway;
        Client = AddClient();
        trading = TradeAsync();
    }

    public static Task<AccountRun> StartAsync(params string[] settings) => StartAsync([], settings);

    /// <summary>Starts exchange, gateway and client, and the trading.</summary>
    public static async Task<AccountRun> StartAsync((string Name, string Value)[] environment, string[] settings)
    {
        var run = new AccountRun(await BuiltGateway.StartAsync(Lively, environment, [.. Settings, .. settings]));
        await run.Client.ConnectAsync();
        return run;
    }

    public BuiltGateway Gateway { get; }

    /// <summary>The first client.</summary>
    public ResumingClient Client { get; }

    public IReadOnlyList<ResumingClient> Clients => clients;

    public Task PassAsync(int from, int to) => Task.Delay(random.Next(from, to), TestContext.Current.CancellationToken);

    public ResumingClient AddClient()
    {
        clients.Add(new ResumingClient(Gateway));
        return clients[^1];
    }

    /// <summary>Lets the exchange stand still, and what is on its way arrive; then nothing may differ from the ledger. The exchange goes on.</summary>
    public async Task CompareAsync()
    {
        trades = false;
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Gateway.Indexer.Exchange.Held = true;
        var wrong = new List<string>();
        for (var attempt = 0; attempt < 40; attempt++)
        {
            await Task.Delay(500, TestContext.Current.CancellationToken);
            wrong = Differences();
            if (wrong.Count == 0)
            {
                break;
            }
        }

        if (wrong.Count > 0)
        {
            wrong.Insert(0, (await Gateway.StatusAsync()).ToJsonString());
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(8).Concat(Client.Joins.TakeLast(9).Select(join => join.ToString())).Concat(Said().TakeLast(20))));
        Assert.True(Client.Fills.Told.Count(told => told.Source != "state") > 20, "too few fills to show anything");
        foreach (var client in clients)
        {
            var told = client.AllWrong();
            Assert.True(told.Count == 0, string.Join('\n', told.Take(8).Concat(Said().TakeLast(20))));
        }

        Assert.Empty(Gateway.Indexer.Log.Of("violation"));
        Gateway.Indexer.Log.Clear();
        Gateway.Indexer.Exchange.Held = false;
        trades = true;
    }

    /// <summary>
    /// Every rejoin was a resume in one epoch, as long as no commit waited for 250 ms; a machine that holds one for longer costs the epoch twice, at
    /// once and at the next start, and each time the gateway says so.
    /// </summary>
    public void AssertEpochsKept()
    {
        var lost = Said().Count(line => line.Contains("given up", StringComparison.Ordinal));
        if (lost > 0)
        {
            TestContext.Current.SendDiagnosticMessage($"the journal was given up {lost} times");
        }

        foreach (var topic in clients.SelectMany(client => client.Journalled))
        {
            var epochs = topic.Joins.Select(join => join.Epoch).Distinct().Count();
            Assert.True(epochs <= 1 + (2 * lost), $"{topic.Channel}: {epochs} epochs, the journal was given up {lost} times");
            Assert.Equal(epochs, topic.Joins.Count(join => !join.Resumed));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await trading;
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        await Gateway.DisposeAsync();
        stop.Dispose();
    }

    // What the gateway said of its journal, for the story of a failure.
    public List<string> Said()
    {
        lock (Gateway.Output)
        {
            return Gateway.Output.FindAll(line => line.Contains("ournal", StringComparison.Ordinal));
        }
    }

    private async Task TradeAsync()
    {
        var own = new Random(9);
        while (!stop.IsCancellationRequested)
        {
            if (trades)
            {
                Gateway.Indexer.Exchange.FillSoon(Gateway.Account, 0, own.Next(2) == 0 ? "BTC-USD" : "ETH-USD");
                if (own.Next(3) == 0)
                {
                    Gateway.Indexer.Exchange.Deposit(Gateway.Account, 0, own.Next(1, 500));
                }
            }

            await Task.Delay(own.Next(30, 200), stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private List<string> Differences()
    {
        var truth = JsonNode.Parse(Gateway.Indexer.Truth("accounts", "trades", "books"))!.AsObject();
        var account = truth["accounts"]!.AsArray().Select(one => one!.AsObject())
            .First(one => (string?)one["address"] == Gateway.Account && (int)one["subaccountNumber"]! == 0);
        var fills = account["fills"]!.AsArray().Select(one => (string)one!["fill"]!["id"]!).ToList();
        var transfers = account["transfers"]!.AsArray().Select(one => ToldTopic.TransferKey(one!)).ToList();
        var orders = account["orders"]!.AsArray().ToDictionary(one => (string)one!["order"]!["id"]!, one => (string)one!["order"]!["status"]!);
        var tape = truth["trades"]![ResumingClient.Market]!.AsArray().Select(one => (string)one!["id"]!).ToList();
        var wrong = new List<string>();
        foreach (var client in clients)
        {
            LedgerComparison.InOrder("fill", fills, client.ToldOf(client.Fills), id => id, wrong);
            LedgerComparison.InOrder("transfer", transfers, client.ToldOf(client.Transfers), key => key.Split(' ')[0], wrong);
            LedgerComparison.Tape(tape, client.ToldOf(client.Tape), wrong);
            LedgerComparison.Orders(orders, client.ToldOf(client.Orders), wrong);
            wrong.AddRange(client.CompareBook(truth["books"]![ResumingClient.Market]!.AsObject()));
        }

        return wrong;
    }
}
