using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;
using static Tidegate.Indexer.Tests.Sockets.PoolWorld;

namespace Tidegate.Indexer.Tests.Sockets;

public sealed class PoolReconnectTests
{
    [Fact]
    public async Task Attempts_after_a_loss_wait_1_2_4_8_16_and_then_16_seconds()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        await world.Follow(Btc).UntilState(LinkState.Live);
        world.Net.OnOpen = FakeNet.Refuse;
        world.Net.Last.End(1006, "gone");
        Assert.Equal([1.0, 2, 4, 8, 16, 16, 16], world.WaitsOfNextDials(7), (a, b) => Math.Abs(a - b) < 0.11);
    }

    [Theory]
    [InlineData(0.0, 0.8)]
    [InlineData(1.0, 1.2)]
    public async Task Waits_are_spread_by_a_fifth(double random, double first)
    {
        await using var world = new PoolWorld(random: random);
        world.Net.AnswerAll();
        await world.Follow(Btc).UntilState(LinkState.Live);
        world.Net.OnOpen = FakeNet.Refuse;
        world.Net.Last.End(1006, "gone");
        Assert.Equal([first, first * 2], world.WaitsOfNextDials(2), (a, b) => Math.Abs(a - b) < 0.11);
    }

    [Fact]
    public async Task The_link_hears_each_attempt_with_its_time_then_exhausted_then_live_again_after_the_snapshot()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        world.Net.OnOpen = FakeNet.Refuse;
        world.Net.Last.End(1006, "gone");
        await btc.UntilState(LinkState.Reconnecting);
        Assert.Equal((0, world.Time.GetUtcNow().AddSeconds(1), "upstream-closed"), (btc.Links[^1].Attempt, btc.Links[^1].NextAttemptAt, btc.Links[^1].Reason));
        foreach (var attempt in new[] { 1, 2, 3, 4 })
        {
            world.WaitsOfNextDials(1);
            await btc.Until(r => r.Links[^1].Attempt == attempt && r.Links[^1].NextAttemptAt is not null);
            Assert.Equal(LinkState.Reconnecting, btc.Links[^1].State);
        }

        world.WaitsOfNextDials(1);
        await btc.UntilState(LinkState.Exhausted);
        Assert.Equal(5, btc.Links[^1].Attempt);
        Assert.Equal(SocketState.Exhausted, world.Pool.State);
        world.Net.OnOpen = _ => Task.CompletedTask;
        world.WaitsOfNextDials(1);
        await btc.UntilState(LinkState.Live);
        Assert.Equal("subscribed {}", btc.Calls[^2]);
        Assert.Equal("link Live", btc.Calls[^1]);
        Assert.Equal((0, null, null), (btc.Links[^1].Attempt, btc.Links[^1].NextAttemptAt, btc.Links[^1].Reason));
        Assert.Equal(1, world.Pool.ReconnectCount);
    }

    [Fact]
    public async Task A_socket_that_only_connects_does_not_forget_the_failures()
    {
        await using var world = new PoolWorld();
        var btc = world.Follow(Btc);
        for (var i = 0; i < 3; i++)
        {
            world.Net.Last.End(1006, "before any data");
            await btc.Until(r => r.Links.Count > 0 && r.Links[^1].Attempt == i + 1);
            world.WaitsOfNextDials(1);
        }

        world.Net.Last.Subscribed(Btc);
        await btc.UntilState(LinkState.Live);
        world.Net.Last.End(1006, "after data");
        await btc.UntilState(LinkState.Reconnecting);
        Assert.Equal(0, btc.Links[^1].Attempt);
        Assert.Equal([1.0], world.WaitsOfNextDials(1), (a, b) => Math.Abs(a - b) < 0.11);
    }

    [Fact]
    public async Task After_a_1012_the_first_wait_is_random_within_a_second()
    {
        await using var world = new PoolWorld(random: 0.3);
        world.Net.AnswerAll();
        await world.Follow(Btc).UntilState(LinkState.Live);
        world.Net.Last.End(1012, "Service restarting");
        Assert.Equal([0.3], world.WaitsOfNextDials(1), (a, b) => Math.Abs(a - b) < 0.06);
    }

    [Fact]
    public async Task No_upstream_at_the_start_counts_as_a_loss()
    {
        await using var world = new PoolWorld();
        world.Net.OnOpen = FakeNet.Refuse;
        var btc = await world.Follow(Btc).UntilState(LinkState.Reconnecting);
        Assert.Equal(0, btc.Links[^1].Attempt);
        Assert.Equal([1.0, 2, 4], world.WaitsOfNextDials(3), (a, b) => Math.Abs(a - b) < 0.11);
    }

    [Fact]
    public async Task A_silent_socket_is_replaced_and_pings_alone_keep_it()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        var first = world.Net.Last;
        for (var minute = 0; minute < 60; minute++)
        {
            world.Advance(30); // a halted chain: pings only, for half an hour (cases.md 55)
            first.Ping();
        }

        Assert.False(first.IsOver);
        world.Advance(46);
        await btc.UntilState(LinkState.Reconnecting);
        Assert.Equal("upstream-silent", btc.Links[^1].Reason);
        Assert.True(first.IsOver);
        world.Advance(1);
        await btc.UntilState(LinkState.Live);
        Assert.Equal(2, world.Net.Wires.Count);
    }

    [Fact]
    public async Task With_two_addresses_a_failed_dial_goes_to_the_other_and_then_back()
    {
        await using var world = new PoolWorld(o => o with { Endpoints = [Endpoint("one"), Endpoint("two")] });
        world.Net.OnOpen = FakeNet.Refuse;
        world.Follow(Btc);
        world.WaitsOfNextDials(3);
        Assert.Equal(["one", "two", "one", "two"], world.Net.Dialled.Select(u => u.Host));
    }

    [Fact]
    public async Task Loss_of_one_socket_touches_only_its_topics()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var many = Enumerable.Range(0, 40).Select(i => new TopicKey(Channel.OrderBook, $"M{i}-USD")).ToArray();
        var recorders = many.ToDictionary(t => t, t => world.Follow(t));
        foreach (var recorder in recorders.Values)
        {
            await recorder.UntilState(LinkState.Live);
        }

        Assert.Equal(2, world.Net.Wires.Count);
        Assert.Equal([8, 32], world.Pool.Sockets().Select(s => s.Subscriptions).Order());
        world.Net.Wires[0].End(1006, "gone");
        foreach (var topic in many)
        {
            var lost = world.Net.Wires[0].Sent.Contains($"subscribe v4_orderbook {topic.Id}");
            if (lost)
            {
                await recorders[topic].Until(r => r.Links.Any(l => l.State == LinkState.Reconnecting));
            }
            else
            {
                Assert.Single(recorders[topic].Links);
            }
        }

        world.Advance(1);
        foreach (var recorder in recorders.Values)
        {
            await recorder.UntilState(LinkState.Live);
        }

        Assert.Equal(3, world.Net.Wires.Count); // only the lost one was dialled again
    }

    [Fact]
    public async Task While_none_is_up_one_dial_at_a_time_and_its_success_releases_the_others()
    {
        await using var world = new PoolWorld();
        var door = new TaskCompletionSource();
        world.Net.OnOpen = _ => door.Task;
        for (var i = 0; i < 100; i++)
        {
            world.Follow(new TopicKey(Channel.Trades, $"M{i}-USD"));
        }

        Assert.Single(world.Net.Wires);
        door.SetResult();
        await Eventually(() => world.Net.Wires.Count == 4);
    }

    [Fact]
    public async Task A_topic_that_no_allowed_socket_has_room_for_is_told_full()
    {
        await using var world = new PoolWorld(o => o with { MaxSockets = 1 });
        world.Net.AnswerAll();
        for (var i = 0; i < 32; i++)
        {
            await world.Follow(new TopicKey(Channel.Trades, $"M{i}-USD")).UntilState(LinkState.Live);
        }

        var late = await world.Follow(new TopicKey(Channel.Trades, "LATE-USD"), out var following).UntilState(LinkState.Full);
        Assert.Equal("upstream-full", late.Links[^1].Reason);
        following.Dispose();
    }

    internal static async Task Eventually(Func<bool> holds, string otherwise = "never held")
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            Assert.False(late.IsCancellationRequested, otherwise);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
