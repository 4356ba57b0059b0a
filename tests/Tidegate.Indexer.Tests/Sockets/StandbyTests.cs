using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;
using static Tidegate.Indexer.Tests.Sockets.PoolWorld;

namespace Tidegate.Indexer.Tests.Sockets;

/// <summary>Two sockets that count as one: what the subscriber hears when the active one is lost, stalls or falls behind.</summary>
public sealed class StandbyTests
{
    private static async Task<(PoolWorld World, Recorder Btc, FakeWire Active, FakeWire Standby)> PairAsync()
    {
        var world = new PoolWorld(o => o with { Standby = true });
        world.Net.AnswerAll();
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        Assert.Equal(2, world.Net.Wires.Count);
        world.Advance(2.1); // the pair has settled
        return (world, btc, world.Net.Wires[0], world.Net.Wires[1]);
    }

    private static void Say(FakeWire wire, params int[] numbers)
    {
        foreach (var number in numbers)
        {
            wire.Data(Btc, $"[{number}]");
        }
    }

    private static List<int> Heard(Recorder recorder) =>
        [.. recorder.Calls.Where(c => c.StartsWith("data", StringComparison.Ordinal)).Select(c => int.Parse(c[6..^1], System.Globalization.CultureInfo.InvariantCulture))];

    private static Task HearsAsync(Recorder recorder, params int[] numbers) => recorder.Until(r => Heard(r).SequenceEqual(numbers));

    private static void AssertNothingElse(Recorder recorder)
    {
        Assert.Equal([LinkState.Live], recorder.Links.Select(l => l.State));
        Assert.Single(recorder.Calls, c => c.StartsWith("subscribed", StringComparison.Ordinal));
    }

    private static List<(string Id, bool Standby, int Topics)> Sockets(PoolWorld world) =>
        [.. world.Pool.Sockets().Select(s => (s.Id, s.Standby, s.Subscriptions)).Order()];

    [Fact]
    public async Task The_standby_carries_the_same_topics_and_tells_nothing()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var _ = world;
        var eth = await world.Follow(Eth).UntilState(LinkState.Live);
        Assert.Equal([("s1", false, 2), ("s2", true, 2)], Sockets(world));
        Assert.Equal(active.Sent, standby.Sent);
        Say(standby, 1, 2);
        Assert.Empty(Heard(btc));
        Say(active, 1, 2);
        Assert.Equal([1, 2], Heard(btc));
        AssertNothingElse(btc);
        AssertNothingElse(eth);
    }

    [Fact]
    public async Task Frames_that_the_lost_socket_had_not_brought_come_from_the_standby_once_and_in_order()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var _ = world;
        Say(active, 1);
        Say(standby, 1, 2, 3, 4);
        Say(active, 2);
        active.End(1006, "gone");
        Say(standby, 5);
        await HearsAsync(btc, 1, 2, 3, 4, 5);
        AssertNothingElse(btc);
        Assert.Equal((1, SocketState.Streaming), (world.Pool.Failovers, world.Pool.State));
    }

    [Fact]
    public async Task Frames_that_the_standby_brings_again_after_it_took_over_are_left_out()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var _ = world;
        Say(active, 1, 2, 1, 3); // the first comes twice: a level that went there and back
        Say(standby, 1);
        active.End(1006, "gone");
        Say(standby, 2, 1, 3, 1, 4);
        await HearsAsync(btc, 1, 2, 1, 3, 1, 4);
        AssertNothingElse(btc);
    }

    [Fact]
    public async Task After_a_failover_a_new_standby_is_dialled_after_the_first_wait_and_takes_over_in_its_turn()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var _ = world;
        Say(standby, 1);
        active.End(1006, "gone");
        await HearsAsync(btc, 1);
        Assert.Equal([1.0], world.WaitsOfNextDials(1), (a, b) => Math.Abs(a - b) < 0.11);
        Assert.Equal([("s2", false, 1), ("s3", true, 1)], Sockets(world));
        Assert.Equal(1, world.Pool.ReconnectCount);
        world.Advance(2.1);
        Say(world.Net.Last, 2, 3);
        Say(standby, 2);
        standby.End(1006, "gone too");
        await HearsAsync(btc, 1, 2, 3);
        AssertNothingElse(btc);
    }

    [Fact]
    public async Task Three_frames_in_a_row_a_quarter_second_late_switch_and_the_slow_socket_becomes_the_standby()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var _ = world;
        foreach (var number in new[] { 1, 2, 3 })
        {
            Say(standby, number);
            world.Advance(0.25);
            Say(active, number);
        }

        Say(standby, 4);
        world.Advance(0.25);
        await HearsAsync(btc, 1, 2, 3, 4);
        Assert.Equal([("s1", true, 1), ("s2", false, 1)], Sockets(world));
        Say(active, 4, 5);
        Say(standby, 5);
        await HearsAsync(btc, 1, 2, 3, 4, 5);
        Assert.False(active.IsOver);
        AssertNothingElse(btc);
        Assert.Equal(0, world.Pool.ReconnectCount); // slow, not lost
    }

    [Fact]
    public async Task Two_late_frames_and_one_in_time_do_not_switch()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var _ = world;
        for (var number = 1; number < 10; number++)
        {
            Say(standby, number);
            world.Advance(number % 3 == 0 ? 0.2 : 0.3);
            Say(active, number);
        }

        world.Advance(0.5);
        Assert.Equal(0, world.Pool.Failovers);
        Assert.Equal(Enumerable.Range(1, 9), Heard(btc));
    }

    [Theory]
    [InlineData(3, 0.5)] // three frames that only the standby has, a quarter second old
    [InlineData(1, 2.3)] // a single one, two seconds old
    public async Task A_socket_that_hangs_is_left_for_the_standby(int frames, double seconds)
    {
        var (world, btc, _, standby) = await PairAsync();
        await using var __ = world;
        Say(standby, [.. Enumerable.Range(1, frames)]);
        Assert.Empty(Heard(btc));
        world.Advance(seconds);
        await HearsAsync(btc, [.. Enumerable.Range(1, frames)]);
        AssertNothingElse(btc);
    }

    [Fact]
    public async Task When_both_are_lost_the_links_wait_as_without_a_standby()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var _ = world;
        world.Net.OnOpen = FakeNet.Refuse;
        active.End(1006, "gone");
        standby.End(1006, "gone");
        await btc.UntilState(LinkState.Reconnecting);
        Assert.Equal(("upstream-closed", 0), (btc.Links[^1].Reason, btc.Links[^1].Attempt));
        Assert.Equal([1.0, 2, 4, 8], world.WaitsOfNextDials(4), (a, b) => Math.Abs(a - b) < 0.11);
        world.Net.OnOpen = _ => Task.CompletedTask;
        world.WaitsOfNextDials(1);
        await btc.UntilState(LinkState.Live);
        Assert.Equal([("s7", false, 1), ("s8", true, 1)], Sockets(world));
    }

    [Fact]
    public async Task A_standby_that_is_lost_alone_is_dialled_again_and_nobody_is_told()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var _ = world;
        world.Net.OnOpen = FakeNet.Refuse;
        standby.End(1006, "gone");
        Say(active, 1);
        Assert.Equal([1.0, 2, 4], world.WaitsOfNextDials(3), (a, b) => Math.Abs(a - b) < 0.11);
        world.Net.OnOpen = _ => Task.CompletedTask;
        active.Ping();
        world.WaitsOfNextDials(1);
        Assert.Equal([("s1", false, 1), ("s6", true, 1)], Sockets(world));
        Assert.Equal((SocketState.Streaming, 0L, 0L), (world.Pool.State, world.Pool.ReconnectCount, world.Pool.Failovers));
        await HearsAsync(btc, 1);
        AssertNothingElse(btc);
    }

    [Fact]
    public async Task A_standby_that_cannot_be_subscribed_asks_again_later_and_the_link_stays_live()
    {
        await using var world = new PoolWorld(o => o with { Standby = true });
        world.Net.AnswerAll();
        var healthy = world.Net.OnSent;
        var refusals = 2;
        world.Net.OnSent = (wire, line) =>
        {
            if (wire.Name == "s2" && refusals-- > 0)
            {
                wire.Error("Internal error, could not fetch data for subscription: v4_orderbook.");
            }
            else
            {
                healthy(wire, line);
            }
        };
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        world.Advance(1.1);
        world.Advance(2.1);
        Assert.Equal(3, world.Net.Wires[1].Sent.Count);
        world.Advance(2.1);
        Say(world.Net.Wires[1], 1);
        world.Net.Wires[0].End(1006, "gone");
        await HearsAsync(btc, 1);
        AssertNothingElse(btc);
    }

    [Fact]
    public async Task A_standby_that_may_not_have_all_gives_a_new_snapshot_rather_than_a_hole()
    {
        await using var world = new PoolWorld(o => o with { Standby = true });
        world.Net.AnswerAll();
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        world.Net.Wires[0].End(1006, "before the standby proved anything");
        Assert.Equal([("s2", false, 1)], Sockets(world));
        world.Advance(1.01); // the server counts subscribes per topic and second
        await btc.Until(r => r.Calls.Count(c => c.StartsWith("subscribed", StringComparison.Ordinal)) == 2);
        Assert.Equal(["subscribe v4_orderbook BTC-USD", "unsubscribe v4_orderbook BTC-USD"], world.Net.Wires[1].Sent.Take(2));
    }

    [Fact]
    public async Task A_topic_left_is_left_on_both_and_one_asked_to_move_keeps_its_standby()
    {
        var (world, btc, active, standby) = await PairAsync();
        await using var __ = world;
        await world.Follow(Eth, out var following).UntilState(LinkState.Live);
        following.Dispose();
        Assert.Equal("unsubscribe v4_orderbook ETH-USD", active.Sent[^1]);
        Assert.Equal("unsubscribe v4_orderbook ETH-USD", standby.Sent[^1]);
        world.Pool.ReconnectNow(Btc);
        Assert.True(active.IsOver);
        Assert.Equal([("s2", true, 1), ("s3", false, 1)], Sockets(world));
        world.Advance(2.1);
        Say(standby, 1, 2);
        Say(world.Net.Last, 1);
        world.Net.Last.End(1006, "gone");
        await HearsAsync(btc, 1, 2);
        Assert.Equal([LinkState.Live], btc.Links.Select(l => l.State));
    }

    [Fact]
    public async Task A_standby_makes_way_when_topics_need_its_place()
    {
        await using var world = new PoolWorld(o => o with { Standby = true, MaxSockets = 2 });
        world.Net.AnswerAll();
        var recorders = Enumerable.Range(0, 40).Select(i => world.Follow(new TopicKey(Channel.OrderBook, $"M{i}-USD"))).ToList();
        foreach (var recorder in recorders)
        {
            await recorder.UntilState(LinkState.Live);
        }

        Assert.Equal([false, false], world.Pool.Sockets().Select(s => s.Standby));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task From_a_fallback_address_the_topics_return_once_the_first_has_been_well_for_half_a_minute(bool standby)
    {
        await using var world = new PoolWorld(o => o with { Standby = standby, Endpoints = [Endpoint("one"), Endpoint("two")] });
        world.Net.AnswerAll();
        var oneIsDown = true;
        world.Net.OnOpen = wire => oneIsDown && world.Net.Dialled[world.Net.Wires.IndexOf(wire)].Host == "one" ? FakeNet.Refuse(wire) : Task.CompletedTask;
        var btc = world.Follow(Btc);
        world.WaitsOfNextDials(1);
        await btc.UntilState(LinkState.Live);
        Assert.Equal("two", world.Pool.CurrentUrl.Host);
        Pass(world, 65); // a probe that fails touches nothing
        Assert.Equal("two", world.Pool.CurrentUrl.Host);
        oneIsDown = false;
        Pass(world, 60 + 20);
        Assert.Equal("two", world.Pool.CurrentUrl.Host);
        Pass(world, 60);
        Assert.Equal("one", world.Pool.CurrentUrl.Host);
        Assert.Equal(LinkState.Live, btc.Links[^1].State);
        Assert.Single(btc.Links, l => l.State == LinkState.Live);
        Assert.All(world.Net.Wires.Where(w => !w.IsOver), w => Assert.Equal("one", world.Net.Dialled[world.Net.Wires.IndexOf(w)].Host));
    }

    private static void Pass(PoolWorld world, int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            world.Advance(1);
            foreach (var wire in world.Net.Wires.Where(w => !w.IsOver))
            {
                wire.Ping();
            }
        }
    }
}
