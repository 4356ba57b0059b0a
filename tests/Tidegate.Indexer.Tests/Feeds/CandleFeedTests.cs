using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>When a series' candle closes.</summary>
public sealed class CandleFeedTests
{
    private const string Rest = """{"candles":[{"startedAt":"2026-01-01T00:00:00.000Z","open":"9","low":"9","high":"10","close":"10","baseTokenVolume":"4","usdVolume":"401","trades":4}]}""";
    private const string Open = """{"startedAt":"2026-01-01T00:00:00.000Z","open":"9","low":"9","high":"10","close":"10","baseTokenVolume":"3","usdVolume":"301","trades":3}""";
    private const string Next = """{"startedAt":"2026-01-01T00:01:00.000Z","open":"10","low":"10","high":"10","close":"10","baseTokenVolume":"0","usdVolume":"0","trades":0}""";

    private static async Task<FeedHearer> FollowAsync(FeedWorld world, string resolution = "1MIN")
    {
        world.Answer = path => path.StartsWith("/candles", StringComparison.Ordinal) ? Rest : "{}";
        await world.StartAsync();
        var hearer = new FeedHearer(world, new TopicKey(Channel.Candles, "BTC-USD/" + resolution), $$"""{"candles":[{{Open}}]}""");
        Assert.Equal("False 3", State(hearer));
        return hearer;
    }

    private static string State(FeedHearer hearer) =>
        string.Join(' ', hearer.State(OutputKind.Candles).GetProperty("candles").EnumerateArray().Select(candle => $"{candle.GetProperty("closed")} {candle.GetProperty("baseTokenVolume").GetString()}"));

    private static List<string> Told(FeedHearer hearer) => hearer.Rows(OutputKind.Candles, "candles", "startedAt", "closed", "trades", "revised");

    private static int Asked(FeedWorld world) => world.Asked.Count(path => path.StartsWith("/candles", StringComparison.Ordinal));

    // Past the comparison that follows a subscribe, so that only the close asks.
    private static async Task AuditedAsync(FeedWorld world, FeedHearer hearer)
    {
        await world.PassUntilAsync(() => Asked(world) == 1 && hearer.Of(OutputKind.Candles).Count == 1, "audited");
    }

    [Fact]
    public async Task A_block_of_a_later_interval_closes_the_open_candle_after_five_seconds_by_rests_answer()
    {
        await using var world = new FeedWorld();
        var hearer = await FollowAsync(world);
        world.Block(1, new DateTimeOffset(2026, 1, 1, 0, 0, 59, 999, TimeSpan.Zero));
        await world.PassAsync(6);
        Assert.Equal(0, Asked(world));
        world.Block(2, new DateTimeOffset(2026, 1, 1, 0, 1, 0, TimeSpan.Zero));
        world.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.DoesNotContain(Told(hearer), row => row.Contains("True", StringComparison.Ordinal));
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await FeedWorld.UntilAsync(() => State(hearer) == "True 4", "closed");
        Assert.Equal(["Repair 2026-01-01T00:00:00.000Z False 4 absent", "Repair 2026-01-01T00:00:00.000Z True 4 absent"], Told(hearer));
    }

    [Fact]
    public async Task A_frame_of_a_later_interval_closes_it_too_but_only_while_rest_answers()
    {
        await using var world = new FeedWorld();
        var hearer = await FollowAsync(world);
        await AuditedAsync(world, hearer);
        world.Status = _ => 500;
        hearer.Frame(Next);
        await world.PassAsync(8);
        Assert.Equal("False 4 False 0", State(hearer));
        world.Status = _ => 200;
        for (var i = 0; i < 60 && State(hearer) != "True 4 False 0"; i++)
        {
            await world.PassAsync(1);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.Equal("True 4 False 0", State(hearer));
        Assert.Single(Told(hearer), row => row.Contains("True", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_halted_chain_closes_nothing()
    {
        await using var world = new FeedWorld();
        var hearer = await FollowAsync(world);
        world.Block(1, new DateTimeOffset(2026, 1, 1, 0, 0, 30, TimeSpan.Zero));
        await world.PassAsync(120);
        Assert.StartsWith("False", State(hearer), StringComparison.Ordinal);
        Assert.DoesNotContain(Told(hearer), row => row.Contains("True", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_candle_that_its_frame_closed_is_asked_for_no_more_and_the_next_begins_with_its_first_trade()
    {
        // cases.md 48, 49
        await using var world = new FeedWorld();
        var hearer = await FollowAsync(world);
        await AuditedAsync(world, hearer);
        world.Block(2, new DateTimeOffset(2026, 1, 1, 0, 1, 0, TimeSpan.Zero));
        hearer.Frame(Open.Replace("\"trades\":3", "\"trades\":4,\"orderbookMidPriceClose\":\"10.05\"", StringComparison.Ordinal));
        hearer.Frame(Next);
        hearer.Frame("""{"startedAt":"2026-01-01T00:01:00.000Z","open":"11","low":"11","high":"11","close":"11","baseTokenVolume":"3","usdVolume":"301","trades":1}""");
        await world.PassAsync(8);
        await Task.Delay(30, TestContext.Current.CancellationToken);
        Assert.Equal(1, Asked(world));
        Assert.Equal(["2026-01-01T00:00:00.000Z True 10.05", "2026-01-01T00:01:00.000Z False absent", "2026-01-01T00:01:00.000Z False absent"], hearer.Rows(OutputKind.Candles, "candles", "startedAt", "closed", "orderbookMidPriceClose").Skip(1).Select(row => row["Stream ".Length..]));
        Assert.Equal("Stream 11 11 3", hearer.Rows(OutputKind.Candles, "candles", "open", "low", "baseTokenVolume")[^1]);
    }

    [Theory]
    [InlineData("5MINS", "2026-01-01T00:04:59.900Z", "2026-01-01T00:05:00.000Z")]
    [InlineData("4HOURS", "2026-01-01T03:59:59.900Z", "2026-01-01T04:00:00.100Z")]
    [InlineData("1DAY", "2026-01-01T23:59:59.900Z", "2026-01-02T00:00:00.000Z")]
    public async Task Each_resolution_has_its_own_interval(string resolution, string last, string first)
    {
        await using var world = new FeedWorld();
        var hearer = await FollowAsync(world, resolution);
        await AuditedAsync(world, hearer);
        world.Block(1, DateTimeOffset.Parse(last, System.Globalization.CultureInfo.InvariantCulture));
        await world.PassAsync(6);
        await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(1, Asked(world));
        world.Block(2, DateTimeOffset.Parse(first, System.Globalization.CultureInfo.InvariantCulture));
        await world.PassAsync(5);
        await FeedWorld.UntilAsync(() => State(hearer) == "True 4", "closed");
    }
}
