using Tidegate.Simulator.Control;
using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Tests.Control;

/// <summary>Each fault does what it says and nothing else.</summary>
public class FaultTests
{
    [Fact]
    public async Task Dropped_sockets_see_no_close_frame()
    {
        await using var world = await World.StartAsync();
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await world.UntilAsync(() => peer.Frames.Count == 1, "connected");
        world.Simulator.Faults.Drop();
        await world.UntilAsync(() => peer.Closed is not null, "the end");
        Assert.Equal(1006, peer.Closed!.Value.Code);
    }

    [Fact]
    public async Task A_close_has_its_code_and_reason()
    {
        await using var world = await World.StartAsync();
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await world.UntilAsync(() => peer.Frames.Count == 1, "connected");
        world.Simulator.Faults.Close(4000, "because");
        await world.UntilAsync(() => peer.Closed is not null, "the end");
        Assert.Equal((4000, "because"), peer.Closed);
    }

    [Fact]
    public async Task A_stalled_socket_hears_nothing_more_and_new_ones_work()
    {
        await using var world = await World.StartAsync();
        await using var mute = await world.SubscribedAsync("v4_block_height");
        world.Simulator.Faults.StallOpen();
        await using var fresh = await world.SubscribedAsync("v4_block_height");
        world.Exchange.AdvanceBlock();
        world.Time.Advance(TimeSpan.FromSeconds(45));
        await world.UntilAsync(() => fresh.Updates("v4_block_height").Count == 1, "an update");
        Assert.Empty(mute.Updates("v4_block_height"));
        Assert.Null(mute.Closed);
    }

    [Fact]
    public async Task Upgrades_are_refused_while_rest_works()
    {
        await using var world = await World.StartAsync();
        world.Simulator.Faults.RefuseUpgrades = 503;
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => Peer.ConnectAsync(world.Simulator));
        Assert.Equal(200, (await world.GetAsync("/height")).Status);
    }

    [Fact]
    public async Task Down_answers_nothing_at_all()
    {
        await using var world = await World.StartAsync();
        world.Simulator.Faults.Down = true;
        await Assert.ThrowsAsync<HttpRequestException>(() => world.GetAsync("/height"));
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => Peer.ConnectAsync(world.Simulator));
        world.Simulator.Faults.Clear();
        Assert.Equal(200, (await world.GetAsync("/height")).Status);
    }

    [Fact]
    public async Task Rest_says_what_it_is_told_to_say()
    {
        await using var world = await World.StartAsync();
        world.Simulator.Faults.Rest = new RestFault(429, RetryAfter: TimeSpan.FromMilliseconds(1500));
        var (status, _, response) = await world.GetAsync("/height");
        Assert.Equal((429, "1500"), (status, response.Headers.GetValues("Retry-After").Single()));
        world.Simulator.Faults.Rest = new RestFault(403, "GEOBLOCKED");
        Assert.Equal(200, (await world.GetAsync("/height")).Status);
        var blocked = await world.GetAsync($"/addresses/{world.Lively}");
        Assert.Equal((403, "GEOBLOCKED"), (blocked.Status, blocked.Body.GetProperty("errors")[0].GetProperty("code").GetString()));
        world.Simulator.Faults.Rest = new RestFault(503, PathPrefix: "/orderbooks");
        Assert.Equal(200, (await world.GetAsync("/height")).Status);
        Assert.Equal(503, (await world.GetAsync("/orderbooks/perpetualMarket/BTC-USD")).Status);
    }

    [Fact]
    public async Task A_blocked_address_is_refused_on_account_channels_in_the_compliance_text()
    {
        await using var world = await World.StartAsync();
        world.Simulator.Faults.Rest = new RestFault(403, "COMPLIANCE_BLOCKED");
        await using var market = await world.SubscribedAsync("v4_trades", "BTC-USD");
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await peer.SubscribeAsync("v4_subaccounts", world.Lively + "/0");
        await world.UntilAsync(() => peer.Errors.Count == 1, "the refusal");
        Assert.StartsWith("Because this address appears to be", peer.Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_frames_are_never_sent_and_doubled_ones_twice()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_block_height");
        world.Simulator.Faults.LoseNext(2, "v4_block_height");
        for (var i = 0; i < 3; i++) world.Exchange.AdvanceBlock();
        world.Simulator.Faults.RepeatNext(1);
        world.Exchange.AdvanceBlock();
        world.Exchange.Step(TimeSpan.FromMilliseconds(900));
        await world.UntilAsync(() => peer.Updates("v4_block_height").Count == 3, "frames");
        var heights = peer.Updates("v4_block_height").Select(u => long.Parse(u.GetProperty("blockHeight").GetString()!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        var last = world.Exchange.Height;
        Assert.Equal([last - 1, last, last], heights);
    }

    [Fact]
    public async Task A_block_lost_at_the_source_loses_its_frames_but_not_its_effects()
    {
        await using var world = await World.StartAsync(new SimulatorOptions { LossProbability = 1 });
        await using var peer = await world.SubscribedAsync("v4_trades", "BTC-USD");
        world.Exchange.AdvanceBlock();
        world.Exchange.Step(TimeSpan.FromSeconds(20));
        world.Exchange.SetLevel("BTC-USD", Side.Buy, 1, 1);
        Assert.Empty(peer.Updates("v4_trades").Skip(1));
        Assert.True(world.Exchange.Markets[0].Trades[^1].Height > world.Exchange.Height - 10);
    }

    [Fact]
    public async Task Garbage_goes_out_as_it_is()
    {
        await using var world = await World.StartAsync();
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await world.UntilAsync(() => peer.Frames.Count == 1, "connected");
        world.Simulator.Faults.Garbage("{\"type\":");
        await world.UntilAsync(() => peer.Of("garbage").Count == 1, "garbage");
        Assert.Equal("{\"type\":", peer.Of("garbage")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Late_status_comes_late_and_positions_in_time()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        world.Simulator.Faults.StatusDelay = TimeSpan.FromSeconds(300);
        world.Exchange.Step(TimeSpan.FromSeconds(120));
        await world.UntilAsync(() => peer.Updates("v4_subaccounts").Exists(u => u.TryGetProperty("assetPositions", out _)), "positions");
        Assert.DoesNotContain(peer.Updates("v4_subaccounts"), u => u.TryGetProperty("orders", out _));
        world.Exchange.Step(TimeSpan.FromSeconds(250));
        await world.UntilAsync(() => peer.Updates("v4_subaccounts").Exists(u => u.TryGetProperty("orders", out _)), "orders");
    }

    [Fact]
    public async Task A_failed_snapshot_leaves_no_subscription_and_an_ignored_subscribe_no_answer()
    {
        await using var world = await World.StartAsync();
        world.Simulator.Faults.FailSnapshots = 1;
        await using var peer = await Peer.ConnectAsync(world.Simulator);
        await peer.SubscribeAsync("v4_block_height");
        await world.UntilAsync(() => peer.Errors.Count == 1, "the error");
        world.Simulator.Faults.IgnoreSubscribes = 1;
        world.Time.Advance(TimeSpan.FromSeconds(2));
        await peer.SubscribeAsync("v4_block_height");
        await world.UntilAsync(() => world.Simulator.Log.Handled == 2, "the subscribe");
        await peer.SubscribeAsync("v4_block_height");
        await world.UntilAsync(() => peer.Of("subscribed").Count == 1, "the snapshot");
        Assert.Equal(3, peer.Of("subscribed")[0].GetProperty("message_id").GetInt32());
    }

    [Fact]
    public async Task The_control_endpoint_pulls_the_same_levers_and_is_absent_unless_asked_for()
    {
        await using var without = await World.StartAsync();
        using var http = new HttpClient();
        var ct = TestContext.Current.CancellationToken;
        Assert.Equal(404, (int)(await http.GetAsync(new Uri(without.Simulator.RestUrl, "/ctl/truth"), ct)).StatusCode);

        await using var world = await World.StartAsync(new SimulatorOptions { Control = true });
        var root = new Uri(world.Simulator.RestUrl, "/ctl/");
        await using var peer = await world.SubscribedAsync("v4_trades", "BTC-USD");
        await http.GetStringAsync(new Uri(root, "trade?ticker=BTC-USD&id=mark1&price=123.5&size=2&side=sell"), ct);
        await world.UntilAsync(() => peer.Updates("v4_trades").Count == 1, "the trade");
        Assert.Equal("mark1", peer.Updates("v4_trades")[0].GetProperty("trades")[0].GetProperty("id").GetString());
        await http.GetStringAsync(new Uri(root, "level?ticker=BTC-USD&side=buy&price=17&size=3"), ct);
        Assert.Equal(3, world.Exchange.Markets[0].Book.SizeAt(Side.Buy, 17));
        await http.GetStringAsync(new Uri(root, "hold"), ct);
        Assert.True(world.Exchange.Held);
        Assert.Contains("\"mark1\"", await http.GetStringAsync(new Uri(root, "truth"), ct), StringComparison.Ordinal);
        var part = await http.GetStringAsync(new Uri(root, "truth?parts=books,accounts"), ct);
        Assert.Contains("\"books\"", part, StringComparison.Ordinal);
        Assert.DoesNotContain("\"candles\"", part, StringComparison.Ordinal);
        Assert.Contains("v4_trades BTC-USD", await http.GetStringAsync(new Uri(root, "log?kind=subscribe"), ct), StringComparison.Ordinal);
        var bad = await http.GetAsync(new Uri(root, "level?price=x"), ct);
        Assert.Equal(400, (int)bad.StatusCode);
        await http.GetStringAsync(new Uri(root, "drop?code=1012&reason=bye"), ct);
        await world.UntilAsync(() => peer.Closed is not null, "the close");
        Assert.Equal((1012, "bye"), peer.Closed);
    }

    [Fact]
    public async Task The_log_tells_connections_subscribes_requests_and_violations()
    {
        await using var world = await World.StartAsync();
        await using (var peer = await world.SubscribedAsync("v4_trades", "BTC-USD"))
        {
            await peer.UnsubscribeAsync("v4_trades", "BTC-USD");
            await world.UntilAsync(() => world.Simulator.Log.Of("unsubscribe").Count == 1, "the log");
        }
        await world.UntilAsync(() => world.Simulator.Log.Of("disconnect").Count == 1, "the end");
        await world.GetAsync("/height?x=1");
        Assert.Equal("/v4/height?x=1", world.Simulator.Log.Of("rest").Single().What);
        Assert.Empty(world.Simulator.Log.Of("violation"));
        Assert.Equal(0, world.Simulator.Connections);
    }
}
