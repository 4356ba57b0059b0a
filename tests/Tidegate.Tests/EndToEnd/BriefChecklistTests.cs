using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;
using Tidegate.Simulator;

namespace Tidegate.Tests.EndToEnd;

/// <summary>The brief's own checklist of ten, on the built executable over real sockets.</summary>
[Collection(AloneCollection.Name)]
public sealed class BriefChecklistTests
{
    private static readonly string[] Quick = ["Reconnect:InitialDelay=00:00:00.1", "Reconnect:MaxDelay=00:00:00.2", "Polling:Interval=00:00:01"];

    private static readonly string[] AccountChannels = ["v4_orders", "v4_subaccounts", "v4_trades"];

    [Fact]
    public async Task One_it_connects()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        await using var client = await gateway.ConnectAsync();
        var connected = await client.WaitForAsync("connected");
        Assert.Equal(gateway.Account, (string?)connected["user_address"]);
        Assert.Equal("custom", (string?)connected["network"]);
        Assert.Equal("tidegate.v1", (string?)connected["protocol"]);
        Assert.Equal("connected", (string?)client.Frames[0]["type"]);
    }

    [Fact]
    public async Task Two_it_subscribes_once_upstream_for_all_clients()
    {
        await using var gateway = await BuiltGateway.StartAsync(null, "Indexer:Standby=false");
        await using var first = await gateway.ConnectAsync();
        await using var second = await gateway.ConnectAsync();
        foreach (var client in new[] { first, second })
        {
            await client.SubscribeAsync("v4_orderbook", "BTC-USD");
            await client.WaitForAsync("subscribed", "v4_orderbook", "BTC-USD");
            foreach (var channel in AccountChannels)
            {
                await client.WaitForAsync("subscribed", channel, gateway.Account + "/0");
            }
        }

        Assert.Single(gateway.Indexer.Log.Of("subscribe"), act => act.What.Contains("v4_orderbook", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Three_handlers_of_the_library_receive()
    {
        await using var indexer = await SimulatedIndexer.StartAsync(new SimulatorOptions { Urls = ["http://127.0.0.1:0"] }, TimeProvider.System, null, TestContext.Current.CancellationToken);
        var options = new UpstreamOptions { Endpoints = [new IndexerEndpoint(indexer.WebSocketUrl, indexer.RestUrl)] };
        await using var socket = new IndexerSocket(options, TimeProvider.System, NullLoggerFactory.Instance);
        var snapshot = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var update = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var handler = socket.RegisterHandler(Channel.OrderBook, message => (message.Type == FrameType.Subscribed ? snapshot : update).TrySetResult());
        await socket.ConnectAsync(TestContext.Current.CancellationToken);
        await socket.SubscribeAsync(Channel.OrderBook, "BTC-USD", TestContext.Current.CancellationToken);
        var listening = socket.ListenAsync(TestContext.Current.CancellationToken);
        await Task.WhenAll(snapshot.Task, update.Task).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(socket.IsHealthy);
        await socket.DisconnectAsync();
        await listening.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Four_it_reconnects_and_loses_nothing()
    {
        await using var gateway = await BuiltGateway.StartAsync(null, Quick);
        await using var client = await gateway.ConnectAsync();
        await client.SubscribeAsync("v4_trades", "BTC-USD");
        await client.WaitForAsync("subscribed", "v4_trades", "BTC-USD");
        var from = client.Frames.Count;
        gateway.Indexer.Faults.Close(1012, "{\"message\":\"Service restarting\"}");
        await client.WaitAsync(frame => Mode(frame) == "reconnecting", "reconnecting", from);
        await client.WaitAsync(frame => Mode(frame) == "streaming" && (string?)frame["channel"] == "v4_trades" && (string?)frame["id"] == "BTC-USD", "streaming", from);
        var status = await gateway.StatusAsync();
        Assert.True((int)status["reconnect_count"]! >= 1);
        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task Five_it_falls_back_to_polling_and_streams_again()
    {
        await using var gateway = await BuiltGateway.StartAsync(null, Quick);
        await using var client = await gateway.ConnectAsync();
        await client.SubscribeAsync("v4_orderbook", "BTC-USD");
        await client.WaitForAsync("subscribed", "v4_orderbook", "BTC-USD");
        await client.WaitForAsync("subscribed", "v4_trades", gateway.Account + "/0");
        var from = client.Frames.Count;
        gateway.Indexer.Faults.RefuseUpgrades = 503;
        gateway.Indexer.Faults.Drop();
        await client.WaitAsync(frame => Mode(frame) == "polling", "polling", from);
        await client.WaitAsync(frame => DashboardClient.Is(frame, "orderbook_update") && (string?)frame["source"] == "poll", "polled book", from);
        await client.WaitAsync(frame => DashboardClient.Is(frame, "account_update") && (string?)frame["source"] == "poll", "polled account", from);
        Assert.Equal("polling", (string?)(await gateway.StatusAsync())["mode"]);
        from = client.Frames.Count;
        gateway.Indexer.Faults.RefuseUpgrades = null;
        using var answer = await gateway.Http.PostAsync(new Uri(gateway.Address, "/ws/reconnect/" + gateway.Account), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        await client.WaitAsync(frame => Mode(frame) == "streaming" && (string?)frame["channel"] == "v4_subaccounts", "streaming", from);
        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task Six_the_dashboard_receives_every_kind()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        await using var client = await gateway.ConnectAsync();
        await client.SubscribeAsync("v4_orderbook", "BTC-USD");
        await client.SubscribeAsync("v4_trades", "BTC-USD");
        await client.SubscribeAsync("v4_candles", "BTC-USD/1MIN");
        await client.SubscribeAsync("v4_markets");
        await client.SubscribeAsync("v4_block_height");
        foreach (var type in new[] { "orderbook_update", "trade_update", "candle_update", "market_update", "block_update", "account_update", "order_update" })
        {
            await client.WaitForAsync(type);
        }

        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task Seven_the_status_endpoint_tells_the_truth_to_those_who_may_ask()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        using var nobody = await gateway.Http.GetAsync(new Uri(gateway.Address, "/ws/status/" + gateway.Account), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
        await using var client = await gateway.ConnectAsync();
        await client.WaitForAsync("subscribed", "v4_trades");
        var status = await gateway.StatusAsync();
        Assert.True((bool)status["connected"]!);
        Assert.True((bool)status["is_healthy"]!);
        Assert.Equal(gateway.Indexer.WebSocketUrl.OriginalString, (string?)status["ws_url"]);
        Assert.Equal(gateway.Account, (string?)status["user_address"]);
        Assert.Equal(AccountChannels, status["subscriptions"]!.AsArray().Select(one => (string?)one).Order(StringComparer.Ordinal));
        Assert.Equal(3, (int)status["handlers_registered"]!);
        Assert.Equal(0, (int)status["reconnect_count"]!);
        Assert.Equal(1, (int)status["clients"]!);
        using var stranger = new HttpClient();
        using var refused = await stranger.GetAsync(new Uri(gateway.Address, "/ws/status/" + gateway.Account), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Eight_errors_from_both_sides_end_nothing()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        await using var client = await gateway.ConnectAsync();
        await client.SubscribeAsync("v4_orderbook", "BTC-USD");
        await client.WaitForAsync("orderbook_update");
        string[] garbage = ["{not json", "[]", "null", "7", "\"text\"", """{"type":"channel_data","channel":"v4_orderbook","id":"BTC-USD","contents":{"bids":"zzz"}}""", """{"type":"channel_data","channel":"v9_new","id":"x","contents":{}}""", """{"type":"channel_data","channel":"v4_trades","id":"BTC-USD","contents":{"trades":[[]]}}""", new string('[', 1000), """{"type":"channel_data","contents":""" + new string('[', 1000) + new string(']', 1000) + "}", "{\"type\":\"channel_data\",\"x\":\"" + new string('y', 10_000_000) + "\"}"];
        foreach (var text in garbage)
        {
            gateway.Indexer.Faults.Garbage(text);
        }

        foreach (var text in new[] { "{", "7", """{"type":"nope"}""", """{"type":"subscribe"}""", """{"type":"subscribe","channel":"v4_nope"}""", """{"type":"subscribe","channel":"v4_candles","id":"BTC-USD/2MIN"}""", """{"type":"unsubscribe","channel":"v4_trades","id":"ETH-USD"}""", """{"type":"subscribe","channel":"v4_orderbook","id":"NOPE-USD"}""" })
        {
            await client.SendAsync(text);
        }

        foreach (var code in new[] { "bad-json", "bad-frame", "unknown-type", "unknown-channel", "bad-id", "not-subscribed", "unknown-id" })
        {
            await client.WaitAsync(frame => DashboardClient.Is(frame, "error") && (string?)frame["code"] == code, code);
        }

        var from = client.Frames.Count;
        await client.SendAsync("""{"type":"ping","id":[1,"two"]}""");
        var pong = await client.WaitForAsync("pong", from: from);
        Assert.Equal("[1,\"two\"]", pong["id"]!.ToJsonString());
        await client.WaitForAsync("orderbook_update", from: from);
        Assert.Equal(0, (int)(await gateway.StatusAsync())["reconnect_count"]!);
        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task Nine_two_hundred_reconnects_leak_nothing()
    {
        await using var indexer = await SimulatedIndexer.StartAsync(new SimulatorOptions { Urls = ["http://127.0.0.1:0"], Rate = 20 }, TimeProvider.System, null, TestContext.Current.CancellationToken);
        await using var probe = new ReconnectProbe(indexer);
        await probe.ReconnectAsync(20);
        await probe.ReconnectAsync(100);
        var (heapEarly, handlesEarly) = ReconnectProbe.Measure();
        await probe.ReconnectAsync(100);
        var (heapLate, handlesLate) = ReconnectProbe.Measure();
        Assert.True(heapLate <= heapEarly * 1.05 + 500_000, $"managed heap {heapEarly} then {heapLate}");
        Assert.True(handlesLate <= handlesEarly * 1.05 + 5, $"handles {handlesEarly} then {handlesLate}");
    }

    [Fact]
    public async Task Ten_an_event_reaches_the_client_within_a_tenth_of_a_second()
    {
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Rate = 20 });
        await using var client = await gateway.ConnectAsync();
        await client.SubscribeAsync("v4_trades", "ETH-USD");
        await client.WaitForAsync("subscribed", "v4_trades", "ETH-USD");
        var times = new List<double>();
        for (var i = 0; i < 50; i++)
        {
            var id = $"{i + 1:x8}0000000200000000";
            var from = client.Frames.Count;
            var started = TimeProvider.System.GetTimestamp();
            gateway.Indexer.Exchange.Trade("ETH-USD", id, 3000, 1);
            await client.WaitAsync(frame => DashboardClient.Is(frame, "trade_update", "v4_trades", "ETH-USD") && Ids(frame).Contains(id), "trade", from);
            times.Add(TimeProvider.System.GetElapsedTime(started).TotalMilliseconds);
        }

        times.Sort();
        Assert.True(times[45] < 100, $"median {times[25]:0.0} ms, 90 % {times[45]:0.0} ms, longest {times[49]:0.0} ms");
    }

    private static IEnumerable<string?> Ids(JsonObject frame) => frame["data"]!["trades"]!.AsArray().Select(trade => (string?)trade!["id"]);

    private static string? Mode(JsonObject frame) => DashboardClient.Is(frame, "feed_status") ? (string?)frame["data"]!["mode"] : null;
}
