using System.Diagnostics;
using System.Net;
using Tidegate.Simulator;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.DropIn;

/// <summary>Fifty programs that start within the same seconds and each ask what a bot asks at its start.</summary>
[Collection(AloneCollection.Name)]
public sealed class StartStormTests
{
    private const int Bots = 50;

    [Fact]
    public async Task The_upstream_sees_what_one_bot_would_send_and_no_bot_is_refused_or_waits_long()
    {
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 10, Rate = 50 }, "Indexer:Standby=false", "Audit:RestShare=0.05");
        await using var follower = await gateway.ConnectAsync();
        await follower.WaitForAsync("subscribed", "v4_orders");
        foreach (var market in new[] { "BTC-USD", "ETH-USD" })
        {
            await follower.SubscribeAsync("v4_orderbook", market);
            await follower.WaitForAsync("subscribed", "v4_orderbook", market);
        }

        var account = gateway.Account;
        string[] calls =
        [
            "/time", "/height", "/perpetualMarkets", "/orderbooks/perpetualMarket/BTC-USD", "/orderbooks/perpetualMarket/ETH-USD", "/trades/perpetualMarket/BTC-USD?limit=100",
            "/trades/perpetualMarket/ETH-USD?limit=100", "/candles/perpetualMarkets/BTC-USD?resolution=1MIN&limit=100", "/candles/perpetualMarkets/BTC-USD?resolution=1HOUR&limit=100",
            "/candles/perpetualMarkets/ETH-USD?resolution=1MIN&limit=100", "/historicalFunding/BTC-USD", "/historicalFunding/ETH-USD", "/sparklines?timePeriod=ONE_DAY", $"/addresses/{account}",
            $"/addresses/{account}/subaccountNumber/0", $"/orders?address={account}&subaccountNumber=0&status=OPEN", $"/orders?address={account}&subaccountNumber=0&limit=50",
            $"/fills?address={account}&subaccountNumber=0&limit=100", $"/transfers?address={account}&subaccountNumber=0&limit=100", $"/historical-pnl?address={account}&subaccountNumber=0",
        ];
        gateway.Indexer.Log.Clear();
        var took = new double[Bots * calls.Length];
        await Task.WhenAll(Enumerable.Range(0, Bots).Select(async bot =>
        {
            for (var i = 0; i < calls.Length; i++)
            {
                var started = Stopwatch.GetTimestamp();
                using var answer = await gateway.Http.GetAsync(new Uri("/v4" + calls[i], UriKind.Relative), TestContext.Current.CancellationToken);
                Assert.Equal((calls[i], HttpStatusCode.OK), (calls[i], answer.StatusCode));
                took[(bot * calls.Length) + i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            }
        }));
        Array.Sort(took);
        TestContext.Current.TestOutputHelper?.WriteLine($"median {took[took.Length / 2]:0} ms, p95 {took[took.Length * 95 / 100]:0} ms");

        // A call is asked again only once its second is over; how many seconds that took the machine decides.
        var seconds = took.Sum() / Bots / 1000;
        var asked = gateway.Indexer.Log.Of("rest").Where(act => calls.Contains(act.What)).GroupBy(act => act.What).ToList();
        Assert.All(asked, call => Assert.InRange(call.Count(), 1, (int)Math.Ceiling(seconds) + 1));
        Assert.Empty(gateway.Indexer.Log.Of("violation"));
    }
}
