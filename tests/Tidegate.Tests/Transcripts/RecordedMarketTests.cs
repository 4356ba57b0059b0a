using System.Text.Json.Nodes;
using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Topics;

namespace Tidegate.Tests.Transcripts;

/// <summary>Markets, books, tapes, candles and blocks as the real Indexer said them, one by one and in batches.</summary>
public sealed class RecordedMarketTests
{
    [Theory]
    [InlineData("all-channels.jsonl")]
    [InlineData("batched.jsonl")]
    public async Task A_book_begins_as_recorded_and_every_update_keeps_it_whole(string name)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await played.ConnectAsync();
        var subscribed = await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        var recorded = played.Transcript.Snapshot("v4_orderbook", "BTC-USD")!;
        foreach (var side in new[] { "bids", "asks" })
        {
            Assert.Equal(
                recorded[side]!.AsArray().Select(level => $"{level!["price"]} {level["size"]}"),
                subscribed["data"]![side]!.AsArray().Select(level => $"{level![0]} {level[1]}"));
        }

        await played.PlayAsync();
        await played.Indexer.TellAsync("v4_orderbook", "BTC-USD", """{"bids":[["1","7"]]}""");
        await client.WaitAsync(frame => DashboardClient.Is(frame, "orderbook_update") && frame["data"]!.ToJsonString().Contains("[\"1\",\"7\"]", StringComparison.Ordinal), "the last level");
        Assert.True(BookKeeper.Replay(client.Frames, "BTC-USD").Frames > 5);
        Assert.Empty(client.Breaks);
    }

    [Theory]
    [InlineData("all-channels.jsonl")]
    [InlineData("batched.jsonl")]
    [InlineData("double-subscribe.jsonl")]
    public async Task A_tape_is_told_oldest_first_and_every_trade_once(string name)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await played.ConnectAsync();
        var subscribed = await client.SubscribedAsync("v4_trades", "BTC-USD");
        var before = Ids(played.Transcript.Snapshot("v4_trades", "BTC-USD")!);
        Assert.Equal(before.AsEnumerable().Reverse(), Ids(subscribed["data"]!));
        await played.PlayAsync();
        await played.PlayAsync();
        await played.Indexer.TellAsync("v4_trades", "BTC-USD", """{"trades":[{"id":"0fffffff0000000200000000","side":"BUY","size":"1","price":"1","createdAt":"2026-11-24T18:00:00.000Z","type":"LIMIT"}]}""");
        await client.WaitAsync(frame => DashboardClient.Is(frame, "trade_update") && frame.ToJsonString().Contains("0fffffff0000000200000000", StringComparison.Ordinal), "the last trade");
        var expected = played.Transcript.Updates("v4_trades", "BTC-USD").SelectMany(Ids).Except(before).Append("0fffffff0000000200000000");
        Assert.Equal(expected, client.Told("v4_trades", "BTC-USD", "trades").Select(trade => (string)trade["id"]!));
        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task Candles_markets_and_blocks_end_where_the_recording_ends()
    {
        await using var played = await TranscriptIndexer.StartAsync("all-channels.jsonl");
        await using var client = await played.ConnectAsync();
        await client.SubscribedAsync("v4_candles", "BTC-USD/1MIN");
        var markets = (await client.SubscribedAsync("v4_markets"))["data"]!["markets"]!.AsObject();
        Assert.Equal(played.Transcript.Snapshot("v4_markets", "")!["markets"]!.AsObject().Select(pair => pair.Key).Order(StringComparer.Ordinal), markets.Select(pair => pair.Key).Order(StringComparer.Ordinal));
        Assert.Equal("0.000000065", (string?)markets["SHIB-USD"]!["oraclePrice"]);
        await client.SubscribedAsync("v4_block_height");
        await played.PlayAsync();
        var height = played.Transcript.Updates("v4_block_height", "").Max(block => long.Parse((string)block["blockHeight"]!, null));
        await client.WaitAsync(frame => DashboardClient.Is(frame, "block_update") && (string?)frame["data"]!["height"] == height.ToString(System.Globalization.CultureInfo.InvariantCulture), "the last block");
        var candle = played.Transcript.Updates("v4_candles", "BTC-USD/1MIN").Last();
        await client.WaitAsync(frame => DashboardClient.Is(frame, "candle_update") && frame["data"]!["candles"]!.AsArray().Any(one => Same(one!, candle, "startedAt", "open", "high", "low", "close", "trades")), "the last candle");
        var price = (string)played.Transcript.Updates("v4_markets", "").Last(update => update["oraclePrices"]?["BTC-USD"] is not null)["oraclePrices"]!["BTC-USD"]!["oraclePrice"]!;
        await client.WaitAsync(frame => DashboardClient.Is(frame, "market_update") && (string?)frame["data"]!["markets"]!["BTC-USD"]?["oraclePrice"] == price, "the last oracle price");
        Assert.Empty(client.Breaks);
        Assert.All(client.Of("v4_markets").Concat(client.Of("v4_block_height")), frame => Assert.False(frame.ContainsKey("id")));
    }

    private static List<string> Ids(JsonNode contents) => [.. contents["trades"]!.AsArray().Select(trade => (string)trade!["id"]!)];

    private static bool Same(JsonNode left, JsonNode right, params string[] fields) => fields.All(field => left[field]!.ToJsonString() == right[field]!.ToJsonString());
}
