using System.Text.Json.Nodes;
using Tidegate.Simulator;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.DropIn;

/// <summary>One script of a client's frames, held with the Indexer itself and through the gateway: the answers differ only where docs/drop-in.md says so.</summary>
public sealed class TransparencyTests
{
    private static readonly (string Channel, string? Id)[] MarketTopics = [("v4_markets", null), ("v4_block_height", null), ("v4_orderbook", "BTC-USD"), ("v4_trades", "BTC-USD"), ("v4_candles", "BTC-USD/1MIN")];

    [Theory]
    [InlineData("")]
    [InlineData(",\"batched\":true")]
    public async Task The_same_script_gets_the_same_answers(string batched)
    {
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 12, Rate = 50, CrossProbability = 0 });
        var account = gateway.Account + "/0";
        (string Channel, string? Id)[] topics = [.. MarketTopics, ("v4_subaccounts", account), ("v4_parent_subaccounts", account)];
        await using var direct = await DashboardClient.ConnectAsync(gateway.Indexer.WebSocketUrl);
        await using var through = await IndexerClient.ConnectAsync(gateway);
        foreach (var client in new[] { direct, through })
        {
            await SpeakAsync(client, topics, batched);
        }

        Assert.Equal(Answers(direct), Answers(through));
        foreach (var (channel, _) in topics)
        {
            foreach (var type in new[] { "subscribed", batched.Length > 0 ? "channel_batch_data" : "channel_data" })
            {
                Assert.Equal((channel, type, ShapeOf(direct, channel, type)), (channel, type, ShapeOf(through, channel, type)));
            }
        }

        IndexerClient.CheckFrames(through);
    }

    [Fact]
    public async Task Limits_and_rates_refuse_and_close_as_the_indexers_do()
    {
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 13, Rate = 10, Markets = 6, CrossProbability = 0 });
        var series = from market in await TickersAsync(gateway) from resolution in Resolutions select Subscribe("v4_candles", $"{market}/{resolution}");
        var overLimit = series.Take(35).ToList();
        foreach (var (script, closes) in new[]
        {
            (overLimit, false),
            ([.. Enumerable.Repeat(Subscribe("v4_trades", "BTC-USD"), 3)], true),
            ([.. Enumerable.Repeat("""{"type":"nothing"}""", 3)], true),
        })
        {
            await using var direct = await DashboardClient.ConnectAsync(gateway.Indexer.WebSocketUrl);
            await using var through = await IndexerClient.ConnectAsync(gateway);
            var (expected, got) = (await HearAsync(direct, script, closes), await HearAsync(through, script, closes));
            Assert.NotEmpty(expected);
            Assert.Equal(expected, got);
        }
    }

    private static readonly string[] Resolutions = ["1MIN", "5MINS", "15MINS", "30MINS", "1HOUR", "4HOURS", "1DAY"];

    private static string Subscribe(string channel, string id) => $$"""{"type":"subscribe","channel":"{{channel}}","id":"{{id}}"}""";

    private static async Task<List<string>> TickersAsync(BuiltGateway gateway)
    {
        using var http = new HttpClient();
        var markets = JsonNode.Parse(await http.GetStringAsync(new Uri(gateway.Indexer.RestUrl + "/perpetualMarkets"), TestContext.Current.CancellationToken))!["markets"]!;
        return [.. markets.AsObject().Select(market => market.Key).Order(StringComparer.Ordinal)];
    }

    // The refusals, sorted as those of requests in flight come in any order, and how it ended where it did.
    private static async Task<List<string>> HearAsync(DashboardClient client, IReadOnlyList<string> script, bool closes)
    {
        await client.WaitForAsync("connected");
        foreach (var line in script)
        {
            await client.SendAsync(line);
        }

        if (closes)
        {
            await client.Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
        else
        {
            await client.WaitAsync(_ => client.Frames.Count(frame => (string?)frame["type"] is "subscribed" or "error") == script.Count, "an answer to each");
        }

        // A subscribe that is there twice while the first is pending is refused at once here, after the snapshot there (docs/drop-in.md).
        var refusals = Answers(client).Where(answer => !answer.Contains("already subscribed", StringComparison.Ordinal));
        return [.. refusals.Order(StringComparer.Ordinal), $"{client.CloseStatus} {client.CloseReason}"];
    }

    // Members of the first frame, and of the first row of what it holds: positions and fills come when they come.
    private static string ShapeOf(DashboardClient client, string channel, string type)
    {
        var frame = client.Frames.First(one => DashboardClient.Is(one, type, channel));
        var members = frame.Select(member => member.Key).Order(StringComparer.Ordinal);
        return type == "subscribed" ? $"{string.Join(' ', members)}: {string.Join(' ', Members(frame["contents"]!))}" : string.Join(' ', members);
    }

    private static IEnumerable<string> Members(JsonNode contents) => contents.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal);

    private static async Task SpeakAsync(DashboardClient client, (string Channel, string? Id)[] topics, string batched)
    {
        foreach (var (channel, id) in topics)
        {
            await client.SubscribeAsync(channel, id, batched);
            await client.WaitForAsync("subscribed", channel);
        }

        foreach (var (channel, _) in topics)
        {
            await client.WaitAsync(frame => (string?)frame["channel"] == channel && (string?)frame["type"] is "channel_data" or "channel_batch_data", $"an update of {channel}", patience: TimeSpan.FromSeconds(60));
        }

        await RefusedAsync(client, """{"type":"subscribe","channel":"v4_trades","id":"BTC-USD"}""");
        await RefusedAsync(client, """{"type":"subscribe","channel":"v4_block_height"}""");
        await RefusedAsync(client, """{"type":"subscribe","channel":"v4_orders","id":"x"}""");
        await RefusedAsync(client, """{"type":"subscribe","channel":"v4_trades","id":"NOPE-USD"}""");
        await RefusedAsync(client, """{"type":"subscribe","channel":"v4_candles","id":"BTC-USD/2MIN"}""");
        await RefusedAsync(client, """{"type":"subscribe","channel":"v4_trades"}""");
        await RefusedAsync(client, """{"type":"subscribe"}""");
        await RefusedAsync(client, """{"type":"nothing"}""");
        await RefusedAsync(client, "{");
        foreach (var (channel, id) in topics)
        {
            await client.SendAsync($$"""{"type":"unsubscribe","channel":"{{channel}}"{{(id is null ? "" : $",\"id\":\"{id}\"")}}}""");
            await client.WaitForAsync("unsubscribed", channel);
        }

        await client.SendAsync("""{"type":"unsubscribe","channel":"v4_trades","id":"ETH-USD"}""");
        await client.WaitForAsync("unsubscribed", "v4_trades", "ETH-USD");
    }

    private static async Task RefusedAsync(DashboardClient client, string text)
    {
        var from = client.Frames.Count;
        await client.SendAsync(text);
        await client.WaitForAsync("error", from: from);
    }

    private static List<string> Answers(DashboardClient client) =>
        [.. client.Frames.Where(frame => (string?)frame["type"] is "error" or "unsubscribed").Select(frame => string.Join(' ', frame.Where(member => member.Key is not ("connection_id" or "message_id")).OrderBy(member => member.Key, StringComparer.Ordinal).Select(member => $"{member.Key}={member.Value?.ToJsonString()}")))];
}
