using System.Text.Json.Nodes;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.Transcripts;

/// <summary>Recorded REST answers alone, while no socket can be had: the states are theirs.</summary>
public sealed class RecordedRestTests
{
    private const string Id = Scripts.Account + "/0";
    private static readonly string[] Quick = ["Access:Mode=open", "Reconnect:InitialDelay=00:00:00.1", "Reconnect:MaxDelay=00:00:00.2", "Reconnect:AttemptsBeforePolling=2", "Polling:Interval=00:00:01"];

    [Fact]
    public async Task Without_a_socket_from_the_start_the_recorded_answers_are_the_states_until_streaming_is_back()
    {
        var rows = Transcript.ReadRest();
        await using var indexer = await ScriptedIndexer.StartAsync();
        indexer.RefuseUpgrades = 503;
        indexer.Rest = path => rows.Find(row => row.Status is 200 or 404 && Plain(row.Path) == Plain(path)) is { Path: not null } row && path != "/time" ? (row.Status, row.Body) : Scripts.Rest(path);
        await using var gateway = await BuiltGateway.StartOnAsync(indexer.WebSocketUrl, indexer.RestUrl, [], Quick);
        await using var client = await gateway.ConnectAsync("&address=" + Scripts.Account);
        var account = await client.WaitForAsync("subscribed", "v4_subaccounts", Id);
        Assert.Equal("150000", (string?)account["data"]!["subaccount"]!["equity"]);
        var book = await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        Assert.Equal(Levels(rows, "bids"), book["data"]!["bids"]!.AsArray().Select(level => $"{level![0]} {level[1]}"));
        Assert.Equal(Levels(rows, "asks"), book["data"]!["asks"]!.AsArray().Select(level => $"{level![0]} {level[1]}"));
        var fills = (await client.WaitForAsync("subscribed", "v4_trades", Id))["data"]!["trades"]!.AsArray();
        Assert.Equal(Body(rows, "/fills")["fills"]!.AsArray().Select(fill => (string?)fill!["id"]).Order(StringComparer.Ordinal), fills.Select(fill => (string?)fill!["id"]).Order(StringComparer.Ordinal));
        await client.WaitAsync(frame => Seen.Mode(frame) == "polling" && (string?)frame["channel"] == "v4_orderbook", "polling");
        indexer.RefuseUpgrades = null;
        await client.WaitAsync(frame => Seen.Mode(frame) == "streaming" && (string?)frame["channel"] == "v4_orderbook", "streaming");
        Topics.BookKeeper.Replay(client.Frames, "BTC-USD");
        Assert.Empty(client.Breaks);
    }

    private static IEnumerable<string> Levels(List<(string Path, int Status, string Body)> rows, string side) =>
        Body(rows, "/orderbooks/perpetualMarket/BTC-USD")[side]!.AsArray().Select(level => $"{level!["price"]} {level["size"]}");

    private static JsonNode Body(List<(string Path, int Status, string Body)> rows, string start) =>
        JsonNode.Parse(rows.Find(row => row.Status == 200 && row.Path.StartsWith(start, StringComparison.Ordinal)).Body)!;

    // Path and account say which answer it is; what narrows it down does not.
    private static string Plain(string path) => string.Join('&', path.Split('?', '&').Where(part => !part.StartsWith("limit=", StringComparison.Ordinal) && !part.StartsWith("status=", StringComparison.Ordinal) && !part.StartsWith("page=", StringComparison.Ordinal)));
}
