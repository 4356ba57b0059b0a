using System.Net.WebSockets;
using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Sessions;

/// <summary>What a client may say, how often, and what it gets (contract 2), over real sockets.</summary>
public sealed class ClientFrameTests(ScriptedGateway world) : IClassFixture<ScriptedGateway>
{
    private const string NoJson = "{";

    [Fact]
    public async Task Twenty_bad_frames_are_borne_and_one_more_closes_with_1008()
    {
        await using var client = await world.ConnectAsync();
        for (var i = 0; i < 20; i++)
        {
            await client.SendAsync(NoJson);
        }

        await client.PingAsync();
        Assert.Equal(20, client.Frames.Count(frame => DashboardClient.Is(frame, "error") && (string?)frame["code"] == "bad-json"));
        await client.SendAsync(NoJson);
        await client.WaitForCloseAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, client.CloseStatus);
    }

    [Fact]
    public async Task Refusals_about_a_topic_and_fields_of_a_wrong_type_are_no_bad_frames()
    {
        await using var client = await world.ConnectAsync();
        for (var i = 0; i < 15; i++)
        {
            await client.SendAsync("""{"type":"subscribe","channel":"v4_orderbook","id":"BTC-USD","depth":"ten"}""");
            await client.SendAsync("""{"type":"unsubscribe","channel":"v4_orderbook","id":"NOT-MINE"}""");
            await client.SendAsync("""{"type":"subscribe","channel":"v4_candles","id":"BTC-USD"}""");
        }

        await client.PingAsync();
        Assert.Equal(45, client.Frames.Count(frame => DashboardClient.Is(frame, "error")));
    }

    [Fact]
    public async Task Over_a_thousand_frames_are_dropped_and_told_once_a_second()
    {
        await using var client = await world.ConnectAsync();
        for (var i = 0; i < 1100; i++)
        {
            await client.SendAsync("""{"type":"ping"}""");
        }

        await client.ErrorAsync("too-fast");
        await client.WaitAsync(_ => client.Frames.Count(frame => DashboardClient.Is(frame, "pong")) >= 1000, "a thousand pongs");
        await client.SendAsync(NoJson);
        await world.Gateway.Http.GetAsync(new Uri(world.Gateway.Address, "/healthz"), TestContext.Current.CancellationToken);
        Assert.Equal(1000, client.Frames.Count(frame => DashboardClient.Is(frame, "pong")));
        Assert.InRange(client.Frames.Count(frame => (string?)frame["code"] == "too-fast"), 1, 3);
        Assert.DoesNotContain(client.Frames, frame => (string?)frame["code"] == "bad-json");
        Assert.Null(client.CloseStatus);
    }

    [Fact]
    public async Task A_frame_of_64_KB_is_read_and_a_longer_one_is_a_bad_frame()
    {
        await using var client = await world.ConnectAsync();
        await client.SendAsync(PingOf(64 * 1024));
        var pong = await client.WaitForAsync("pong");
        Assert.Equal(64 * 1024 - PingOf(0).Length, ((string)pong["id"]!).Length);
        await client.SendAsync(PingOf((64 * 1024) + 1));
        await client.ErrorAsync("bad-frame");
        await client.SendAsync(PingOf(300_000));
        await client.PingAsync();
        Assert.Equal(2, client.Frames.Count(frame => (string?)frame["code"] == "bad-frame"));
    }

    [Fact]
    public async Task A_topic_followed_already_is_refused_and_one_over_the_limit_too()
    {
        await using var client = await world.ConnectAsync();
        foreach (var id in new[] { "A-USD", "B-USD", "C-USD", "D-USD" })
        {
            await client.SubscribedAsync("v4_orderbook", id);
        }

        await client.SubscribeAsync("v4_orderbook", "A-USD");
        await client.ErrorAsync("already-subscribed");
        await client.SubscribeAsync("v4_orderbook", "E-USD");
        var refused = await client.ErrorAsync("subscription-limit");
        Assert.Equal("E-USD", (string?)refused["id"]);
        await client.SendAsync("""{"type":"unsubscribe","channel":"v4_orderbook","id":"A-USD"}""");
        await client.SubscribedAsync("v4_orderbook", "E-USD");
    }

    [Fact]
    public async Task Nothing_of_a_topic_follows_its_unsubscribed()
    {
        await using var client = await world.ConnectAsync();
        await using var other = await world.ConnectAsync();
        await client.SubscribedAsync("v4_orderbook", "GONE-USD");
        await other.SubscribedAsync("v4_orderbook", "GONE-USD");
        for (var i = 1; i <= 40; i++)
        {
            await world.Indexer.TellAsync("v4_orderbook", "GONE-USD", $$"""{"bids":[["98","{{i}}"]]}""");
            if (i == 20)
            {
                await client.SendAsync("""{"type":"unsubscribe","channel":"v4_orderbook","id":"GONE-USD"}""");
            }
        }

        await other.WaitAsync(frame => DashboardClient.Is(frame, "orderbook_update") && frame["data"]!.ToJsonString().Contains("\"40\"", StringComparison.Ordinal), "the last update");
        await client.WaitForAsync("unsubscribed", "v4_orderbook", "GONE-USD");
        await world.Indexer.TellAsync("v4_orderbook", "GONE-USD", """{"bids":[["98","41"]]}""");
        await client.PingAsync();
        var frames = client.Of("v4_orderbook", "GONE-USD").ToList();
        Assert.Equal("unsubscribed", (string?)frames[^1]["type"]);
    }

    [Fact]
    public async Task A_snapshot_asked_for_is_the_state_anew_and_updates_go_on_from_it()
    {
        await using var client = await world.ConnectAsync();
        var first = await client.SubscribedAsync("v4_orderbook", "SNAP-USD");
        await client.SendAsync("""{"type":"snapshot","channel":"v4_orderbook","id":"SNAP-USD"}""");
        var again = await client.WaitForAsync("snapshot", "v4_orderbook", "SNAP-USD");
        Assert.Equal(("requested", 0), ((string?)again["reason"], (int)again["skipped"]!));
        Assert.Equal(first["data"]!.ToJsonString(), again["data"]!.ToJsonString());
        Assert.Equal(first["known_to"]!.ToJsonString(), again["known_to"]!.ToJsonString());
        await world.Indexer.TellAsync("v4_orderbook", "SNAP-USD", """{"bids":[["98","3"]]}""");
        await client.WaitForAsync("orderbook_update", "v4_orderbook", "SNAP-USD");
        await client.SendAsync("""{"type":"snapshot","channel":"v4_orderbook","id":"OTHER-USD"}""");
        await client.ErrorAsync("not-subscribed");
        Topics.BookKeeper.Replay(client.Frames, "SNAP-USD");
        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task Depth_is_for_books_alone_and_options_out_of_range_are_refused()
    {
        await using var client = await world.ConnectAsync();
        await client.SubscribeAsync("v4_trades", "BTC-USD", ",\"depth\":5");
        await client.ErrorAsync("not-supported");
        string[] wrong = [",\"depth\":0", ",\"depth\":1001", ",\"conflate_ms\":49", ",\"conflate_ms\":10001", ",\"resume\":7", ",\"resume\":{\"epoch\":\"x\"}"];
        foreach (var options in wrong)
        {
            await client.SubscribeAsync("v4_orderbook", "BTC-USD", options);
        }

        await client.PingAsync();
        Assert.Equal(wrong.Length, client.Frames.Count(frame => (string?)frame["code"] == "bad-frame"));
        await client.SubscribedAsync("v4_orderbook", "BTC-USD", ",\"conflate_ms\":0");
    }

    private static string PingOf(int length) => "{\"type\":\"ping\",\"id\":\"" + new string('x', Math.Max(0, length - 23)) + "\"}";
}
