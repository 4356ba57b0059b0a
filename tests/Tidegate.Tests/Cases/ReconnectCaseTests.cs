using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Cases;

/// <summary>Faults around a loss that users of dYdX data met, each played by its smallest input to the built gateway.</summary>
public sealed class ReconnectCaseTests
{
    private const string Unfetched = "Internal error, could not fetch data for subscription: v4_orderbook";

    [Fact]
    public async Task A_book_that_could_not_be_fetched_is_asked_for_again_with_or_without_the_dot_in_the_text()
    {
        await using var indexer = await ScriptedIndexer.StartAsync();
        indexer.Answer = topic => topic switch
        {
            { Channel: "v4_orderbook", Attempt: 1 } => Scripts.Error(Unfetched + "."),
            { Channel: "v4_orderbook", Attempt: 2 } => Scripts.Error(Unfetched),
            _ => Scripts.Plain(topic),
        };
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&subscribe=none");
        await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        Assert.Equal(3, indexer.CountOf("subscribe", "v4_orderbook", "BTC-USD"));
        var frames = client.Of("v4_orderbook", "BTC-USD").ToList();
        Assert.Equal("reconnecting", Seen.Mode(frames[0]));
        Assert.Equal(1, indexer.Accepted);
    }

    [Fact]
    public async Task What_a_resubscribe_that_failed_once_finds_changed_comes_as_one_update()
    {
        const string Changed = """{"bids":[{"price":"100","size":"6"}],"asks":[{"price":"101","size":"4"},{"price":"103","size":"1"}]}""";
        await using var indexer = await ScriptedIndexer.StartAsync();
        indexer.Rest = path => path.StartsWith("/orderbooks", StringComparison.Ordinal) && indexer.CountOf("subscribe", "v4_orderbook", "BTC-USD") > 1 ? (200, Changed) : Scripts.Rest(path);
        indexer.Answer = topic => topic switch
        {
            { Channel: "v4_orderbook", Attempt: 2 } => Scripts.Error(Unfetched),
            { Channel: "v4_orderbook", Attempt: 3 } => Scripts.Subscribed("v4_orderbook", topic.Id, Changed),
            _ => Scripts.Plain(topic),
        };
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&subscribe=none");
        await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        var from = client.Frames.Count;
        indexer.Drop();
        await client.WaitAsync(frame => Seen.Mode(frame) == "streaming" && (string?)frame["channel"] == "v4_orderbook", "streaming", from);
        var update = Assert.Single(client.Of("v4_orderbook", "BTC-USD"), frame => DashboardClient.Is(frame, "orderbook_update"));
        Assert.Equal("repair", (string?)update["source"]);
        Assert.Equal("""{"bids":[["100","6"],["99","0"]],"asks":[["102","0"],["103","1"]]}""", update["data"]!.ToJsonString());
        Topics.BookKeeper.Replay(client.Frames, "BTC-USD");
        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task The_trades_of_a_hole_come_once_in_chain_order_after_a_gap_and_before_streaming()
    {
        await using var indexer = await ScriptedIndexer.StartAsync();
        indexer.Answer = Scripts.With("v4_trades", "BTC-USD", attempt => TradesUpTo(attempt == 1 ? 1 : 5));
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&subscribe=none");
        await client.SubscribedAsync("v4_trades", "BTC-USD");
        var from = client.Frames.Count;
        indexer.Drop();
        await client.WaitAsync(frame => Seen.Mode(frame) == "streaming" && (string?)frame["channel"] == "v4_trades", "streaming", from);
        await indexer.TellAsync("v4_trades", "BTC-USD", $$"""{"trades":[{{Trade(5)}}]}""");
        await indexer.TellAsync("v4_trades", "BTC-USD", $$"""{"trades":[{{Trade(6)}}]}""");
        await client.WaitAsync(_ => client.Told("v4_trades", "BTC-USD", "trades").Count() >= 5, "the live trade");
        Assert.Equal([2, 3, 4, 5, 6], client.Told("v4_trades", "BTC-USD", "trades").Select(trade => Convert.ToInt32(((string)trade["id"]!)[..8], 16)));
        var types = client.Of("v4_trades", "BTC-USD").SkipWhile(frame => Seen.Mode(frame) != "reconnecting").Select(frame => (string)frame["type"]! + Seen.Mode(frame)).Distinct().ToList();
        Assert.Equal(["feed_statusreconnecting", "gap", "trade_update", "feed_statusstreaming"], types);
        var gap = Assert.Single(client.Of("v4_trades", "BTC-USD"), frame => DashboardClient.Is(frame, "gap"));
        Assert.Equal((4, true), ((int)gap["data"]!["recovered"]!, (bool)gap["data"]!["complete"]!));
        Assert.All(client.Of("v4_trades", "BTC-USD").Where(frame => DashboardClient.Is(frame, "trade_update")).SkipLast(1), frame => Assert.Equal("backfill", (string?)frame["source"]));
        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task Forty_books_fit_beside_each_other_though_a_socket_takes_thirty_two()
    {
        await using var indexer = await ScriptedIndexer.StartAsync();
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&subscribe=none");
        for (var i = 0; i < 40; i++)
        {
            await client.SubscribeAsync("v4_orderbook", $"M{i}-USD");
        }

        await client.WaitAsync(_ => client.Frames.Count(frame => DashboardClient.Is(frame, "subscribed")) == 40, "forty books");
        var bySocket = indexer.Acts.Where(act => act is { Act: "subscribe", Channel: "v4_orderbook" }).GroupBy(act => act.Socket).Select(group => group.Count()).ToList();
        Assert.Equal(40, bySocket.Sum());
        Assert.All(bySocket, count => Assert.InRange(count, 1, 32));
    }

    [Fact]
    public async Task The_loss_of_one_socket_is_told_on_its_topics_alone()
    {
        await using var indexer = await ScriptedIndexer.StartAsync();
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&subscribe=none");
        for (var i = 0; i < 40; i++)
        {
            await client.SubscribedAsync("v4_orderbook", $"M{i}-USD");
        }

        var homes = indexer.Acts.Where(act => act is { Act: "subscribe", Channel: "v4_orderbook" }).ToDictionary(act => act.Id, act => act.Socket);
        var (lost, from) = (homes["M39-USD"], client.Frames.Count);
        await indexer.CloseAsync(1011, "", "v4_orderbook", "M39-USD");
        var those = homes.Where(home => home.Value == lost).Select(home => home.Key).ToHashSet();
        await client.WaitAsync(_ => those.All(id => client.Frames.Skip(from).Any(frame => Seen.Mode(frame) == "streaming" && (string?)frame["id"] == id)), "streaming again");
        Assert.All(client.Frames.Skip(from), frame => Assert.Contains((string?)frame["id"] ?? "", those));
        Assert.InRange(those.Count, 1, 39);
    }

    private static Task<BuiltGateway> StartAsync(ScriptedIndexer indexer) =>
        BuiltGateway.StartOnAsync(indexer.WebSocketUrl, indexer.RestUrl, [], "Access:Mode=open", "Indexer:Standby=false");

    // Newest first, as the Indexer has them.
    private static string TradesUpTo(int last) => $$"""{"trades":[{{string.Join(',', Enumerable.Range(1, last).Reverse().Select(Trade))}}]}""";

    private static string Trade(int height) =>
        $$"""{"id":"{{height:x8}}0000000200000001","side":"BUY","size":"1","price":"100","createdAt":"2026-01-01T00:00:{{height:00}}.000Z","createdAtHeight":"{{height}}","type":"LIMIT"}""";
}
