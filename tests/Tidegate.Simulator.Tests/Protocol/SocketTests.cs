
namespace Tidegate.Simulator.Tests.Protocol;

/// <summary>The rules of protocol.md 1 that no transcript shows.</summary>
public class SocketTests
{
    [Theory]
    [InlineData("v4_trades", 32)]
    [InlineData("v4_subaccounts", 256)]
    public async Task One_subscription_above_the_limit_is_an_error_and_the_connection_stays(string channel, int limit)
    {
        await using var world = await World.StartAsync(new SimulatorOptions { Markets = 40 });
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        for (var i = 0; i <= limit; i++) await peer.SubscribeAsync(channel, channel == "v4_trades" ? world.Exchange.Tickers[i] : $"dydx1abc/{i}");
        await world.UntilAsync(() => peer.Of("subscribed").Count == limit && peer.Errors.Count == 1, "answers");
        Assert.Equal([$"Per-connection subscription limit reached for {channel} (limit={limit})."], peer.Errors);
        Assert.Null(peer.Closed);
    }

    [Fact]
    public async Task An_unsubscribe_while_the_subscribe_is_pending_leaves_the_subscription_standing()
    {
        await using var world = await World.StartAsync();
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await peer.SubscribeAsync("v4_block_height");
        await peer.UnsubscribeAsync("v4_block_height");
        await world.UntilAsync(() => peer.Of("subscribed").Count == 1, "the snapshot");
        Assert.Equal(["connected", "unsubscribed", "subscribed"], peer.Frames.Select(f => f.GetProperty("type").GetString()));
        Assert.Equal([0, 2, 1], peer.Frames.Select(f => f.GetProperty("message_id").GetInt32()));
        world.Exchange.AdvanceBlock();
        await world.UntilAsync(() => peer.Updates("v4_block_height").Count == 1, "an update");
    }

    [Fact]
    public async Task Updates_between_the_read_of_a_snapshot_and_the_registration_reach_nobody()
    {
        await using var world = await World.StartAsync(new SimulatorOptions { SnapshotDelay = TimeSpan.Zero, RegistrationDelay = TimeSpan.FromSeconds(1) });
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await peer.SubscribeAsync("v4_orderbook", "BTC-USD");
        await world.UntilAsync(() => world.Simulator.Log.Handled == 1, "the subscribe", moveClock: false);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        world.Exchange.SetLevel("BTC-USD", Tidegate.Simulator.Ledger.Side.Buy, 1, 7);
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await world.UntilAsync(() => peer.Of("subscribed").Count == 1, "the snapshot");
        world.Exchange.SetLevel("BTC-USD", Tidegate.Simulator.Ledger.Side.Buy, 2, 7);
        await world.UntilAsync(() => peer.Updates("v4_orderbook").Count > 0, "an update");
        Assert.Equal(["""{"bids":[["2","7"]]}"""], peer.Updates("v4_orderbook").Select(u => u.GetRawText()));
    }

    [Fact]
    public async Task Batched_updates_come_together_every_250_ms_and_the_first_batch_may_be_older_than_the_snapshot()
    {
        await using var world = await World.StartAsync(new SimulatorOptions { SnapshotDelay = TimeSpan.FromMilliseconds(50) });
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await peer.SubscribeAsync("v4_trades", "BTC-USD", batched: true);
        await world.UntilAsync(() => world.Simulator.Log.Handled == 1, "the subscribe", moveClock: false);
        world.Exchange.Trade("BTC-USD", "older", 5, 1);
        await world.UntilAsync(() => peer.Of("subscribed").Count == 1, "the snapshot");
        world.Exchange.Trade("BTC-USD", "newer", 6, 1);
        Assert.Empty(peer.Of("channel_batch_data"));
        world.Exchange.Step(TimeSpan.FromMilliseconds(250));
        await world.UntilAsync(() => peer.Of("channel_batch_data").Count == 1, "the batch");
        var ids = peer.Of("channel_batch_data")[0].GetProperty("contents").EnumerateArray().Select(c => c.GetProperty("trades")[0].GetProperty("id").GetString()).ToList();
        Assert.Equal(["older", "newer"], ids.Take(2));
        Assert.Contains(peer.Of("subscribed")[0].GetProperty("contents").GetProperty("trades").EnumerateArray(), t => t.GetProperty("id").GetString() == "older");
        Assert.Empty(peer.Of("channel_data"));
    }

    [Fact]
    public async Task A_batch_on_the_parent_channel_is_grouped_by_child()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_parent_subaccounts", world.Lively + "/0", batched: true);
        world.Exchange.Deposit(world.Lively, 0, 1);
        world.Exchange.Deposit(world.Lively, 128, 2);
        world.Exchange.Step(TimeSpan.FromMilliseconds(250));
        await world.UntilAsync(() => peer.Of("channel_batch_data").Count >= 2, "both batches");
        Assert.Equal([0, 128], peer.Of("channel_batch_data").Take(2).Select(f => f.GetProperty("subaccountNumber").GetInt32()));
    }

    [Fact]
    public async Task A_fetch_that_takes_five_seconds_is_an_error_with_the_topic_and_no_subscription()
    {
        await using var world = await World.StartAsync();
        world.Simulator.Faults.SnapshotDelay = TimeSpan.FromSeconds(6);
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await peer.SubscribeAsync("v4_candles", "BTC-USD/1MIN");
        await world.UntilAsync(() => world.Simulator.Log.Handled == 1, "the subscribe", moveClock: false);
        world.Time.Advance(TimeSpan.FromSeconds(5));
        await world.UntilAsync(() => peer.Errors.Count == 1, "the error");
        var error = peer.Of("error")[0];
        Assert.Equal("Internal error, could not fetch data for subscription: v4_candles.", error.GetProperty("message").GetString());
        Assert.Equal(("v4_candles", "BTC-USD/1MIN", 1), (error.GetProperty("channel").GetString(), error.GetProperty("id").GetString(), error.GetProperty("message_id").GetInt32()));
    }

    [Theory]
    [InlineData("/0", true)]
    [InlineData("/", true)]
    [InlineData("/00", true)]
    [InlineData("/0x1", true)]
    [InlineData("/1e1", true)]
    [InlineData("/127999", true)]
    [InlineData("/128000", false)]
    [InlineData("/-1", false)]
    [InlineData("/1.5", false)]
    [InlineData("", false)]
    [InlineData("/0/0", false)]
    public async Task Subaccount_numbers_are_read_as_javascript_reads_numbers(string number, bool taken)
    {
        await using var world = await World.StartAsync();
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await peer.SubscribeAsync("v4_subaccounts", world.Lively + number);
        await world.UntilAsync(() => peer.Frames.Count == 2, "the answer");
        Assert.Equal(taken ? "subscribed" : "error", peer.Frames[1].GetProperty("type").GetString());
    }

    [Fact]
    public async Task Another_id_on_v4_markets_gets_a_snapshot_and_never_an_update()
    {
        await using var world = await World.StartAsync();
        await using var other = await world.SubscribedAsync("v4_markets", "x");
        await using var right = await world.SubscribedAsync("v4_markets");
        world.Exchange.Step(TimeSpan.FromSeconds(5));
        await world.UntilAsync(() => right.Updates("v4_markets").Count > 2, "updates");
        Assert.Empty(other.Updates("v4_markets"));
        Assert.False(right.Of("subscribed")[0].TryGetProperty("id", out _));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_off_when_its_queue_is_full()
    {
        await using var world = await World.StartAsync(new SimulatorOptions { QueueFrames = 16 });
        await using var peer = await Peer.ConnectAsync(world.Simulator, reads: false);
        await peer.SubscribeAsync("v4_orderbook", "BTC-USD");
        await world.UntilAsync(() => world.Simulator.Log.Handled == 1, "the subscribe");
        await world.UntilAsync(() =>
        {
            for (var i = 0; i < 2_000; i++) world.Exchange.SetLevel("BTC-USD", Tidegate.Simulator.Ledger.Side.Buy, 1, 7);
            return world.Simulator.Connections == 0;
        }, "the cut");
    }

    [Fact]
    public async Task Thousands_of_changes_reach_a_reading_client_one_frame_each()
    {
        await using var world = await World.StartAsync(new SimulatorOptions { Rate = 3_000, Past = TimeSpan.FromMinutes(1) });
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        foreach (var ticker in world.Exchange.Tickers) await peer.SubscribeAsync("v4_orderbook", ticker);
        await world.UntilAsync(() => peer.Of("subscribed").Count == 4, "snapshots");
        world.Exchange.Step(TimeSpan.FromSeconds(1));
        await world.UntilAsync(() => peer.Frames.Count > 2_500, "frames");
        Assert.Null(peer.Closed);
    }

    [Fact]
    public async Task Every_frame_of_a_topic_carries_its_version_and_id()
    {
        await using var world = await World.StartAsync();
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        foreach (var (channel, id) in new[] { ("v4_orderbook", "BTC-USD"), ("v4_trades", "BTC-USD"), ("v4_candles", "BTC-USD/1MIN"), ("v4_subaccounts", world.Lively + "/0"), ("v4_parent_subaccounts", world.Lively + "/0"), ("v4_block_height", null) })
        {
            await peer.SubscribeAsync(channel, id);
        }
        await world.UntilAsync(() => peer.Of("subscribed").Count == 6, "snapshots");
        world.Exchange.Step(TimeSpan.FromSeconds(20));
        await world.UntilAsync(() => peer.Updates("v4_block_height").Count == 20 && peer.Updates("v4_parent_subaccounts").Count > 5, "updates");
        var versions = peer.Of("channel_data").GroupBy(f => f.GetProperty("channel").GetString()!).ToDictionary(g => g.Key, g => g.Select(f => f.GetProperty("version").GetString()).Distinct().Single());
        Assert.Equal(new Dictionary<string, string?> { ["v4_orderbook"] = "1.0.0", ["v4_trades"] = "2.1.0", ["v4_candles"] = "1.0.0", ["v4_subaccounts"] = "3.0.0", ["v4_parent_subaccounts"] = "3.0.0", ["v4_block_height"] = "1.0.0" }, versions);
        Assert.All(peer.Of("channel_data", "v4_parent_subaccounts"), f => Assert.Contains(f.GetProperty("subaccountNumber").GetInt32(), new[] { 0, 128 }));
        Assert.Equal(Enumerable.Range(0, peer.Frames.Count), peer.Frames.Select(f => f.GetProperty("message_id").GetInt32()).Order());
    }
}
