using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Topics;

namespace Tidegate.Tests.Transcripts;

/// <summary>Errors and closes as the real Indexer said them, and what its clients may not say here either.</summary>
public sealed class RecordedFaultTests
{
    [Theory]
    [InlineData("server-restart.jsonl", 1.0)]
    [InlineData("heartbeat-no-pong.jsonl", 1.2)]
    [InlineData("invalid-flood.jsonl", 1.2)]
    [InlineData("subscribe-rate.jsonl", 1.2)]
    public async Task After_a_recorded_close_the_gateway_is_back_within_moments(string name, double longestWait)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await played.ConnectAsync();
        await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        await client.SubscribedAsync("v4_trades", "BTC-USD");
        var from = client.Frames.Count;
        await played.PlayErrorsAsync();
        await played.CloseAsync();
        var lost = await client.WaitAsync(frame => Seen.Mode(frame) == "reconnecting" && (string?)frame["channel"] == "v4_orderbook", "reconnecting", from);
        Assert.Equal("upstream-closed", (string?)lost["data"]!["reason"]);
        var next = lost["data"]!["next_attempt_at"]!.GetValue<DateTimeOffset>() - lost["ts"]!.GetValue<DateTimeOffset>();
        Assert.InRange(next.TotalSeconds, -0.1, longestWait + 0.05);
        await client.WaitAsync(frame => Seen.Mode(frame) == "streaming" && (string?)frame["channel"] == "v4_orderbook", "streaming", from);
        await client.WaitAsync(frame => Seen.Mode(frame) == "streaming" && (string?)frame["channel"] == "v4_trades", "streaming", from);
        await played.Indexer.TellAsync("v4_orderbook", "BTC-USD", """{"bids":[["98","3"]]}""");
        await client.WaitForAsync("orderbook_update", "v4_orderbook", from: from);
        BookKeeper.Replay(client.Frames, "BTC-USD");
        Assert.Empty(client.Breaks);
    }

    [Theory]
    [InlineData("errors.jsonl")]
    [InlineData("invalid-json.jsonl")]
    [InlineData("invalid-type.jsonl")]
    [InlineData("numeric-id.jsonl")]
    [InlineData("channel-limit.jsonl")]
    [InlineData("double-subscribe.jsonl")]
    public async Task Recorded_errors_that_nobody_asked_for_end_nothing(string name)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await played.ConnectAsync();
        await client.SubscribedAsync("v4_orderbook", "ETH-USD");
        await client.SubscribedAsync("v4_block_height");
        var (accepted, from) = (played.Indexer.Accepted, client.Frames.Count);
        await played.PlayErrorsAsync();
        await played.Indexer.TellAsync("v4_orderbook", "ETH-USD", """{"bids":[["98","3"]]}""");
        await played.Indexer.TellAsync("v4_block_height", "", $$"""{"blockHeight":"9","time":"{{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}"}""");
        await client.WaitForAsync("orderbook_update", "v4_orderbook", from: from);
        await client.WaitForAsync("block_update", from: from);
        Assert.Equal(accepted, played.Indexer.Accepted);
        Assert.DoesNotContain(client.Frames.Skip(from), frame => (string?)frame["type"] is "feed_status" or "error" or "unsubscribed");
    }

    [Fact]
    public async Task A_subscription_that_the_indexer_refused_as_recorded_is_an_unknown_id_and_is_remembered()
    {
        await using var played = await TranscriptIndexer.StartAsync("errors.jsonl");
        await using var client = await played.ConnectAsync();
        await client.SubscribeAsync("v4_trades", "NOPE-USD");
        var error = await client.ErrorAsync("unknown-id");
        Assert.Equal(("v4_trades", "NOPE-USD"), ((string?)error["channel"], (string?)error["id"]));
        var from = client.Frames.Count;
        await client.SubscribeAsync("v4_trades", "NOPE-USD");
        await client.ErrorAsync("unknown-id", from);
        Assert.Equal(1, played.Indexer.CountOf("subscribe", "v4_trades", "NOPE-USD"));
    }

    [Theory]
    [InlineData("errors.jsonl", "bad-frame unknown-channel bad-id unknown-id bad-id bad-id bad-id not-subscribed bad-json")]
    [InlineData("invalid-json.jsonl", "bad-json bad-json bad-json")]
    [InlineData("invalid-flood.jsonl", "bad-json bad-json bad-json bad-json bad-json")]
    [InlineData("invalid-type.jsonl", "unknown-type unknown-type bad-frame bad-frame")]
    [InlineData("numeric-id.jsonl", "bad-id bad-id")]
    public async Task What_the_indexer_was_told_wrongly_gets_its_code_here_and_the_connection_stays(string name, string codes)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await played.ConnectAsync();
        foreach (var text in played.Transcript.Asked)
        {
            await client.SendAsync(text);
        }

        await client.WaitAsync(_ => client.Frames.Count(frame => DashboardClient.Is(frame, "error")) >= codes.Split(' ').Length, "every error");
        await client.PingAsync();
        var told = client.Frames.Where(frame => DashboardClient.Is(frame, "error")).Select(frame => (string)frame["code"]!);
        Assert.Equal(codes.Split(' ').Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_second_subscribe_is_refused_and_changes_nothing()
    {
        await using var played = await TranscriptIndexer.StartAsync("double-subscribe.jsonl");
        await using var client = await played.ConnectAsync();
        await client.SubscribedAsync("v4_trades", "BTC-USD");
        await client.SubscribeAsync("v4_trades", "BTC-USD");
        await client.ErrorAsync("already-subscribed");
        await played.PlayAsync();
        var expected = played.Transcript.Updates("v4_trades", "BTC-USD").Count();
        await client.WaitAsync(_ => client.Told("v4_trades", "BTC-USD", "trades").Count() == expected, "every trade once");
        Assert.Single(client.Of("v4_trades", "BTC-USD"), frame => DashboardClient.Is(frame, "subscribed"));
        Assert.Equal(1, played.Indexer.CountOf("subscribe", "v4_trades", "BTC-USD"));
    }

    [Fact]
    public async Task A_topic_left_and_followed_again_begins_anew_with_the_next_snapshot()
    {
        await using var played = await TranscriptIndexer.StartAsync("resubscribe-after-unsubscribe.jsonl", "Indexer:GraceTime=00:00:00.05");
        await using var client = await played.ConnectAsync();
        var first = await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        await client.SendAsync("""{"type":"unsubscribe","channel":"v4_orderbook","id":"BTC-USD"}""");
        await client.WaitForAsync("unsubscribed", "v4_orderbook", "BTC-USD");
        await played.Indexer.UntilAsync(() => played.Indexer.CountOf("unsubscribe", "v4_orderbook", "BTC-USD") == 1, "unsubscribed upstream");
        var second = await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        Assert.Equal(2, played.Indexer.CountOf("subscribe", "v4_orderbook", "BTC-USD"));
        Assert.NotEqual((string?)first["epoch"], (string?)second["epoch"]);
        var recorded = played.Transcript.Snapshot("v4_orderbook", "BTC-USD", 2)!["bids"]!.AsArray();
        Assert.Equal(recorded.Select(level => (string?)level!["price"]), second["data"]!["bids"]!.AsArray().Select(level => (string?)level![0]));
    }
}
