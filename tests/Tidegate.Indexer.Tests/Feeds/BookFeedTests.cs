using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>How deep a book is known while the market moves, and what that asks of REST.</summary>
public sealed class BookFeedTests
{
    private const string Path = "/orderbooks/perpetualMarket/BTC-USD";

    // The market's best bid; a hundred levels a side go from there, as REST has them.
    private static string BookFrom(int bid) =>
        $$"""{"bids":[{{Levels(Enumerable.Range(0, 100).Select(i => bid - i))}}],"asks":[{{Levels(Enumerable.Range(0, 100).Select(i => 2000 + i))}}]}""";

    private static string Levels(IEnumerable<int> prices) => string.Join(',', prices.Select(price => $$"""{"price":"{{price}}","size":"1"}"""));

    private static string Gone(int from, int count) => $$"""{"bids":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $"[\"{from - i}\",\"0\"]"))}}]}""";

    private static int Asked(FeedWorld world) => world.Asked.Count(path => path.StartsWith(Path, StringComparison.Ordinal));

    private static (int Depth, decimal? KnownTo) Bids(FeedHearer hearer)
    {
        var feed = (BookFeed)hearer.Feed;
        lock (feed.Gate)
        {
            return (feed.Book.KnownDepth(bids: true), feed.Book.KnownBid);
        }
    }

    // Past the three comparisons that follow a subscribe.
    private static async Task<FeedHearer> SettleAsync(FeedWorld world)
    {
        world.Answer = path => path.StartsWith(Path, StringComparison.Ordinal) ? BookFrom(1000) : "{}";
        await world.StartAsync();
        var hearer = new FeedHearer(world, new TopicKey(Channel.OrderBook, "BTC-USD"), BookFrom(1000));
        await world.PassUntilAsync(() => Asked(world) == 3, "compared three times");
        await world.PassAsync(4);
        Assert.Equal(3, Asked(world));
        return hearer;
    }

    [Fact]
    public async Task A_level_that_goes_is_made_up_for_within_three_seconds()
    {
        await using var world = new FeedWorld();
        var hearer = await SettleAsync(world);
        world.Answer = _ => BookFrom(999);
        hearer.Frame(Gone(1000, 1));
        Assert.Equal((99, 901m), Bids(hearer));
        await world.PassAsync(1);
        Assert.Equal(3, Asked(world));
        await world.PassAsync(2);
        await FeedWorld.UntilAsync(() => Bids(hearer) == (100, 900m), "a hundred known again");
        Assert.Equal(0, hearer.Feed.Repairs);
    }

    [Fact]
    public async Task The_feed_says_how_often_it_is_compared_and_how_that_ends()
    {
        await using var world = new FeedWorld();
        var hearer = await SettleAsync(world);
        Assert.Equal((CheckResult.Equal, 0), (hearer.Feed.LastCheck, hearer.Feed.Repairs));
        world.Answer = _ => BookFrom(1000).Replace("\"950\",\"size\":\"1\"", "\"950\",\"size\":\"2\"", StringComparison.Ordinal);
        await world.PassUntilAsync(() => hearer.Feed.LastCheck == CheckResult.Repaired, "repaired");
        Assert.InRange(hearer.Feed.CheckInterval!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(32));
        Assert.Equal(1, hearer.Feed.Repairs);
        world.Status = path => path.StartsWith(Path, StringComparison.Ordinal) ? 404 : 200;
        await world.PassUntilAsync(() => hearer.Feed.LastCheck == CheckResult.Failed, "failed");
        Assert.Equal(1, hearer.Feed.Repairs);
    }

    [Fact]
    public async Task A_jump_is_made_up_for_at_once()
    {
        await using var world = new FeedWorld();
        var hearer = await SettleAsync(world);
        world.Answer = _ => BookFrom(955);
        hearer.Frame(Gone(1000, 20));
        hearer.Frame(Gone(980, 25));
        Assert.Equal((55, 901m), Bids(hearer));
        world.Time.Advance(TimeSpan.FromMilliseconds(100));
        await FeedWorld.UntilAsync(() => Bids(hearer) == (100, 856m), "a hundred known again");
    }

    [Fact]
    public async Task What_an_earlier_answer_reached_stays_known_while_the_market_comes_back_for_one_audit_period()
    {
        await using var world = new FeedWorld();
        var hearer = await SettleAsync(world);
        world.Answer = _ => BookFrom(990);
        hearer.Frame(Gone(1000, 10));
        await world.PassUntilAsync(() => Bids(hearer) == (100, 891m), "known deeper");

        // The market comes back; an ask goes, for which REST is asked: its hundred bids end at 901 again.
        world.Answer = _ => BookFrom(1000);
        hearer.Frame($$"""{"bids":[{{string.Join(',', Enumerable.Range(991, 10).Select(price => $"[\"{price}\",\"1\"]"))}}],"asks":[["2000","0"]]}""");
        var asked = Asked(world);
        await world.PassUntilAsync(() => Asked(world) > asked, "asked for the ask");
        await world.PassAsync(1);
        Assert.Equal((110, 891m), Bids(hearer));
        await world.PassUntilAsync(() => Bids(hearer) == (100, 901m), "a lost frame beyond the hundredth level would show nowhere");
        Assert.InRange(world.Time.GetUtcNow() - world.Time.Start, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task An_account_whose_comparison_takes_long_keeps_no_book_waiting()
    {
        await using var world = new FeedWorld();
        var hearer = await SettleAsync(world);
        var never = new TaskCompletionSource();
        world.Before = path => path.StartsWith("/candles", StringComparison.Ordinal) ? never.Task : Task.CompletedTask;
        var other = new FeedHearer(world, new TopicKey(Channel.Candles, "BTC-USD/1MIN"), """{"candles":[]}""");
        await world.PassUntilAsync(() => world.Asked.Any(path => path.StartsWith("/candles", StringComparison.Ordinal)), "a comparison that hangs");
        world.Answer = _ => BookFrom(900);
        hearer.Frame(Gone(1000, 100));
        await world.PassAsync(1);
        await FeedWorld.UntilAsync(() => Bids(hearer) == (100, 801m), "a hundred known again");
        Assert.Null(other.Feed.CheckedAt);
    }
}
