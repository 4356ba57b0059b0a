using static Tidegate.Indexer.Tests.Sockets.PoolWorld;

namespace Tidegate.Indexer.Tests.Sockets;

public sealed class PoolBurstTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_longOnesburst_is_told_while_its_reader_goes_on_and_never_on_its_thread()
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

    private static void Say(PoolWorld world, int frames)
    {
        for (var i = 0; i < frames; i++)
        {
            world.Net.Last.Data(Btc);
        }
    }
}
