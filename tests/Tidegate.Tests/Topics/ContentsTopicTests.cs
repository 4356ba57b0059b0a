using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tidegate.Topics;

namespace Tidegate.Tests.Topics;

/// <summary>Topics in the Indexer's own shape: what is kept of a frame, and the newest values for who fell behind.</summary>
public sealed class ContentsTopicTests
{
    private const string Market = "BTC-USD";

    [Fact]
    public async Task Who_fell_behind_the_ring_gets_the_newest_size_of_each_level_that_changed_since()
    {
        await using var world = await HubWorld.StartAsync();
        var (slow, owner) = await JoinAsync(world, "v4_orderbook", Market);
        var sizes = new Dictionary<string, string>();
        var random = new Random(7);
        for (var i = 1; i <= 400; i++)
        {
            var (price, size) = (random.Next(10, 60).ToString(CultureInfo.InvariantCulture), random.Next(4) == 0 ? "0" : i.ToString(CultureInfo.InvariantCulture));
            sizes[price] = size;
            await world.Indexer.TellAsync("v4_orderbook", Market, $$"""{"bids":[["{{price}}","{{size}}"]]}""");
        }

        // What changes nothing is told to nobody, so the last one is known by its price.
        await world.Indexer.TellAsync("v4_orderbook", Market, """{"bids":[["9.5","1"]]}""");
        await HubWorld.UntilAsync(() => slow.Ring.At(slow.Ring.Head) is { } frame && Encoding.UTF8.GetString(frame.Wire.Span).Contains("9.5", StringComparison.Ordinal), "every update");
        Assert.Null(slow.Ring.At(1));
        var merged = Levels(Assert.Single(Merge(slow))["bids"]!);
        sizes["9.5"] = "1";
        Assert.All(sizes, level => Assert.Equal(level.Value, merged.GetValueOrDefault(level.Key, "0")));
        Assert.Equal((slow.Ring.Head, false), (slow.Cursor, slow.HasMore));

        // From then on only what came after.
        await world.Indexer.TellAsync("v4_orderbook", Market, """{"bids":[["5","1"]]}""");
        await HubWorld.UntilAsync(() => slow.HasMore, "one more");
        Assert.Equal("""[["5","1"]]""", Assert.Single(Merge(slow))["bids"]!.ToJsonString());
        GC.KeepAlive(owner);
    }

    [Fact]
    public async Task Of_candles_the_last_word_on_each_counts_of_markets_all_and_of_blocks_the_newest()
    {
        await using var world = await HubWorld.StartAsync();
        var (candles, _) = await JoinAsync(world, "v4_candles", Market + "/1MIN");
        foreach (var (minute, trades) in new[] { (1, 1), (1, 2), (2, 1), (1, 3) })
        {
            await world.Indexer.TellAsync("v4_candles", Market + "/1MIN", $$"""{"startedAt":"2026-01-01T00:0{{minute}}:00.000Z","trades":{{trades}}}""");
        }

        await HubWorld.UntilAsync(() => candles.Ring.Head == 4, "every candle");
        Assert.Equal(["2 1", "1 3"], Merge(candles).Select(candle => $"{((string)candle["startedAt"]!)[15]} {candle["trades"]}"));
        var (blocks, _) = await JoinAsync(world, "v4_block_height", "v4_block_height");
        foreach (var height in new[] { 50, 51 })
        {
            await world.Indexer.TellAsync("v4_block_height", "", $$"""{"blockHeight":"{{height}}","time":"2026-01-01T00:00:00.000Z"}""");
        }

        await HubWorld.UntilAsync(() => blocks.Ring.Head >= 2, "every block");
        Assert.Equal("51", (string?)Assert.Single(Merge(blocks))["blockHeight"]);
        var (markets, _) = await JoinAsync(world, "v4_markets", "v4_markets");
        Assert.True(Assert.Single(Merge(markets))["trading"]!.AsObject().ContainsKey(Market));
    }

    [Fact]
    public async Task Events_cannot_be_merged_and_a_tail_splits_into_what_a_batch_needs()
    {
        await using var world = await HubWorld.StartAsync();
        var (tape, _) = await JoinAsync(world, "v4_trades", Market);
        await world.Indexer.TellAsync("v4_trades", Market, """{"trades":[{"id":"000000640000000200000001","size":"1","price":"5","side":"BUY","createdAt":"2026-01-01T00:00:00.000Z","createdAtHeight":"100","type":"LIMIT"}]}""");
        await HubWorld.UntilAsync(() => tape.Ring.Head == 1, "a trade");
        Assert.False(((ContentsTopic)tape.Topic).TryMerge(tape, []));
        var (head, contents) = ContentsTopic.Split(tape.Ring.At(1)!.Value.Wire);
        Assert.Equal(""","id":"BTC-USD","channel":"v4_trades","version":"2.1.0" """.TrimEnd(), Encoding.UTF8.GetString(head.Span));
        Assert.Equal("5", (string?)JsonNode.Parse(contents.Span)!["trades"]![0]!["price"]);
    }

    private static async Task<(Reader Reader, object Owner)> JoinAsync(HubWorld world, string channel, string id)
    {
        var owner = new TestReader();
        owner.Reader = world.Hub.Join(TopicAddress.ParseIndexer(channel, id)!, owner, 0, TimeSpan.Zero, null, out _, out _)!;
        await HubWorld.UntilAsync(() => !owner.Reader.AwaitsState, "a state");
        Assert.True(owner.Reader.TryTakeFirst(out var snapshots));
        Assert.Single(snapshots);
        return (owner.Reader, owner);
    }

    private static List<JsonObject> Merge(Reader reader)
    {
        var tails = new List<byte[]>();
        Assert.True(((ContentsTopic)reader.Topic).TryMerge(reader, tails));
        return tails.ConvertAll(tail => JsonNode.Parse(ContentsTopic.Split(tail).Contents.Span)!.AsObject());
    }

    private static Dictionary<string, string> Levels(JsonNode side) => side.AsArray().ToDictionary(level => (string)level![0]!, level => (string)level![1]!);
}
