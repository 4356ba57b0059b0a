using Tidegate.Indexer.Feeds;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>A chain that stands still, and an Indexer that lags behind it, are told from a dead socket.</summary>
public sealed class ChainWatchTests
{
    [Fact]
    public async Task Half_an_hour_without_blocks_is_a_halted_chain_and_nobody_reconnects()
    {
        await using var world = new FeedWorld();
        world.Answer = path => path == "/time" ? Time(world.Time.GetUtcNow()) : """{"height":"100","time":"2026-01-01T00:00:00.000Z"}""";
        await world.StartAsync();
        world.Block(100, world.Time.GetUtcNow());
        await world.PassAsync(40);
        await FeedWorld.UntilAsync(() => Reason(world) == "chain-halted", "halted");
        await world.PassAsync(1800);
        Assert.Equal((FeedMode.Streaming, "chain-halted"), (world.Feeds.BlockFeed.Status.Mode, Reason(world)));
        Assert.Equal((FeedMode.Streaming, "chain-halted"), (world.Feeds.MarketsFeed.Status.Mode, world.Feeds.MarketsFeed.Status.Reason));
        Assert.True(world.Feeds.BlockFeed.Status.Complete);
        Assert.Single(world.Net.Wires);
        Assert.Equal(ChainState.Halted, world.Feeds.Chain.State);
        Assert.All(world.Asked, path => Assert.True(path is "/height" or "/time", path));
        Assert.InRange(world.Asked.Count, 1, 500);
        world.Block(101, world.Time.GetUtcNow());
        await FeedWorld.UntilAsync(() => Reason(world) is null && world.Feeds.MarketsFeed.Status.Reason is null, "resumed");
        Assert.Equal(0, world.Feeds.BlockFeed.ReconnectCount);
    }

    [Fact]
    public async Task A_socket_without_blocks_while_rest_knows_newer_ones_is_replaced_as_silent()
    {
        await using var world = new FeedWorld();
        world.Answer = path => path == "/time" ? Time(world.Time.GetUtcNow()) : """{"height":"130","time":"2026-01-01T00:00:30.000Z"}""";
        await world.StartAsync();
        world.Block(100, world.Time.GetUtcNow());
        for (var i = 0; i < 60 && world.Net.Wires.Count < 2; i++)
        {
            await world.PassAsync(1);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.True(world.Net.Wires.Count >= 2, "the socket was kept");
        Assert.NotEqual(ChainState.Halted, world.Feeds.Chain.State);
    }

    [Fact]
    public async Task Blocks_that_rise_but_are_old_by_the_indexers_own_clock_are_an_indexer_that_trails()
    {
        await using var world = new FeedWorld();
        world.Answer = path => path == "/time" ? Time(world.Time.GetUtcNow()) : """{"height":"1","time":"2026-01-01T00:00:00.000Z"}""";
        await world.StartAsync();
        await world.PassAsync(3);
        await FeedWorld.UntilAsync(() => world.Asked.Contains("/time"), "the Indexer's clock known");
        await world.PassAsync(5, second => world.Block(100 + second, world.Time.GetUtcNow().AddMinutes(-2)));
        await FeedWorld.UntilAsync(() => Reason(world) == "indexer-trailing" && world.Feeds.MarketsFeed.Status.Reason == "indexer-trailing", "trailing");
        Assert.Equal((FeedMode.Streaming, ChainState.Trailing), (world.Feeds.BlockFeed.Status.Mode, world.Feeds.Chain.State));
        await world.PassAsync(1, _ => world.Block(200, world.Time.GetUtcNow()));
        await FeedWorld.UntilAsync(() => Reason(world) is null, "caught up");
        Assert.Single(world.Net.Wires);
    }

    private static string? Reason(FeedWorld world) => world.Feeds.BlockFeed.Status.Reason;

    private static string Time(DateTimeOffset now) => $$"""{"iso":"{{now:yyyy-MM-ddTHH:mm:ss.fffZ}}","epoch":{{now.ToUnixTimeSeconds()}}}""";
}
