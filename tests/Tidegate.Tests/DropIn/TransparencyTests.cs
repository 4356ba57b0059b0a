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
