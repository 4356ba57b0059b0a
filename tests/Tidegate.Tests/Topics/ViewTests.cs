using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Sessions;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Topics;

/// <summary>Whole books, their top levels and merged frames, side by side under a storm of changes, crossing ones included.</summary>
public sealed class ViewTests(ScriptedGateway world) : IClassFixture<ScriptedGateway>
{
    private const int Depth = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_view_is_exactly_the_top_and_merged_frames_end_in_the_same_book(int seed)
    {
        var id = $"VIEW{seed}-USD";
        await using var whole = await world.ConnectAsync();
        await using var top = await world.ConnectAsync();
        await using var merged = await world.ConnectAsync();
        await using var alike = await world.ConnectAsync();
        await whole.SubscribedAsync("v4_orderbook", id);
        var first = await top.SubscribedAsync("v4_orderbook", id, $",\"depth\":{Depth}");
        Assert.True(first["data"]!["bids"]!.AsArray().Count <= Depth);
        await merged.SubscribedAsync("v4_orderbook", id, ",\"conflate_ms\":50");
        await alike.SubscribedAsync("v4_orderbook", id, ",\"conflate_ms\":50");
        await StormAsync(id, new Random(seed));
        foreach (var client in new[] { whole, merged, alike })
        {
            await client.WaitAsync(frame => DashboardClient.Is(frame, "orderbook_update") && frame["data"]!.ToJsonString().Contains("[\"1\",\"7\"]", StringComparison.Ordinal), "the last level");
        }

        await top.SendAsync($$"""{"type":"snapshot","channel":"v4_orderbook","id":"{{id}}"}""");
        await top.WaitForAsync("snapshot", "v4_orderbook", id);
        var (all, best, few) = (BookKeeper.Replay(whole.Frames, id), BookKeeper.Replay(top.Frames, id, Depth), BookKeeper.Replay(merged.Frames, id, merged: true));
        Assert.All(all.Seqs, seq => Assert.Equal(all.TextAt(seq, Depth), best.TextAt(seq)));
        var same = BookKeeper.Replay(alike.Frames, id, merged: true);
        Assert.All(few.Seqs, seq => Assert.Equal(all.TextAt(seq), few.TextAt(seq)));
        Assert.All(same.Seqs, seq => Assert.Equal(all.TextAt(seq), same.TextAt(seq)));
        Assert.True(best.Frames > 20 && best.Frames < all.Frames, $"{best.Frames} of {all.Frames} frames touched the top");
        Assert.True(few.Frames < all.Frames, "nothing was merged");
        Assert.All(merged.Of("v4_orderbook", id).Where(frame => DashboardClient.Is(frame, "orderbook_update")), frame => Assert.True(frame.ContainsKey("prev_seq")));
        Assert.Empty(whole.Breaks.Concat(top.Breaks).Concat(merged.Breaks).Concat(alike.Breaks));
    }

    [Fact]
    public async Task Merged_markets_hold_the_last_value_of_each_field()
    {
        await using var client = await world.ConnectAsync();
        await client.SubscribedAsync("v4_markets", more: ",\"conflate_ms\":300");
        for (var i = 1; i <= 20; i++)
        {
            await world.Indexer.TellAsync("v4_markets", "", $$$$"""{"trading":{"BTC-USD":{"trades24H":{{{{i}}}}},"ETH-USD":{"volume24H":"{{{{i}}}}"}}}""");
        }

        await client.WaitAsync(frame => DashboardClient.Is(frame, "market_update") && (string?)frame["data"]!["markets"]!["ETH-USD"]?["volume24H"] == "20", "the last volume");
        var updates = client.Of("v4_markets").Where(frame => DashboardClient.Is(frame, "market_update")).ToList();
        Assert.True(updates.Count < 20, $"{updates.Count} frames");
        Assert.Equal(20, (int)updates[^1]["data"]!["markets"]!["BTC-USD"]!["trades24H"]!);
        Assert.Empty(client.Breaks);
    }

    private async Task StormAsync(string id, Random random)
    {
        for (var i = 0; i < 400; i++)
        {
            var side = random.Next(2) == 0 ? "bids" : "asks";
            var price = (side == "bids" ? 92 : 98) + random.Next(12);
            await world.Indexer.TellAsync("v4_orderbook", id, $$$"""{"{{{side}}}":[["{{{price}}}","{{{random.Next(4)}}}"]]}""");
        }

        await world.Indexer.TellAsync("v4_orderbook", id, """{"bids":[["1","7"]]}""");
    }
}
