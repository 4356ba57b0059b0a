using System.Text.Json;

namespace Tidegate.Simulator.Tests.Protocol;

/// <summary>What frames of an account, of candles and of markets look like over a long run (protocol.md 1, 2).</summary>
public class AccountFrameTests
{
    [Fact]
    public async Task Within_a_block_positions_and_assets_come_before_the_fill_and_the_fill_has_no_assets()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        await RunAsync(world, peer, seconds: 120);
        var updates = peer.Updates("v4_subaccounts");
        var fills = updates.FindAll(u => u.TryGetProperty("fills", out _));
        Assert.NotEmpty(fills);
        foreach (var fill in fills)
        {
            Assert.False(fill.TryGetProperty("assetPositions", out _));
            var first = updates.Find(u => u.TryGetProperty("assetPositions", out _) && u.TryGetProperty("perpetualPositions", out _) && Height(u) == Height(fill));
            Assert.NotEqual(JsonValueKind.Undefined, first.ValueKind);
            Assert.True(updates.IndexOf(first) < updates.IndexOf(fill));
            Assert.False(fill.GetProperty("fills")[0].TryGetProperty("market", out _));
        }
    }

    [Fact]
    public async Task All_fills_of_one_order_in_one_block_are_one_frame_with_the_orders_last_state()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        await RunAsync(world, peer, seconds: 200);
        var fills = peer.Updates("v4_subaccounts").FindAll(u => u.TryGetProperty("fills", out _));
        Assert.Contains(fills, u => u.GetProperty("fills").GetArrayLength() > 1);
        var orders = fills.Select(u => (Height(u), u.GetProperty("fills")[0].GetProperty("orderId").GetString())).ToList();
        Assert.Equal(orders.Distinct(), orders);
    }

    [Fact]
    public async Task A_new_positions_first_frame_says_entry_price_0_until_the_fill_frame_of_its_block()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        var seen = new HashSet<string>();
        for (var i = 0; i < 40 && !peer.Updates("v4_subaccounts").Exists(IsOpening); i++) await RunAsync(world, peer, seconds: 60);
        var first = peer.Updates("v4_subaccounts").First(IsOpening);
        var id = first.GetProperty("perpetualPositions").EnumerateArray().First(p => p.GetProperty("entryPrice").GetString() == "0").GetProperty("positionId").GetString();
        var fill = peer.Updates("v4_subaccounts").First(u => Height(u) == Height(first) && u.TryGetProperty("fills", out _) && u.GetRawText().Contains(id!, StringComparison.Ordinal));
        Assert.NotEqual("0", fill.GetProperty("perpetualPositions").EnumerateArray().First(p => p.GetProperty("positionId").GetString() == id).GetProperty("entryPrice").GetString());

        static bool IsOpening(JsonElement u) =>
            u.TryGetProperty("assetPositions", out _) && u.TryGetProperty("perpetualPositions", out var p) && p.EnumerateArray().Any(x => x.GetProperty("entryPrice").GetString() == "0");
    }

    [Fact]
    public async Task Short_term_orders_come_in_pieces_and_twap_fills_under_their_parents_id()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        await RunAsync(world, peer, seconds: 400);
        var orders = peer.Updates("v4_subaccounts").Where(u => u.TryGetProperty("orders", out _)).SelectMany(u => u.GetProperty("orders").EnumerateArray()).ToList();
        var placed = orders.FindAll(o => Text(o, "status") == "BEST_EFFORT_OPENED");
        Assert.NotEmpty(placed);
        Assert.All(placed, o => Assert.False(o.TryGetProperty("totalFilled", out _) || o.TryGetProperty("updatedAtHeight", out _)));
        var removed = orders.FindAll(o => Text(o, "status") == "BEST_EFFORT_CANCELED" && o.TryGetProperty("totalOptimisticFilled", out _));
        Assert.NotEmpty(removed);
        Assert.All(removed, o => Assert.StartsWith("ORDER_REMOVAL_REASON_", Text(o, "removalReason"), StringComparison.Ordinal));
        var twap = orders.First(o => Text(o, "orderFlags") == "128");
        Assert.Equal(("LIMIT", false), (Text(twap, "type"), twap.TryGetProperty("duration", out _)));
        Assert.Contains(orders, o => Text(o, "orderFlags") == "256" && Text(o, "id") == Text(twap, "id"));
        Assert.Contains(orders, o => !o.TryGetProperty("price", out _) && Text(o, "status") == "CANCELED");
        var reused = placed.GroupBy(o => Text(o, "id")).Where(g => g.Count() > 1).ToList();
        Assert.NotEmpty(reused);
        Assert.All(reused, g => Assert.True(long.Parse(Text(g.Last(), "goodTilBlock"), System.Globalization.CultureInfo.InvariantCulture) > long.Parse(Text(g.First(), "goodTilBlock"), System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Transfers_have_no_id_in_frames_and_those_between_children_say_nothing_on_the_parent_channel()
    {
        await using var world = await World.StartAsync();
        await using var own = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        await using var parent = await world.SubscribedAsync("v4_parent_subaccounts", world.Lively + "/0");
        await RunAsync(world, own, seconds: 600);
        await world.UntilAsync(() => parent.Updates("v4_block_height").Count == 0 && parent.Updates("v4_parent_subaccounts").Count > 100, "frames");
        var transfers = own.Updates("v4_subaccounts").Where(u => u.TryGetProperty("transfers", out _)).Select(u => u.GetProperty("transfers")).ToList();
        Assert.NotEmpty(transfers);
        Assert.All(transfers, t => Assert.False(t.TryGetProperty("id", out _)));
        Assert.Contains(transfers, t => t.GetProperty("recipient").TryGetProperty("subaccountNumber", out var n) && n.GetInt32() == 128);
        Assert.DoesNotContain(parent.Updates("v4_parent_subaccounts"), u => u.TryGetProperty("transfers", out var t) && t.GetProperty("recipient").TryGetProperty("subaccountNumber", out var n) && n.GetInt32() == 128);
        Assert.Contains(parent.Updates("v4_parent_subaccounts"), u => u.EnumerateObject().Count() == 1 && u.TryGetProperty("blockHeight", out _));
    }

    [Fact]
    public async Task A_funding_hour_moves_equity_without_a_frame()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        var before = world.Exchange.Worth(world.Lively, 0).Equity;
        world.Exchange.FundingHour();
        Assert.NotEqual(before, world.Exchange.Worth(world.Lively, 0).Equity);
        world.Exchange.SetLevel("BTC-USD", Tidegate.Simulator.Ledger.Side.Buy, 1, 1);
        Assert.Empty(peer.Updates("v4_subaccounts"));
        var body = await world.BodyAsync($"/addresses/{world.Lively}/subaccountNumber/0");
        Assert.Equal(world.Exchange.Worth(world.Lively, 0).Equity, decimal.Parse(body.GetProperty("subaccount").GetProperty("equity").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Two_candle_frames_come_at_each_roll_and_the_first_trade_replaces_the_carried_price()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_candles", "BTC-USD/1MIN");
        await RunAsync(world, peer, seconds: 130);
        var candles = peer.Updates("v4_candles");
        var ended = candles.FindAll(c => c.TryGetProperty("orderbookMidPriceClose", out _));
        Assert.Equal(2, ended.Count);
        foreach (var end in ended)
        {
            var begun = candles[candles.FindIndex(c => c.GetRawText() == end.GetRawText()) + 1];
            Assert.Equal(0, begun.GetProperty("trades").GetInt32());
            var close = Text(end, "close");
            Assert.Equal((close, close, close, close), (Text(begun, "open"), Text(begun, "high"), Text(begun, "low"), Text(begun, "close")));
        }
    }

    [Fact]
    public async Task A_book_frame_holds_one_level_of_one_side()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_orderbook", "MEME-USD");
        await RunAsync(world, peer, seconds: 20);
        Assert.NotEmpty(peer.Updates("v4_orderbook"));
        Assert.All(peer.Updates("v4_orderbook"), u => Assert.Equal(1, Assert.Single(u.EnumerateObject()).Value.GetArrayLength()));
    }

    [Fact]
    public async Task Trades_of_a_block_are_one_frame_ascending_by_id_and_a_trades_id_is_its_fills_event()
    {
        await using var world = await World.StartAsync();
        await using var tape = await world.SubscribedAsync("v4_trades", "BTC-USD");
        await using var account = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        await RunAsync(world, account, seconds: 120);
        await EndAsync(world, tape);
        var frames = tape.Updates("v4_trades").Select(u => u.GetProperty("trades").EnumerateArray().ToList()).ToList();
        Assert.All(frames, f => Assert.Equal(f.Select(t => Text(t, "id")).Order(StringComparer.Ordinal), f.Select(t => Text(t, "id"))));
        Assert.Equal(frames.Count, frames.Select(f => Text(f[0], "createdAtHeight")).Distinct().Count());
        var ids = frames.SelectMany(f => f).Select(t => Text(t, "id")).ToHashSet();
        var events = account.Updates("v4_subaccounts").Where(u => u.TryGetProperty("fills", out _)).SelectMany(u => u.GetProperty("fills").EnumerateArray())
            .Where(f => Text(f, "ticker") == "BTC-USD").Select(f => Text(f, "eventId")).ToList();
        Assert.NotEmpty(events);
        Assert.All(events, e => Assert.Contains(e, ids));
    }

    [Fact]
    public async Task A_new_market_is_told_whole_and_refused_for_thirty_seconds()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_markets");
        world.Exchange.ListMarket("NEW-USD", 3);
        await world.UntilAsync(() => peer.Updates("v4_markets").Count == 1, "the market");
        Assert.Equal("NEW-USD", Text(peer.Updates("v4_markets")[0].GetProperty("trading").GetProperty("NEW-USD"), "ticker"));
        await peer.SubscribeAsync("v4_trades", "NEW-USD");
        await world.UntilAsync(() => peer.Errors.Count == 1, "the refusal");
        Assert.Equal("Invalid subscription id for channel: (v4_trades-NEW-USD)", peer.Errors[0]);
        world.Exchange.Step(TimeSpan.FromSeconds(31));
        await peer.SubscribeAsync("v4_trades", "NEW-USD");
        await world.UntilAsync(() => peer.Of("subscribed", "v4_trades").Count == 1, "the snapshot");
    }

    private static async Task RunAsync(World world, Peer peer, int seconds)
    {
        world.Exchange.Step(TimeSpan.FromSeconds(seconds));
        await EndAsync(world, peer);
    }

    /// <summary>Until nothing has come for a while: the exchange stands still, so all has arrived.</summary>
    private static async Task EndAsync(World world, Peer peer)
    {
        await world.UntilAsync(() => Told(peer), "frames");
        var before = -1;
        var still = 0;
        await world.UntilAsync(() => (still = before == (before = peer.Frames.Count) ? still + 1 : 0) > 20, "the last frame");
    }

    private static bool Told(Peer peer) => peer.Of("channel_data").Count > 0;

    private static string Height(JsonElement update) => Text(update, "blockHeight");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
