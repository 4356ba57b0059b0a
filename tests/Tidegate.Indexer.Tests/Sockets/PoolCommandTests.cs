using Tidegate.Indexer.Sockets;
using static Tidegate.Indexer.Tests.Sockets.PoolWorld;

namespace Tidegate.Indexer.Tests.Sockets;

public sealed class PoolCommandTests
{
    [Fact]
    public async Task Reconnect_now_makes_before_it_breaks()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var (btc, eth) = (await world.Follow(Btc).UntilState(LinkState.Live), await world.Follow(Eth).UntilState(LinkState.Live));
        var old = world.Net.Last;
        world.Net.OnSent = (_, _) => { };
        world.Pool.ReconnectNow(Btc);
        var next = world.Net.Last;
        Assert.NotSame(old, next);
        old.Data(Btc, "[1]");
        next.Data(Btc, "[2]"); // before its snapshot: not to be told
        next.Subscribed(Btc, """{"new":1}""");
        old.Data(Btc, "[3]"); // the old one's frames count no more
        next.Data(Btc, "[4]");
        old.Data(Eth, "[5]"); // ETH has not moved yet
        Assert.False(old.IsOver);
        next.Subscribed(Eth);
        await PoolReconnectTests.Eventually(() => old.IsOver);
        Assert.Equal(["data [1]", "subscribed {\"new\":1}", "data [4]"], btc.Calls.Where(c => !c.StartsWith("link", StringComparison.Ordinal)).Skip(1));
        Assert.Contains("data [5]", eth.Calls);
        Assert.All(btc.Links.Concat(eth.Links), l => Assert.Equal(LinkState.Live, l.State));
        Assert.Equal("s2", world.Pool.CarrierOf(Btc));
        Assert.Single(world.Pool.Sockets());
    }

    [Fact]
    public async Task Reconnect_now_makes_the_waiting_attempt_at_once()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        world.Net.Last.End(1006, "gone");
        world.Pool.ReconnectNow(Btc);
        await btc.Until(r => r.Links.Count(l => l.State == LinkState.Live) == 2);
        Assert.Equal(2, world.Net.Wires.Count);
    }

    [Fact]
    public async Task Abandon_gives_up_the_socket_with_the_given_reason()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        world.Pool.Abandon(Btc, "upstream-silent");
        await btc.Until(r => r.Links[^1] is { State: LinkState.Reconnecting, Reason: "upstream-silent" });
        world.Advance(1);
        await btc.UntilState(LinkState.Live);
    }

    [Fact]
    public async Task A_block_of_all_closes_the_sockets_and_is_probed_each_quarter_of_an_hour()
    {
        await using var world = new PoolWorld();
        world.Net.AnswerAll();
        var btc = await world.Follow(Btc).UntilState(LinkState.Live);
        world.Pool.Block(null, "geo-blocked");
        await btc.UntilState(LinkState.Blocked);
        Assert.True(world.Net.Last.IsOver);
        world.Net.OnOpen = _ => Task.FromException(new WireRefusedException("geo-blocked", "403"));
        for (var i = 0; i < 60; i++)
        {
            world.Advance(60);
        }

        Assert.InRange(world.Net.Wires.Count, 4, 5); // the first, and four probes in an hour
        Assert.DoesNotContain(btc.Links, l => l.State is LinkState.Reconnecting or LinkState.Exhausted);
        world.Net.OnOpen = _ => Task.CompletedTask;
        world.Advance(15 * 60);
        await btc.UntilState(LinkState.Live);
    }
}
