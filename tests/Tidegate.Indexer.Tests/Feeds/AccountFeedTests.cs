using System.Text.Json;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>What an account's feed tells, and what it asks of REST for it.</summary>
public sealed class AccountFeedTests
{
    private const string Markets = """{"markets":{"ETH-USD":{"ticker":"ETH-USD","clobPairId":"1","oraclePrice":"3000","initialMarginFraction":"0.05","maintenanceMarginFraction":"0.03"}}}""";
    private const string Snapshot = """{"subaccount":{"address":"a","subaccountNumber":0,"openPerpetualPositions":{},"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"10000"}},"latestProcessedBlockHeight":"100"},"orders":[],"blockHeight":"100"}""";
    private const string Opened = """{"blockHeight":"101","perpetualPositions":[{"positionId":"p","market":"ETH-USD","side":"LONG","status":"OPEN","size":"1","entryPrice":"0"}],"assetPositions":[{"symbol":"USDC","side":"LONG","size":"7100"}]}""";
    private const string Filled = """{"blockHeight":"101","perpetualPositions":[{"positionId":"p","market":"ETH-USD","side":"LONG","status":"OPEN","size":"1","entryPrice":"2900"}],"fills":[{"id":"F","size":"1","createdAtHeight":"101","createdAt":"2026-01-01T00:00:00.000Z"}]}""";

    private static async Task<(FeedWorld World, FeedHearer Hearer)> FollowAsync(string snapshot = Snapshot, Func<string, string?>? answer = null, TopicKey? topic = null)
    {
        var world = new FeedWorld();
        world.Answer = path => answer?.Invoke(path) ?? Empty(path);
        var all = world.Net.OnSent;
        world.Net.OnSent = (wire, line) =>
        {
            if (line == "subscribe v4_markets")
            {
                wire.Subscribed(new TopicKey(Channel.Markets, ""), Markets);
            }
            else
            {
                all(wire, line);
            }
        };
        await world.StartAsync();
        await FeedWorld.UntilAsync(() => world.Feeds.Markets.Count > 0, "markets");
        var hearer = new FeedHearer(world, topic ?? new TopicKey(Channel.Subaccounts, "a/0"), snapshot);
        await hearer.UntilReadyAsync();
        return (world, hearer);
    }

    private static string Empty(string path) => path switch
    {
        _ when path.StartsWith("/orders?", StringComparison.Ordinal) || path.StartsWith("/orders/parent", StringComparison.Ordinal) => "[]",
        _ when path.StartsWith("/fills", StringComparison.Ordinal) => """{"fills":[],"totalResults":0}""",
        _ when path.StartsWith("/transfers", StringComparison.Ordinal) => """{"transfers":[]}""",
        _ => "{}",
    };

    private static List<string> Values(FeedHearer hearer, string name) =>
        [.. hearer.Of(OutputKind.Account).Select(change => change.Body.GetProperty("subaccount").GetProperty(name).ToString())];

    private static int AskedFor(FeedWorld world, string path) => world.Asked.Count(asked => asked == path);

    [Fact]
    public async Task An_order_without_price_or_size_is_told_at_once_and_completed_by_one_question()
    {
        var go = new TaskCompletionSource();
        var (world, hearer) = await FollowAsync(answer: path => path == "/orders/O" ? """{"id":"O","subaccountNumber":0,"status":"OPEN","orderFlags":"0","goodTilBlock":"120","size":"2","price":"5","side":"BUY"}""" : null);
        await using var _ = world;
        world.Before = path => path == "/orders/O" ? go.Task : Task.CompletedTask;
        hearer.Frame("""{"orders":[{"id":"O","status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":"120"}]}""");
        Assert.Equal(["Stream O absent BEST_EFFORT_OPENED"], hearer.Rows(OutputKind.Orders, "orders", "id", "price", "status"));
        hearer.Frame("""{"orders":[{"id":"O","status":"BEST_EFFORT_CANCELED"}]}""");
        await FeedWorld.UntilAsync(() => AskedFor(world, "/orders/O") == 1, "asked");
        go.SetResult();
        await FeedWorld.UntilAsync(() => hearer.Of(OutputKind.Orders).Count == 3, "completed");

        // The answer is older than the second frame: it adds what is missing and takes nothing back.
        Assert.Equal("Backfill O 5 2 BEST_EFFORT_CANCELED", hearer.Rows(OutputKind.Orders, "orders", "id", "price", "size", "status")[^1]);
        Assert.Equal(1, AskedFor(world, "/orders/O"));
    }

    [Fact]
    public async Task A_confirmation_that_comes_forty_seconds_late_is_told_like_any_other()
    {
        // cases.md 78
        var (world, hearer) = await FollowAsync();
        await using var _ = world;
        world.Time.Advance(TimeSpan.FromSeconds(1));
        hearer.Frame("""{"orders":[{"id":"O","status":"BEST_EFFORT_OPENED","orderFlags":"64","clientId":"7","size":"2","price":"5","side":"BUY"}]}""");
        world.Time.Advance(TimeSpan.FromSeconds(40));
        hearer.Frame("""{"orders":[{"id":"O","status":"OPEN","orderFlags":"64","updatedAtHeight":"101"}]}""");
        Assert.Equal(["Stream O BEST_EFFORT_OPENED", "Stream O OPEN"], hearer.Rows(OutputKind.Orders, "orders", "id", "status"));
    }

    [Fact]
    public async Task An_order_that_rest_does_not_know_is_left_as_it_is_until_its_id_is_used_anew()
    {
        var (world, hearer) = await FollowAsync();
        await using var _ = world;
        world.Status = path => path == "/orders/O" ? 404 : 200;
        hearer.Frame("""{"orders":[{"id":"O","status":"CANCELED","orderFlags":"0","removalReason":"X","goodTilBlock":"120"}]}""");
        await FeedWorld.UntilAsync(() => AskedFor(world, "/orders/O") == 1, "asked");
        hearer.Frame("""{"orders":[{"id":"O","status":"CANCELED","orderFlags":"0","removalReason":"Y"}]}""");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(1, AskedFor(world, "/orders/O"));
        Assert.Equal(["Stream X absent", "Stream Y absent"], hearer.Rows(OutputKind.Orders, "orders", "removalReason", "price"));
        hearer.Frame("""{"orders":[{"id":"O","status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":"140"}]}""");
        await FeedWorld.UntilAsync(() => AskedFor(world, "/orders/O") == 2, "asked for the new one");
    }

    [Fact]
    public async Task A_position_waits_for_its_fill_and_no_wrong_pnl_is_told()
    {
        var (world, hearer) = await FollowAsync();
        await using var _ = world;
        hearer.Frame(Opened);
        hearer.Frame("""{"orders":[{"id":"O","status":"OPEN","size":"1","price":"5"}]}""");
        Assert.Empty(hearer.Of(OutputKind.Account));
        Assert.Single(hearer.Of(OutputKind.Orders));
        world.Net.Last.Data(new TopicKey(Channel.Markets, ""), """{"oraclePrices":{"ETH-USD":{"oraclePrice":"3100"}}}""");
        Assert.Empty(hearer.Of(OutputKind.Account));
        hearer.Frame(Filled);
        Assert.Equal(["200"], Values(hearer, "unrealizedPnl"));
        Assert.Equal(["10200"], Values(hearer, "equity"));
        world.Time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Single(hearer.Of(OutputKind.Account));
    }

    [Fact]
    public async Task A_position_without_a_fill_is_told_after_fifty_milliseconds_or_before_the_next_block()
    {
        var (world, hearer) = await FollowAsync();
        await using var _ = world;
        hearer.Frame(Opened);
        world.Time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Empty(hearer.Of(OutputKind.Account));
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["10100"], Values(hearer, "equity"));
        hearer.Frame("""{"blockHeight":"102","assetPositions":[{"symbol":"USDC","side":"LONG","size":"7000"}]}""");
        world.Time.Advance(TimeSpan.FromMilliseconds(30));
        hearer.Frame("""{"blockHeight":"103","assetPositions":[{"symbol":"USDC","side":"LONG","size":"6900"}]}""");
        Assert.Equal(["10100", "10000"], Values(hearer, "equity"));
        world.Time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.Equal(2, hearer.Of(OutputKind.Account).Count);
        world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["10100", "10000", "9900"], Values(hearer, "equity"));
    }

    [Fact]
    public async Task A_deposit_is_whole_in_its_own_frame_and_does_not_wait()
    {
        // cases.md 35: an account that never was becomes real with its first deposit.
        var (world, hearer) = await FollowAsync("{}");
        await using var _ = world;
        Assert.Equal("0", hearer.State(OutputKind.Account).GetProperty("subaccount").GetProperty("equity").GetString());
        hearer.Frame("""{"blockHeight":"101","assetPositions":[{"symbol":"USDC","side":"LONG","size":"25"}],"transfers":{"type":"DEPOSIT","symbol":"USDC","size":"25","createdAtHeight":"101"}}""");
        Assert.Equal(["25"], Values(hearer, "equity"));
    }

    [Fact]
    public async Task Partial_fills_come_once_each_and_the_last_may_ride_with_a_cancel()
    {
        // cases.md 28, 29, 75
        var (world, hearer) = await FollowAsync();
        await using var _ = world;
        hearer.Frame("""{"orders":[{"id":"O","status":"OPEN","size":"2","price":"5","totalFilled":"1"}],"fills":[{"id":"F1","size":"1"}]}""");
        hearer.Frame("""{"orders":[{"id":"O","status":"BEST_EFFORT_CANCELED"}]}""");
        hearer.Frame("""{"orders":[{"id":"O","status":"CANCELED"}],"fills":[{"id":"F1","size":"1"},{"id":"F2","size":"0.5"}]}""");
        hearer.Frame("""{"fills":[{"id":"L","type":"LIQUIDATED","side":"SELL"},{"id":"D","type":"OFFSETTING","side":"BUY"}]}""");
        Assert.Equal(["Stream F1 absent", "Stream F2 absent", "Stream L LIQUIDATED", "Stream D OFFSETTING"], hearer.Rows(OutputKind.Fills, "trades", "id", "type"));
        Assert.Equal(["Stream OPEN 1", "Stream BEST_EFFORT_CANCELED 1", "Stream CANCELED 1"], hearer.Rows(OutputKind.Orders, "orders", "status", "totalFilled"));
        Assert.All(hearer.Rows(OutputKind.Fills, "trades", "orderId"), row => Assert.Equal("Stream absent", row));
        Assert.Empty(hearer.Of(OutputKind.Account));
    }

    [Fact]
    public async Task A_short_term_order_ends_three_blocks_after_its_last_and_an_open_one_only_after_rest_was_asked()
    {
        // cases.md 30
        var (world, hearer) = await FollowAsync();
        await using var _ = world;
        world.Status = path => path.StartsWith("/orders/", StringComparison.Ordinal) ? 404 : 200;
        hearer.Frame("""{"orders":[{"id":"O","status":"OPEN","orderFlags":"0","goodTilBlock":"1000","size":"1","price":"5"},{"id":"B","status":"BEST_EFFORT_CANCELED","orderFlags":"0","goodTilBlock":"1000","size":"1","price":"5"}]}""");
        world.Block(1002, world.Time.GetUtcNow());
        Assert.Single(hearer.Of(OutputKind.Orders));
        world.Block(1003, world.Time.GetUtcNow());
        await FeedWorld.UntilAsync(() => hearer.Of(OutputKind.Orders).Count == 3, "ended");
        Assert.Equal(["Repair B CANCELED", "Repair O CANCELED"], hearer.Rows(OutputKind.Orders, "orders", "id", "status").TakeLast(2));
        Assert.Equal((1, 0), (AskedFor(world, "/orders/O"), AskedFor(world, "/orders/B")));
    }

    [Fact]
    public async Task A_parents_children_add_up_and_one_unknown_so_far_comes_with_its_first_frame()
    {
        const string Parent = """{"subaccount":{"address":"a","parentSubaccountNumber":0,"childSubaccounts":[{"subaccountNumber":128,"openPerpetualPositions":{"ETH-USD":{"market":"ETH-USD","side":"SHORT","status":"OPEN","size":"-1","entryPrice":"3100"}},"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"4000"}},"latestProcessedBlockHeight":"100"}]},"orders":[{"id":"C","subaccountNumber":128,"status":"OPEN","size":"1","price":"5"}],"blockHeight":"100"}""";
        var (world, hearer) = await FollowAsync(Parent, topic: new TopicKey(Channel.ParentSubaccounts, "a/0"), answer: path => path.StartsWith("/orders/parent", StringComparison.Ordinal) ? """[{"id":"C","subaccountNumber":128,"status":"OPEN","size":"1","price":"5"}]""" : null);
        await using var _ = world;
        Assert.Equal(["a/0", "a/parent/0", "a/parent/0", "a/parent/0"], hearer.Feed.Outputs.Select(output => output.Id));
        Assert.Equal(("1000", "0:0 128:1000"), Sums(hearer.State(OutputKind.ParentAccount)));
        Assert.Equal("128", hearer.State(OutputKind.Orders).GetProperty("orders")[0].GetProperty("subaccountNumber").ToString());
        hearer.Frame("""{"blockHeight":"101","perpetualPositions":[{"positionId":"q","market":"ETH-USD","side":"LONG","status":"OPEN","size":"1","entryPrice":"2900"}],"assetPositions":[{"symbol":"USDC","side":"SHORT","size":"2500"}],"fills":[{"id":"F","size":"1"}]}""", child: 256);
        Assert.Equal(("1500", "0:0 128:1000 256:500"), Sums(hearer.Of(OutputKind.ParentAccount)[^1].Body));
        Assert.Equal(["Stream F 256"], hearer.Rows(OutputKind.Fills, "trades", "id", "subaccountNumber"));
        await world.PassUntilAsync(() => world.Asked.Contains("/addresses/a/parentSubaccountNumber/0"), "audited by the parent's path");
        var own = world.Asked.Where(path => path.Contains("address", StringComparison.Ordinal)).ToList();
        Assert.All(own, path => Assert.Contains("parentSubaccountNumber", path, StringComparison.Ordinal));
        Assert.Contains(own, path => path.StartsWith("/fills/parentSubaccountNumber?", StringComparison.Ordinal) && path.Contains("&page=1", StringComparison.Ordinal));
        Assert.DoesNotContain(own, path => path.Contains("createdBefore", StringComparison.Ordinal));
    }

    private static (string? Equity, string Children) Sums(JsonElement value)
    {
        var parent = value.GetProperty("subaccount");
        return (parent.GetProperty("equity").GetString(), string.Join(' ', parent.GetProperty("childSubaccounts").EnumerateArray().Select(child => $"{child.GetProperty("subaccountNumber")}:{child.GetProperty("equity").GetString()}")));
    }
}
