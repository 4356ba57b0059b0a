using System.Text.Json.Nodes;
using Tidegate.Simulator;

namespace Tidegate.Tests.EndToEnd;

/// <summary>A short run with the distortions of the upstream: what a client keeps from frames is compared with the exchange's ledger.</summary>
[Collection(AloneCollection.Name)]
public sealed class TruthRunTests
{
    private static readonly string[] Settings =
    [
        "Reconnect:InitialDelay=00:00:00.2", "Audit:BookInterval=00:00:03", "Audit:AccountInterval=00:00:03", "Audit:RestShare=0.9",
    ];

    private static readonly string[] Tickers = ["BTC-USD", "ETH-USD", "MEME-USD"];

    // What shows on the wire is right within 3 s; what leaves no trace, within an audit period.
    private static readonly TimeSpan Wire = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Audit = TimeSpan.FromSeconds(9);

    [Fact]
    public async Task What_a_client_keeps_equals_the_ledger_after_each_distortion()
    {
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 11, Rate = 300 }, Settings);
        await using var client = await gateway.ConnectAsync();
        foreach (var ticker in Tickers)
        {
            await client.SubscribeAsync("v4_orderbook", ticker);
            await client.WaitForAsync("subscribed", "v4_orderbook", ticker);
        }

        await client.WaitForAsync("subscribed", "v4_trades", gateway.Account + "/0");
        var mirror = new LedgerMirror(gateway.Account + "/0");
        var faults = gateway.Indexer.Faults;
        var exchange = gateway.Indexer.Exchange;
        await CompareAsync("at rest", Audit, () => { });
        await CompareAsync("a window of lost updates around a resubscribe", Audit, () =>
        {
            faults.LostWindow = TimeSpan.FromMilliseconds(600);
            faults.Close(1012);
        });
        faults.LostWindow = null;
        await CompareAsync("a move of five percent", Wire, () => exchange.MovePrice("BTC-USD", 0.05m));
        await CompareAsync("a cross that ends", Audit + Wire, () => exchange.Cross("ETH-USD", TimeSpan.FromSeconds(3)));
        await CompareAsync("frames lost at the source", Audit + Audit, () =>
        {
            faults.LoseNext(60, "v4_orderbook");
            faults.LoseNext(4, "v4_subaccounts");
        });
        await CompareAsync("frames repeated, the older size of a level among them", Audit, () => faults.RepeatNext(100));
        await CompareAsync("a drop", Wire, faults.Drop);
        await CompareAsync("funding without a frame", Audit, exchange.FundingHour);
        await CompareAsync("a deposit without a frame", Audit, () => exchange.Deposit(gateway.Account, 0, 12.5m, silent: true));
        Assert.Empty(client.Breaks);

        async Task CompareAsync(string what, TimeSpan after, Action act)
        {
            act();
            await Task.Delay(after, TestContext.Current.CancellationToken);
            exchange.Held = true;
            await Task.Delay(500, TestContext.Current.CancellationToken);
            mirror.Follow(client);
            var wrong = Differences(mirror, JsonNode.Parse(gateway.Indexer.Truth("books", "accounts"))!.AsObject(), gateway.Account);
            exchange.Held = false;
            Assert.True(wrong.Count == 0, $"after {what}: {string.Join('\n', wrong.Take(12))}");
        }
    }

    private static List<string> Differences(LedgerMirror mirror, JsonObject truth, string address)
    {
        var wrong = new List<string>();
        foreach (var (ticker, book) in mirror.Books)
        {
            wrong.AddRange(book.Compare(truth["books"]![ticker]!.AsObject()).Select(difference => ticker + " " + difference));
            var (bids, asks) = book.Known();
            if (Math.Min(bids, asks) < 50)
            {
                wrong.Add($"{ticker}: only {bids} bids and {asks} asks are known");
            }
        }

        if (mirror.Crossed > 0 || mirror.Doubles > 0)
        {
            wrong.Add($"{mirror.Crossed} crossed frames, {mirror.Doubles} fills twice");
        }

        var account = truth["accounts"]!.AsArray().Select(one => one!.AsObject()).First(one => (string?)one["address"] == address && (int)one["subaccountNumber"]! == 0);
        CompareAccount(mirror, account, wrong);
        return wrong;
    }

    private static void CompareAccount(LedgerMirror mirror, JsonObject account, List<string> wrong)
    {
        var fills = account["fills"]!.AsArray().Select(fill => (string)fill!["fill"]!["id"]!).ToList();
        var first = fills.IndexOf(mirror.Fills[0]);
        wrong.AddRange(fills.Skip(first).Except(mirror.Fills).Select(id => "fill missing " + id));
        wrong.AddRange(mirror.Fills.Except(fills).Select(id => "fill that never was " + id));
        foreach (var field in new[] { "equity", "freeCollateral" })
        {
            if (Number(account["subaccount"]![field]) != Number(mirror.Account![field]))
            {
                wrong.Add($"{field} {mirror.Account![field]}, true {account["subaccount"]![field]}");
            }
        }

        foreach (var order in account["orders"]!.AsArray().Select(one => one!["order"]!.AsObject()).Where(order => (string?)order["status"] is "OPEN" or "UNTRIGGERED"))
        {
            if (!mirror.Orders.TryGetValue((string)order["id"]!, out var ours) || (string?)ours["status"] != (string?)order["status"])
            {
                wrong.Add($"order {order["id"]} is {ours?["status"]}, true {order["status"]}");
            }
        }
    }

    private static decimal Number(JsonNode? text) => decimal.Parse((string)text!, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture);
}
