using System.Text.Json.Nodes;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.Transcripts;

/// <summary>Accounts as the real Indexer said them: one with a position and orders, one with children, and one that never was.</summary>
public sealed class RecordedAccountTests
{
    private const string Id = Scripts.Account + "/0";
    private const string Unborn = "dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4";

    [Theory]
    [InlineData("all-channels.jsonl")]
    [InlineData("batched.jsonl")]
    public async Task An_account_has_the_recorded_value_and_every_order_is_told(string name)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await played.ConnectAsync("&address=" + Scripts.Account);
        var recorded = played.Transcript.Snapshot("v4_subaccounts", Id)!["subaccount"]!;
        var account = (await client.WaitForAsync("subscribed", "v4_subaccounts", Id))["data"]!["subaccount"]!;
        Assert.Equal((string?)recorded["equity"], (string?)account["equity"]);
        Assert.Equal((string?)recorded["freeCollateral"], (string?)account["freeCollateral"]);
        Assert.Equal((string?)recorded["openPerpetualPositions"]!["BTC-USD"]!["size"], (string?)account["openPerpetualPositions"]!["BTC-USD"]!["size"]);
        var orders = (await client.WaitForAsync("subscribed", "v4_orders", Id))["data"]!["orders"]!.AsArray();
        Assert.Contains((string?)played.Transcript.Snapshot("v4_subaccounts", Id)!["orders"]![0]!["id"], orders.Select(order => (string?)order!["id"]));
        await client.WaitForAsync("subscribed", "v4_trades", Id);
        await played.PlayAsync();
        await AllOrdersAsync(client, "v4_orders", Id, played.Transcript.Updates("v4_subaccounts", Id));
        Assert.Empty(client.Breaks);
    }

    [Theory]
    [InlineData("all-channels.jsonl")]
    [InlineData("batched.jsonl")]
    public async Task A_parent_has_its_children_and_every_order_names_its_own(string name)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await played.ConnectAsync($"&address={Scripts.Account}&view=parent");
        var parent = (await client.WaitForAsync("subscribed", "v4_parent_subaccounts", Id))["data"]!;
        var recorded = played.Transcript.Snapshot("v4_parent_subaccounts", Id)!["subaccount"]!;
        Assert.Equal((string?)recorded["equity"], (string?)parent["subaccount"]?["equity"] ?? (string?)parent["equity"]);
        var joined = Scripts.Account + "/parent/0";
        await client.WaitForAsync("subscribed", "v4_orders", joined);
        await client.WaitForAsync("subscribed", "v4_trades", joined);
        await played.PlayAsync();
        await AllOrdersAsync(client, "v4_orders", joined, played.Transcript.Updates("v4_parent_subaccounts", Id));
        var numbers = played.Transcript.Data("v4_parent_subaccounts", Id)
            .SelectMany(frame => (frame["contents"] is JsonArray batch ? batch : new JsonArray(frame["contents"]!.DeepClone())).SelectMany(one => Orders(one!)).Select(order => (Order: order, Number: (int)frame["subaccountNumber"]!)))
            .ToDictionary(pair => pair.Order, pair => pair.Number);
        Assert.All(client.Told("v4_orders", joined, "orders").Where(order => numbers.ContainsKey((string)order["id"]!)), order => Assert.Equal(numbers[(string)order["id"]!], (int)order["subaccountNumber"]!));
        Assert.Empty(client.Breaks);
    }

    [Fact]
    public async Task An_account_that_never_was_shows_zeros_and_its_first_deposit_needs_no_new_subscription()
    {
        await using var played = await TranscriptIndexer.StartAsync("unborn-account.jsonl");
        await using var client = await played.ConnectAsync("&address=" + Unborn);
        var account = (await client.WaitForAsync("subscribed", "v4_subaccounts", Unborn + "/0"))["data"]!["subaccount"]!;
        Assert.Equal("0", (string?)account["equity"]);
        Assert.Equal("0", (string?)account["freeCollateral"]);
        Assert.Empty(account["openPerpetualPositions"]!.AsObject());
        Assert.Empty((await client.WaitForAsync("subscribed", "v4_orders", Unborn + "/0"))["data"]!["orders"]!.AsArray());
        Assert.Empty((await client.WaitForAsync("subscribed", "v4_trades", Unborn + "/0"))["data"]!["trades"]!.AsArray());
        await played.Indexer.TellAsync("v4_subaccounts", Unborn + "/0", $$"""{"assetPositions":[{"address":"{{Unborn}}","subaccountNumber":0,"positionId":"p","assetId":"0","symbol":"USDC","side":"LONG","size":"25"}],"blockHeight":"3"}""");
        var update = await client.WaitForAsync("account_update", "v4_subaccounts", Unborn + "/0");
        Assert.Equal("25", (string?)update["data"]!["subaccount"]!["equity"]);
    }

    private static Task AllOrdersAsync(DashboardClient client, string channel, string id, IEnumerable<JsonNode> updates)
    {
        var expected = updates.SelectMany(Orders).ToHashSet();
        Assert.NotEmpty(expected);
        return client.WaitAsync(_ => expected.IsSubsetOf(client.Told(channel, id, "orders").Select(order => (string)order["id"]!)), "every order");
    }

    private static IEnumerable<string> Orders(JsonNode contents) => (contents["orders"]?.AsArray() ?? []).Select(order => (string)order!["id"]!);
}
