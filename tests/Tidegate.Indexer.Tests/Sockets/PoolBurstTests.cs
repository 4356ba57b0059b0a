using Tidegate.Indexer.Messages;
using static Tidegate.Indexer.Tests.Sockets.PoolWorld;

namespace Tidegate.Indexer.Tests.Sockets;

public sealed class PoolBurstTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TopicKey Third = new(Channel.Trades, "BTC-USD");

    [Fact]
    public async Task A_long_burst_is_told_while_its_reader_goes_on_and_never_on_its_thread()
    {
        await using var world = new PoolWorld();
        world.Follow(Btc);
        world.Net.Last.Subscribed(Btc);
        using var told = new ManualResetEventSlim();
        var (reader, teller) = (Environment.CurrentManagedThreadId, 0);
        world.Pool.LongBurst += () =>
        {
            teller = Environment.CurrentManagedThreadId;
            told.Set();
        };

        Say(world, 600);

        // The reader has not come to the end, and says nothing of one.
        Assert.True(told.Wait(Patience, TestContext.Current.CancellationToken));
        Assert.NotEqual(reader, teller);
    }

    [Fact]
    public async Task Short_bursts_are_told_at_their_end_only()
    {
        await using var world = new PoolWorld();
        world.Follow(Btc);
        world.Net.Last.Subscribed(Btc);
        var (longOnes, ends) = (0, 0);
        world.Pool.LongBurst += () => longOnes++;
        world.Pool.Drained += () => ends++;
        world.Net.Last.Drain();
        for (var burst = 0; burst < 5; burst++)
        {
            Say(world, 400);
            world.Net.Last.Drain();
        }

        Assert.Equal((0, 6), (longOnes, ends));
    }

    [Fact]
    public async Task What_arrives_at_several_sockets_at_once_is_told_by_the_last_that_is_read()
    {
        await using var world = new PoolWorld();
        var (first, second, ends) = TwoSockets(world);
        first.Data(Btc);
        second.Data(Eth);
        first.Drain();
        Assert.Equal(0, ends());
        second.Drain();
        Assert.Equal(1, ends());

        first.Data(Btc);
        second.HasUnread = true;
        first.Drain();
        Assert.Equal(1, ends());
        second.HasUnread = false;
        second.Data(Eth);
        second.Drain();
        Assert.Equal(2, ends());

        // Each alone: nobody is waited for.
        first.Data(Btc);
        first.Drain();
        second.Data(Eth);
        second.Drain();
        Assert.Equal(4, ends());
    }

    [Fact]
    public async Task A_socket_that_takes_a_snapshot_or_ends_keeps_nobody_waiting()
    {
        await using var world = new PoolWorld();
        var (first, second, ends) = TwoSockets(world);
        var told = -1;
        world.Follow(Third).OnCall = _ => told = told < 0 ? ends() : told;
        var asked = Array.Find([first, second], wire => wire.Sent[^1].StartsWith("subscribe v4_trades", StringComparison.Ordinal))!;
        var other = asked == first ? second : first;
        asked.Data(asked == first ? Btc : Eth);
        other.Data(asked == first ? Eth : Btc);
        other.Drain();
        Assert.Equal(0, ends());
        asked.Subscribed(Third);
        Assert.Equal(1, told);

        asked.Data(asked == first ? Btc : Eth);
        other.Data(asked == first ? Eth : Btc);
        other.Drain();
        var before = ends();
        asked.End(1006, "gone");
        Assert.Equal(before + 1, ends());
        other.Data(asked == first ? Eth : Btc);
        other.Drain();
        Assert.Equal(before + 2, ends());
    }

    // Ends of bursts as told on this thread: what the pool has to say of its links it says on others.
    private static (FakeWire First, FakeWire Second, Func<int> Ends) TwoSockets(PoolWorld world)
    {
        world.Follow(Btc);
        world.Follow(Eth);
        world.Net.Wires[0].Subscribed(Btc);
        world.Net.Wires[0].Error("Per-connection subscription limit reached for v4_orderbook (limit=1).");
        world.Net.Wires[1].Subscribed(Eth);
        var (mine, ends) = (Environment.CurrentManagedThreadId, 0);
        world.Pool.Drained += () => ends += Environment.CurrentManagedThreadId == mine ? 1 : 0;
        return (world.Net.Wires[0], world.Net.Wires[1], () => ends);
    }

    private static void Say(PoolWorld world, int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            world.Net.Last.Data(Btc);
        }
    }
}
