using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;
using static Tidegate.Indexer.Tests.Sockets.PoolWorld;

namespace Tidegate.Indexer.Tests.Sockets;

public sealed class PoolSubscribeTests
{
    [Fact]
    public async Task At_most_eight_subscribes_are_in_flight_on_a_socket()
    {
        await using var world = new PoolWorld();
        for (var i = 0; i < 20; i++)
        {
            world.Follow(new TopicKey(Channel.OrderBook, $"M{i}-USD"));
        }

        Assert.Equal(8, world.Net.Last.Sent.Count);
        world.Net.Last.Subscribed(new TopicKey(Channel.OrderBook, "M3-USD"));
        Assert.Equal(9, world.Net.Last.Sent.Count);
    }

    [Theory]
    [InlineData("Internal error, could not fetch data for subscription: v4_orderbook.")]
    [InlineData("Internal error, could not fetch data for subscription: v4_orderbook")]
    public async Task A_snapshot_that_could_not_be_fetched_is_asked_for_again_after_1_2_4_seconds(string text)
    {
        await using var world = new PoolWorld();
        var btc = world.Follow(Btc);
        foreach (var wait in new[] { 1.0, 2, 4 })
        {
            var sent = world.Net.Last.Sent.Count;
            world.Net.Last.Error(text);
            world.Advance(wait - 0.05);
            Assert.Equal(sent, world.Net.Last.Sent.Count);
            world.Advance(0.06);
            Assert.Equal(sent + 1, world.Net.Last.Sent.Count);
        }

        await btc.Until(r => r.Links.Any(l => l is { State: LinkState.Reconnecting, Reason: "subscribe-failed" }));
        world.Net.Last.Subscribed(Btc);
        await btc.UntilState(LinkState.Live);
        Assert.Single(world.Net.Wires);
    }

    [Fact]
    public async Task A_topic_that_never_gets_its_snapshot_is_exhausted_after_five_failures_while_others_are_live()
    {
        await using var world = new PoolWorld();
        var (btc, eth) = (world.Follow(Btc), world.Follow(Eth));
        world.Net.Last.Subscribed(Eth);
        for (var i = 0; i < 5; i++)
        {
            world.Net.Last.Error("Internal error, could not fetch data for subscription: v4_orderbook.");
            world.Net.Last.Ping();
            world.Advance(17);
        }

        await btc.UntilState(LinkState.Exhausted);
        await eth.UntilState(LinkState.Live);
        Assert.DoesNotContain(eth.Links, l => l.State != LinkState.Live);
    }

    [Fact]
    public async Task An_unanswered_subscribe_is_retried_alone_and_the_others_stream()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var healthy = world.Net.OnSent;
        world.Net.OnSent = (wire, line) =>
        {
            if (!line.Contains("M7-", StringComparison.Ordinal))
            {
                healthy(wire, line);
            }
        };
        var books = Enumerable.Range(0, 20).Select(i => world.Follow(new TopicKey(Channel.OrderBook, $"M{i}-USD"))).ToArray();
        for (var i = 0; i < 20; i++)
        {
            if (i != 7)
            {
                await books[i].UntilState(LinkState.Live);
            }
        }

        world.Advance(10);
        world.Advance(10);
        Assert.Equal(3, world.Net.Last.Sent.Count(s => s.EndsWith(" M7-USD", StringComparison.Ordinal)));
        Assert.Equal(22, world.Net.Last.Sent.Count);
        Assert.Single(world.Net.Wires);
        world.Net.OnSent = healthy;
        world.Advance(10);
        await books[7].UntilState(LinkState.Live);
    }

    [Fact]
    public async Task A_nameless_refusal_waits_until_it_is_clear_whose_it_is()
    {
        await using var world = new PoolWorld();
        var (btc, eth) = (world.Follow(Btc), world.Follow(Eth));
        var wire = world.Net.Last;
        wire.Error("Internal error, could not fetch data for subscription: v4_orderbook.");
        Assert.Equal(2, wire.Sent.Count);
        wire.Subscribed(Btc);
        await btc.UntilState(LinkState.Live);
        await eth.Until(r => r.Links.Any(l => l.Reason == "subscribe-failed"));
        world.Advance(1.01);
        Assert.Equal("subscribe v4_orderbook ETH-USD", wire.Sent[^1]);
    }

    [Fact]
    public async Task Where_it_stays_unclear_each_is_asked_again_alone()
    {
        await using var world = new PoolWorld();
        world.Follow(Btc);
        world.Follow(Eth);
        var wire = world.Net.Last;
        wire.Error("Internal error, could not fetch data for subscription: v4_orderbook.");
        world.Advance(10);
        Assert.Equal(3, wire.Sent.Count); // one of both, alone in its channel
        wire.Error("Internal error, could not fetch data for subscription: v4_orderbook.");
        Assert.Equal(4, wire.Sent.Count); // that was the lone one's; the other has its turn
        Assert.NotEqual(wire.Sent[2], wire.Sent[3]);
    }

    [Fact]
    public async Task A_limit_of_the_server_moves_the_topic_to_another_socket()
    {
        await using var world = new PoolWorld();
        var (btc, eth) = (world.Follow(Btc), world.Follow(Eth));
        world.Net.Last.Subscribed(Btc);
        world.Net.AnswerAll();
        world.Net.Wires[0].Error("Per-connection subscription limit reached for v4_orderbook (limit=1).");
        await eth.UntilState(LinkState.Live);
        await btc.UntilState(LinkState.Live);
        Assert.Equal(2, world.Net.Wires.Count);
        Assert.Equal(["subscribe v4_orderbook ETH-USD"], world.Net.Wires[1].Sent);
    }

    [Theory]
    [InlineData("Invalid subscription id for channel: (v4_orderbook-BTC-USD)", LinkState.UnknownId)]
    [InlineData("Invalid id: BTC-USD", LinkState.UnknownId)]
    [InlineData("Invalid channel: v4_orderbook", LinkState.Refused)]
    public async Task A_refusal_is_told_and_not_retried_until_asked(string text, LinkState state)
    {
        await using var world = new PoolWorld();
        var btc = world.Follow(Btc);
        world.Net.Last.Error(text);
        await btc.UntilState(state);
        for (var i = 0; i < 60; i++)
        {
            world.Net.Last.Ping();
            world.Advance(20);
        }

        Assert.Single(world.Net.Last.Sent);
        world.Pool.Resubscribe(Btc);
        Assert.Equal(2, world.Net.Last.Sent.Count);
        world.Net.Last.Subscribed(Btc);
        await btc.UntilState(LinkState.Live);
    }

    [Fact]
    public async Task A_compliance_refusal_blocks_its_topic_only_with_a_probe_every_quarter_of_an_hour()
    {
        await using var world = new PoolWorld();
        var account = new TopicKey(Channel.Subaccounts, "dydx1abc/0");
        var (mine, btc) = (world.Follow(account), world.Follow(Btc));
        world.Net.Last.Subscribed(Btc);
        world.Net.Last.Error("Because this address appears to be a resident of a jurisdiction");
        await mine.UntilState(LinkState.Blocked);
        await btc.UntilState(LinkState.Live);
        Assert.Equal(("compliance-blocked", world.Time.GetUtcNow().AddMinutes(15)), (mine.Links[^1].Reason, mine.Links[^1].NextAttemptAt));
        for (var i = 0; i < 15 * 3 - 1; i++)
        {
            world.Net.Last.Ping();
            world.Advance(20);
        }

        Assert.Equal(2, world.Net.Last.Sent.Count);
        world.Net.Last.Ping();
        world.Advance(20);
        Assert.Equal(3, world.Net.Last.Sent.Count);
        world.Net.Last.Subscribed(account);
        await mine.UntilState(LinkState.Live);
    }

    [Fact]
    public async Task Already_subscribed_is_cured_by_unsubscribing_first()
    {
        await using var world = new PoolWorld();
        var btc = world.Follow(Btc);
        var wire = world.Net.Last;
        wire.Error("Invalid subscribe message: already subscribed (v4_orderbook-BTC-USD)");
        Assert.Equal("unsubscribe v4_orderbook BTC-USD", wire.Sent[^1]);
        world.Net.AnswerAll();
        wire.Say("""{"type":"unsubscribed","channel":"v4_orderbook","id":"BTC-USD","message_id":2}""");
        world.Advance(1.01);
        await btc.UntilState(LinkState.Live);
    }

    [Fact]
    public async Task Leaving_while_the_answer_is_pending_unsubscribes_after_it()
    {
        await using var world = new PoolWorld();
        var btc = world.Follow(Btc, out var following);
        following.Dispose();
        Assert.Single(world.Net.Last.Sent);
        world.Net.Last.Subscribed(Btc);
        Assert.Equal("unsubscribe v4_orderbook BTC-USD", world.Net.Last.Sent[^1]);
        Assert.Empty(btc.Calls);
    }

    [Fact]
    public async Task Following_again_at_once_takes_over_the_pending_answer()
    {
        await using var world = new PoolWorld();
        world.Follow(Btc, out var following);
        following.Dispose();
        var again = world.Follow(Btc);
        world.Net.Last.Subscribed(Btc);
        await again.UntilState(LinkState.Live);
        Assert.Single(world.Net.Last.Sent);
    }

    [Fact]
    public async Task A_topic_is_asked_for_at_most_once_a_second_however_often_it_is_left_and_followed()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        for (var i = 0; i < 10; i++)
        {
            world.Follow(Btc, out var following);
            following.Dispose();
        }

        Assert.True(world.Net.Last.Sent.Count(s => s.StartsWith("subscribe", StringComparison.Ordinal)) <= 1, string.Join('\n', world.Net.Last.Sent));
    }

    [Fact]
    public async Task Following_a_topic_twice_throws()
    {
        await using var world = new PoolWorld();
        world.Follow(Btc);
        Assert.Throws<InvalidOperationException>(() => world.Follow(Btc));
    }

    [Fact]
    public async Task A_subscriber_that_throws_touches_no_other()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var (btc, eth) = (world.Follow(Btc), world.Follow(Eth));
        await btc.UntilState(LinkState.Live);
        btc.OnCall = _ => throw new InvalidOperationException("mine");
        world.Net.Last.Data(Btc);
        world.Net.Last.Data(Eth, "[1]");
        Assert.Equal("data [1]", eth.Calls[^1]);
        Assert.Equal(1, world.Pool.SubscriberFailures);
        Assert.False(world.Net.Last.IsOver);
    }

    [Fact]
    public async Task Resubscribe_brings_a_fresh_snapshot()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        world.Pool.Resubscribe(Btc);
        world.Advance(1.01);
        await btc.Until(r => r.Calls.Count(c => c.StartsWith("subscribed", StringComparison.Ordinal)) == 2);
        Assert.Equal(["subscribe v4_orderbook BTC-USD", "unsubscribe v4_orderbook BTC-USD", "subscribe v4_orderbook BTC-USD"], world.Net.Last.Sent);
    }

    [Fact]
    public async Task A_frame_without_id_belongs_to_the_only_topic_of_its_channel()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var markets = await world.Follow(new TopicKey(Channel.Markets, "")).UntilState(LinkState.Live);
        await world.Follow(Btc).UntilState(LinkState.Live);
        await world.Follow(Eth).UntilState(LinkState.Live);
        world.Net.Last.Say("""{"type":"channel_data","channel":"v4_markets","contents":[7]}""");
        world.Net.Last.Say("""{"type":"channel_data","channel":"v4_orderbook","contents":[8]}""");
        Assert.Equal("data [7]", markets.Calls[^1]);
        Assert.Equal(1, world.Pool.DroppedFrames);
        Assert.Equal("subscribe v4_markets", world.Net.Last.Sent[0]);
    }

    [Fact]
    public async Task Calls_from_inside_a_subscriber_do_not_deadlock()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var btc = new Recorder();
        IDisposable? following = null;
        btc.OnCall = call =>
        {
            if (call == "data [1]")
            {
                world.Pool.Resubscribe(Btc);
                world.Pool.ReconnectNow(Btc);
                following!.Dispose();
            }
        };
        following = world.Pool.Follow(Btc, btc);
        await btc.UntilState(LinkState.Live);
        world.Net.Last.Data(Btc, "[1]");
        Assert.Null(world.Pool.CarrierOf(Btc));
    }

    [Fact]
    public async Task Disposal_closes_all_and_dials_no_more()
    {
        var world = new PoolWorld();
        world.Net.AnswerAll();
        await world.Follow(Btc).UntilState(LinkState.Live);
        await world.Pool.DisposeAsync();
        await world.Pool.DisposeAsync();
        Assert.True(world.Net.Last.IsOver);
        world.Advance(100);
        Assert.Single(world.Net.Wires);
        Assert.Throws<ObjectDisposedException>(() => world.Follow(Eth));
    }
}
