using System.Text.Json.Nodes;
using Tidegate.Simulator;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.DropIn;

/// <summary><c>/v4/ws</c> of the built gateway, in front of the simulated exchange.</summary>
public sealed class IndexerSocketTests : IAsyncLifetime
{
    private BuiltGateway gateway = null!;

    private string Own => gateway.Account + "/0";

    public async ValueTask InitializeAsync() =>
        gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 6, Rate = 100 }, "Indexer:Standby=false", "Reconnect:InitialDelay=00:00:00.3");

    public ValueTask DisposeAsync() => gateway.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task All_seven_channels_flow_in_the_indexers_shape(bool batched)
    {
        // cases.md 6, 10, 11
        await using var client = await IndexerClient.ConnectAsync(gateway);
        foreach (var (channel, id) in All())
        {
            await client.SubscribeAsync(channel, id, batched ? ",\"batched\":true" : "");
        }

        foreach (var (channel, _) in All())
        {
            await client.WaitForAsync("subscribed", channel);
            await client.WaitForAsync(batched ? "channel_batch_data" : "channel_data", channel);
        }

        await client.WaitAsync(_ => client.Rows("v4_subaccounts", Own, "fills").Count > 0, "a fill");
        await client.WaitAsync(_ => client.Rows("v4_subaccounts", Own, "orders").Count > 3, "orders");
        IndexerClient.CheckFrames(client);
        Assert.DoesNotContain(client.Frames, frame => (string?)frame["type"] == "error");
        Assert.NotEmpty(client.Rows("v4_parent_subaccounts", Own, "orders"));
        Assert.All(client.Frames.Where(frame => (string?)frame["type"] == "subscribed"), frame => Assert.NotNull(frame["contents"]));
    }

    [Fact]
    public async Task A_book_kept_by_the_text_of_prices_is_the_exchanges_own()
    {
        // cases.md 6
        await using var client = await IndexerClient.ConnectAsync(gateway);
        await client.SubscribeAsync("v4_orderbook", "BTC-USD");
        await client.WaitAsync(_ => client.Data("v4_orderbook").Count > 200, "two hundred updates", patience: TimeSpan.FromSeconds(60));
        gateway.Indexer.Exchange.Held = true;
        var truth = JsonNode.Parse(gateway.Indexer.Truth("books"))!["books"]!["BTC-USD"]!;
        var (bids, asks) = (Best(truth["bids"]!), Best(truth["asks"]!));
        await client.WaitAsync(
            _ => client.Book("BTC-USD") is var book && bids.All(level => book.Bids.GetValueOrDefault(level.Price) == level.Size) && asks.All(level => book.Asks.GetValueOrDefault(level.Price) == level.Size),
            "the true book");
    }

    [Fact]
    public async Task An_upstream_drop_is_not_noticed_and_what_was_missed_comes_as_updates()
    {
        // cases.md 17; twice the account, so that the shape of a batched subscription is looked at too
        await using var client = await IndexerClient.ConnectAsync(gateway);
        await using var other = await IndexerClient.ConnectAsync(gateway);
        await client.SubscribeAsync("v4_subaccounts", Own);
        await client.SubscribeAsync("v4_trades", "BTC-USD");
        await other.SubscribeAsync("v4_trades", "BTC-USD", ",\"batched\":true");
        await client.WaitForAsync("subscribed", "v4_subaccounts");
        await client.WaitForAsync("subscribed", "v4_trades");
        await other.WaitForAsync("channel_batch_data", "v4_trades");
        await using var watcher = await gateway.ConnectAsync();
        await watcher.WaitForAsync("subscribed", "v4_trades", Own);
        gateway.Indexer.Faults.RefuseUpgrades = 503;
        gateway.Indexer.Faults.Drop();
        await watcher.WaitAsync(frame => Mode(frame) == "reconnecting", "reconnecting");
        var (from, known) = ((client.Frames.Count, other.Frames.Count), Fills());
        var missed = new List<string>();
        for (var block = 0; block < 20 && missed.Count == 0; block++)
        {
            gateway.Indexer.Exchange.FillSoon(gateway.Account, 0, "BTC-USD");
            gateway.Indexer.Exchange.AdvanceBlock();
            missed = [.. Fills().Except(known)];
        }

        Assert.NotEmpty(missed);
        gateway.Indexer.Faults.RefuseUpgrades = null;
        await client.WaitAsync(_ => !missed.Except(client.Rows("v4_subaccounts", Own, "fills").Select(Id)).Any(), "the missed fills", from.Item1, TimeSpan.FromSeconds(40));
        await client.WaitForAsync("channel_data", "v4_trades", from: from.Item1);
        await other.WaitForAsync("channel_batch_data", "v4_trades", from: from.Item2);
        await watcher.WaitAsync(frame => Mode(frame) == "streaming", "streaming");
        foreach (var one in new[] { client, other })
        {
            IndexerClient.CheckFrames(one);
            Assert.DoesNotContain(one.Frames, frame => (string?)frame["type"] == "error");
        }

        Assert.Equal(2, client.Frames.Count(frame => (string?)frame["type"] == "subscribed"));
        Assert.DoesNotContain(other.Frames, frame => (string?)frame["type"] == "channel_data");
        AssertOnce(client.Rows("v4_subaccounts", Own, "fills"));
        AssertOnce(client.Rows("v4_trades", "BTC-USD", "trades"));
        AssertOnce(other.Rows("v4_trades", "BTC-USD", "trades"));
    }

    [Fact]
    public async Task A_snapshot_that_cannot_be_fetched_is_told_as_the_indexer_tells_it()
    {
        // cases.md 12
        gateway.Indexer.Faults.FailSnapshots = int.MaxValue;
        await using var client = await IndexerClient.ConnectAsync(gateway);
        await client.SubscribeAsync("v4_candles", "BTC-USD/5MINS");
        var error = await client.WaitForAsync("error");
        Assert.Equal(
            ("Internal error, could not fetch data for subscription: v4_candles.", "v4_candles", "BTC-USD/5MINS"),
            ((string?)error["message"], (string?)error["channel"], (string?)error["id"]));
        gateway.Indexer.Faults.FailSnapshots = 0;
        await client.SubscribeAsync("v4_candles", "BTC-USD/5MINS");
        await client.WaitForAsync("subscribed", "v4_candles");
        IndexerClient.CheckFrames(client);
    }

    [Fact]
    public async Task A_token_opens_its_own_accounts_alone_however_it_is_given()
    {
        var foreign = gateway.Indexer.Addresses[1] + "/0";
        await using var client = await IndexerClient.ConnectAsync(gateway, $"/t/{gateway.Token}/v4/ws");
        await client.SubscribeAsync("v4_subaccounts", foreign);
        var error = await client.WaitForAsync("error", "v4_subaccounts", foreign);
        Assert.Equal($"Unauthorized: the token does not cover (v4_subaccounts-{foreign})", (string?)error["message"]);
        await client.SubscribeAsync("v4_subaccounts", Own);
        await client.WaitForAsync("subscribed", "v4_subaccounts", Own);
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => IndexerClient.ConnectAsync(gateway, "/v4/ws"));
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => IndexerClient.ConnectAsync(gateway, "/t/wrong/v4/ws"));
    }

    [Fact]
    public async Task Ids_built_badly_are_refused_and_never_a_silent_topic()
    {
        // cases.md 73
        await using var client = await IndexerClient.ConnectAsync(gateway);
        (string Channel, string Id)[] bad =
        [
            ("v4_candles", "BTC-USD/CandlesResolution.ONE_MINUTE"), ("v4_candles", "BTC-USD"), ("v4_subaccounts", gateway.Account + "/"), ("v4_subaccounts", gateway.Account + "/0x1"),
            ("v4_subaccounts", gateway.Account + "/1e1"), ("v4_subaccounts", gateway.Account + "/-1"), ("v4_subaccounts", gateway.Account + "/00"), ("v4_parent_subaccounts", gateway.Account + "/128"),
            ("v4_orderbook", "NOPE-USD"), ("v4_trades", gateway.Account + "/0"), ("v4_trades", ""),
        ];
        foreach (var (channel, id) in bad)
        {
            var from = client.Frames.Count;
            await client.SubscribeAsync(channel, id);
            var error = await client.WaitForAsync("error", from: from);
            Assert.Equal($"Invalid subscription id for channel: ({channel}-{id})", (string?)error["message"]);
        }

        await client.SubscribeAsync("v4_trades", "BTC-USD");
        await client.WaitForAsync("subscribed", "v4_trades", "BTC-USD");
        IndexerClient.CheckFrames(client);
    }

    [Fact]
    public async Task Nothing_follows_an_unsubscribe_and_both_sockets_share_one_upstream_topic()
    {
        await using var dashboard = await gateway.ConnectAsync("&subscribe=none");
        await dashboard.SubscribeAsync("v4_orderbook", "BTC-USD");
        await dashboard.WaitForAsync("subscribed", "v4_orderbook");
        await using var client = await IndexerClient.ConnectAsync(gateway);
        await client.SubscribeAsync("v4_orderbook", "BTC-USD");
        await client.WaitAsync(_ => client.Data("v4_orderbook").Count > 5, "updates");
        await client.SendAsync("""{"type":"unsubscribe","channel":"v4_orderbook","id":"BTC-USD"}""");
        var left = await client.WaitForAsync("unsubscribed", "v4_orderbook", "BTC-USD");
        var end = client.Frames.ToList().IndexOf(left);
        await client.SubscribeAsync("v4_orderbook", "BTC-USD");
        var joined = await client.WaitForAsync("subscribed", "v4_orderbook", "BTC-USD", from: end);
        var again = client.Frames.ToList().IndexOf(joined);
        Assert.DoesNotContain(client.Frames.Skip(end + 1).Take(again - end - 1), frame => (string?)frame["type"] == "channel_data");
        Assert.Single(gateway.Indexer.Log.Of("subscribe"), act => act.What == "v4_orderbook BTC-USD");
        IndexerClient.CheckFrames(client);
    }

    private (string Channel, string? Id)[] All() =>
        [("v4_markets", null), ("v4_block_height", null), ("v4_orderbook", "BTC-USD"), ("v4_trades", "BTC-USD"), ("v4_candles", "BTC-USD/1MIN"), ("v4_subaccounts", Own), ("v4_parent_subaccounts", Own)];

    private static List<(string Price, string Size)> Best(JsonNode side) => [.. side.AsArray().Take(50).Select(level => ((string)level!["price"]!, (string)level["size"]!))];

    private List<string> Fills() =>
        [.. JsonNode.Parse(gateway.Indexer.Truth("accounts"))!["accounts"]!.AsArray().Single(account => (string?)account!["address"] == gateway.Account && (int)account["subaccountNumber"]! == 0)!["fills"]!.AsArray().Select(fill => Id(fill!["fill"]!.AsObject()))];

    private static string Id(JsonObject row) => (string)row["id"]!;

    private static string? Mode(JsonObject frame) => DashboardClient.Is(frame, "feed_status") ? (string?)frame["data"]!["mode"] : null;

    private static void AssertOnce(List<JsonObject> rows) => Assert.Equal(rows.Count, rows.DistinctBy(Id).Count());
}
