using System.Globalization;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>Holes in events and orders, closed by REST: nothing missing, nothing twice (cases.md, Gap).</summary>
public sealed class GapTests
{
    private static readonly TopicKey Account = new(Channel.Subaccounts, "a/0");

    private static string Empty(string path) => path switch
    {
        _ when path.StartsWith("/orders?", StringComparison.Ordinal) => "[]",
        _ when path.StartsWith("/fills", StringComparison.Ordinal) => """{"fills":[],"totalResults":0}""",
        _ when path.StartsWith("/transfers", StringComparison.Ordinal) => """{"transfers":[]}""",
        _ => "{}",
    };

    private static async Task<FeedHearer> FollowAsync(FeedWorld world, TopicKey topic, string snapshot, Action<Feed>? before = null)
    {
        var all = world.Net.OnSent;
        world.Net.OnSent = (wire, line) =>
        {
            if (line == "subscribe v4_markets")
            {
                wire.Subscribed(new TopicKey(Channel.Markets, ""), """{"markets":{"ETH-USD":{"ticker":"ETH-USD","clobPairId":"1","oraclePrice":"3000","initialMarginFraction":"0.05","maintenanceMarginFraction":"0.03"}}}""");
            }
            else
            {
                all(wire, line);
            }
        };
        await world.StartAsync();
        await FeedWorld.UntilAsync(() => world.Feeds.Markets.Count > 0, "markets");
        var hearer = new FeedHearer(world, topic, snapshot, before);
        await hearer.UntilReadyAsync();
        return hearer;
    }

    private static async Task ReconnectAsync(FeedWorld world, FeedHearer hearer)
    {
        var before = hearer.Feed.ReconnectCount;
        await world.LoseAsync(hearer);
        await FeedWorld.UntilAsync(() => hearer.Feed.Status.Mode == FeedMode.Streaming, "streaming");
        Assert.Equal(before + 1, hearer.Feed.ReconnectCount);
    }

    private static string Trade(int index) => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{1000 + index:x8}}0000000200000001","side":"BUY","size":"1","price":"5","createdAt":"2026-01-01T00:00:00.000Z","createdAtHeight":"{{1000 + index}}","type":"LIMIT"}""");

    private static string Tape(int newest, int count) => $$"""{"trades":[{{string.Join(',', Enumerable.Range(0, count).Select(i => Trade(newest - i)))}}]}""";

    [Fact]
    public async Task The_trades_of_a_hole_come_once_in_chain_order_and_before_the_stream_goes_on()
    {
        // cases.md 24
        await using var world = new FeedWorld();
        var topic = new TopicKey(Channel.Trades, "BTC-USD");
        var now = Tape(1000, 1000);
        world.Answer = path => path.StartsWith("/trades", StringComparison.Ordinal) ? now : "{}";
        var hearer = await FollowAsync(world, topic, now);
        now = Tape(1004, 1000);
        world.Net.OnSent = Resubscribed(world, topic, now);
        await ReconnectAsync(world, hearer);
        hearer.Frame($$"""{"trades":[{{Trade(1005)}}]}""");
        Assert.Equal([.. Enumerable.Range(2001, 4).Select(height => $"Backfill {height}"), "Stream 2005"], hearer.Rows(OutputKind.Tape, "trades", "createdAtHeight"));
    }

    [Fact]
    public async Task A_first_batch_that_repeats_the_snapshot_tells_only_what_is_new()
    {
        // cases.md 16
        await using var world = new FeedWorld();
        var topic = new TopicKey(Channel.Trades, "BTC-USD");
        var hearer = await FollowAsync(world, topic, Tape(3, 3));
        hearer.Batch([.. new[] { 2, 3, 4 }.Select(index => $$"""{"trades":[{{Trade(index)}}]}""")]);
        Assert.Equal(["Stream 1004"], hearer.Rows(OutputKind.Tape, "trades", "createdAtHeight"));
        Assert.Equal(["1001", "1002", "1003", "1004"], hearer.State(OutputKind.Tape).GetProperty("trades").EnumerateArray().Select(trade => trade.GetProperty("createdAtHeight").GetString()));
    }

    private static Action<Sockets.FakeWire, string> Resubscribed(FeedWorld world, TopicKey topic, string snapshot)
    {
        var answer = world.Net.OnSent;
        return (wire, line) =>
        {
            if (line == $"subscribe {topic.Channel.WireName()} {topic.Id}")
            {
                wire.Subscribed(topic, snapshot);
            }
            else
            {
                answer(wire, line);
            }
        };
    }

    [Fact]
    public async Task The_newest_fills_are_on_the_last_page_and_the_count_so_far_is_the_cursor()
    {
        // cases.md 26 (b)
        await using var world = new FeedWorld();
        var count = 2500;
        world.Answer = path => path.StartsWith("/fills", StringComparison.Ordinal) ? Fills(path, count) : Empty(path);
        var hearer = await FollowAsync(world, Account, """{"subaccount":{"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"1"}},"latestProcessedBlockHeight":"100"},"orders":[]}""");
        var rows = hearer.State(OutputKind.Fills).GetProperty("trades").EnumerateArray().Select(row => row.GetProperty("id").GetString()).ToList();
        Assert.Equal((1000, "F1501", "F2500"), (rows.Count, rows[0], rows[^1]));
        Assert.Equal([2, 3], Pages(world));
        count = 3001;
        hearer.Frame("""{"fills":[{"id":"F2501","size":"1","createdAtHeight":"2501"}]}""");
        await ReconnectAsync(world, hearer);
        Assert.Equal([2, 3, 3, 4], Pages(world).Take(4));
        var told = hearer.Rows(OutputKind.Fills, "trades", "id");
        Assert.Equal(["Stream F2501", .. Enumerable.Range(2502, 500).Select(number => $"Backfill F{number}")], told);
    }

    [Theory]
    [InlineData(Channel.Subaccounts, "/fills?")]
    [InlineData(Channel.ParentSubaccounts, "/fills/parentSubaccountNumber?")]
    public async Task More_fills_of_one_height_than_a_page_holds_come_once_each_and_no_page_is_asked_for_for_ever(Channel channel, string path)
    {
        // cases.md 26 (a) and (c): a height says nothing of where to go on, and the parent's path takes no other cursor than a page
        await using var world = new FeedWorld();
        var count = 1;
        world.Answer = asked => asked.StartsWith("/fills", StringComparison.Ordinal) ? Fills(asked, count, height: 700) : asked.StartsWith("/orders/parent", StringComparison.Ordinal) ? "[]" : Empty(asked);
        var hearer = await FollowAsync(world, new TopicKey(channel, "a/0"), "{}");
        count = 2600;
        await ReconnectAsync(world, hearer);
        Assert.Equal([.. Enumerable.Range(2, 2599).Select(number => $"Backfill F{number}")], hearer.Rows(OutputKind.Fills, "trades", "id"));
        var pages = Pages(world);
        Assert.Equal([1, 1, 2, 3], pages.Take(4));
        Assert.All(pages.Skip(4), page => Assert.Equal(3, page)); // an audit reads the last page again, where time passed for one
        Assert.All(world.Asked.Where(asked => asked.StartsWith("/fills", StringComparison.Ordinal)), asked =>
        {
            Assert.StartsWith(path, asked, StringComparison.Ordinal);
            Assert.DoesNotContain("createdBefore", asked, StringComparison.Ordinal);
        });
    }

    private static List<int> Pages(FeedWorld world) =>
        [.. world.Asked.Where(path => path.Contains("limit=1000&page=", StringComparison.Ordinal) && path.StartsWith("/fills", StringComparison.Ordinal)).Select(path => int.Parse(path[(path.IndexOf("&page=", StringComparison.Ordinal) + 6)..], CultureInfo.InvariantCulture))];

    // The height is the number, where not given.
    private static string Fills(string path, int count, int? height = null)
    {
        var page = int.Parse(path[(path.IndexOf("&page=", StringComparison.Ordinal) + 6)..], CultureInfo.InvariantCulture);
        var limit = path.Contains("limit=1000&", StringComparison.Ordinal) ? 1000 : 1;
        var rows = Enumerable.Range(((page - 1) * limit) + 1, limit).Where(number => number <= count);
        return $$"""{"fills":[{{string.Join(',', rows.Select(number => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"F{{number}}","size":"1","createdAtHeight":"{{height ?? number}}","subaccountNumber":0}""")))}}],"totalResults":{{count}}}""";
    }

    [Fact]
    public async Task A_restored_past_is_gone_on_with_from_its_last_height_however_many_pages_back_that_is()
    {
        await using var world = new FeedWorld();
        world.Answer = path => path.StartsWith("/fills", StringComparison.Ordinal) ? Fills(path, 3400) : Empty(path);
        var hearer = await FollowAsync(world, Account, "{}", feed => Assert.True(Restore(feed, OutputKind.Fills, Page(1, 800), Page(801, 100))));
        await FeedWorld.UntilAsync(() => hearer.Feed.Status.Mode == FeedMode.Streaming, "streaming");
        Assert.Equal([.. Enumerable.Range(901, 2500).Select(number => $"Backfill F{number}")], hearer.Rows(OutputKind.Fills, "trades", "id"));
        hearer.Frame("""{"fills":[{"id":"F1","size":"1","createdAtHeight":"1"},{"id":"F3401","size":"1","createdAtHeight":"3401"}]}""");
        Assert.Equal("Stream F3401", hearer.Rows(OutputKind.Fills, "trades", "id")[^1]);
    }

    [Fact]
    public async Task Fills_older_than_a_restored_state_are_not_taken_for_new()
    {
        await using var world = new FeedWorld();
        world.Answer = path => path.StartsWith("/fills", StringComparison.Ordinal) ? Fills(path, 2501) : Empty(path);
        var hearer = await FollowAsync(world, Account, "{}", feed => Assert.True(Restore(feed, OutputKind.Fills, Page(1501, 1000))));
        await FeedWorld.UntilAsync(() => hearer.Feed.Status.Mode == FeedMode.Streaming, "streaming");
        Assert.Equal(["Backfill F2501"], hearer.Rows(OutputKind.Fills, "trades", "id"));
    }

    [Fact]
    public async Task Restored_orders_are_told_again_only_where_they_differ()
    {
        await using var world = new FeedWorld();
        const string Told = """{"orders":[{"id":"o1","status":"OPEN","size":"2","price":"5","totalFilled":"0","goodTilBlockTime":"2027-01-01T00:00:00.000Z","subaccountNumber":0},{"id":"o2","status":"FILLED","size":"1","price":"5","totalFilled":"1","goodTilBlockTime":"2027-01-01T00:00:00.000Z","subaccountNumber":0}]}""";
        const string Later = """{"orders":[{"id":"o1","status":"OPEN","size":"2","price":"5","totalFilled":"1","goodTilBlockTime":"2027-01-01T00:00:00.000Z","subaccountNumber":0}]}""";
        world.Answer = path => path.StartsWith("/orders?", StringComparison.Ordinal)
            ? """[{"id":"o2","status":"FILLED","size":"1","price":"5","totalFilled":"1","goodTilBlockTime":"2027-01-01T00:00:00.000Z"},{"id":"o1","status":"OPEN","size":"2","price":"5","totalFilled":"1","goodTilBlockTime":"2027-01-01T00:00:00.000Z"},{"id":"o3","status":"OPEN","size":"1","price":"5","totalFilled":"0","goodTilBlockTime":"2027-01-01T00:00:00.000Z"}]"""
            : Empty(path);
        var hearer = await FollowAsync(world, Account, "{}", feed => Assert.True(Restore(feed, OutputKind.Orders, Told, Later)));

        // Orders are read after the events, and one answer holds all three.
        await FeedWorld.UntilAsync(() => hearer.Rows(OutputKind.Orders, "orders", "id").Count > 0, "the order that is new");
        Assert.Equal(["Backfill o3 OPEN"], hearer.Rows(OutputKind.Orders, "orders", "id", "status"));
        Assert.Equal("1", hearer.State(OutputKind.Orders).GetProperty("orders")[0].GetProperty("totalFilled").GetString());
    }

    private static bool Restore(Feed feed, OutputKind kind, string state, params string[] later) =>
        feed.Outputs.Single(output => output.Kind == kind).Restore(new FeedPast(System.Text.Encoding.UTF8.GetBytes(state), [], later.Select(body => (ReadOnlyMemory<byte>)System.Text.Encoding.UTF8.GetBytes(body)), DateTimeOffset.UnixEpoch));

    private static string Page(int first, int count) =>
        $$"""{"trades":[{{string.Join(',', Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"F{{number}}","size":"1","createdAtHeight":"{{number}}","account":true,"subaccountNumber":0}""")))}}]}""";

    [Fact]
    public async Task Two_equal_transfers_of_which_the_stream_told_one_are_two()
    {
        // cases.md 27
        const string Transfer = "\"sender\":{\"address\":\"a\",\"subaccountNumber\":0},\"recipient\":{\"address\":\"b\",\"subaccountNumber\":0},\"symbol\":\"USDC\",\"size\":\"5\",\"type\":\"TRANSFER_OUT\",\"createdAt\":\"2026-01-01T00:00:00.000Z\",\"createdAtHeight\":\"90\",\"transactionHash\":\"H\"";
        await using var world = new FeedWorld();
        var transfers = """{"transfers":[]}""";
        world.Answer = path => path.StartsWith("/transfers", StringComparison.Ordinal) ? transfers : Empty(path);
        var hearer = await FollowAsync(world, Account, "{}");
        hearer.Frame($$"""{"blockHeight":"90","transfers":{{{Transfer}}} }""");
        transfers = $$"""{"transfers":[{"id":"y",{{Transfer}}},{"id":"x",{{Transfer}}}]}""";
        await ReconnectAsync(world, hearer);
        Assert.Equal(["Stream absent", "Backfill y"], hearer.Rows(OutputKind.Transfers, "transfers", "id"));
        Assert.Equal(["x", "y"], hearer.State(OutputKind.Transfers).GetProperty("transfers").EnumerateArray().Select(row => row.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task An_order_that_a_snapshot_omits_is_asked_for_and_kept_while_it_lives()
    {
        // cases.md 33
        await using var world = new FeedWorld();
        world.Answer = path => path switch
        {
            "/orders/live" => """{"id":"live","subaccountNumber":0,"status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":"1000","size":"1","price":"5"}""",
            "/orders/gone" => """{"id":"gone","subaccountNumber":0,"status":"CANCELED","orderFlags":"0","goodTilBlock":"1000","size":"1","price":"5"}""",
            _ => Empty(path),
        };
        world.Status = path => path == "/orders/unknown" ? 404 : 200;
        var hearer = await FollowAsync(world, Account, "{}");
        hearer.Frame($$"""{"orders":[{{string.Join(',', new[] { "live", "gone", "unknown" }.Select(id => $$"""{"id":"{{id}}","status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":"1000","size":"1","price":"5"}"""))}}]}""");
        await ReconnectAsync(world, hearer);
        Assert.Equal(["Backfill gone CANCELED"], hearer.Rows(OutputKind.Orders, "orders", "id", "status").Skip(3));
        Assert.Equal(["live BEST_EFFORT_OPENED", "gone CANCELED", "unknown BEST_EFFORT_OPENED"], hearer.State(OutputKind.Orders).GetProperty("orders").EnumerateArray().Select(row => $"{row.GetProperty("id").GetString()} {row.GetProperty("status").GetString()}"));
    }
}
