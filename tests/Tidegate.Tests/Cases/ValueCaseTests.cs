using System.Globalization;
using System.Text.Json.Nodes;
using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Cases;

/// <summary>Values that broke other programs, played to the built gateway in a German environment.</summary>
public sealed class ValueCaseTests
{
    private const string Id = Scripts.Account + "/0";

    [Fact]
    public async Task Levels_without_a_size_are_none_and_a_removal_is_spelled_one_way()
    {
        // cases.md 46: exponents, and a culture whose decimal point is a comma
        await using var indexer = await ScriptedIndexer.StartAsync();
        const string Book = """{"bids":[{"price":"100","size":"0"},{"price":"98.50","size":"1e-7"}],"asks":[{"price":"101","size":"4"},{"price":"104","size":"0.000000001234"}]}""";
        indexer.Answer = Scripts.With("v4_orderbook", "BTC-USD", _ => Book);
        indexer.Rest = path => path.StartsWith("/orderbooks", StringComparison.Ordinal) ? (200, Book) : Scripts.Rest(path);
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&subscribe=none");
        var state = await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        Assert.Equal("""{"bids":[["98.5","0.0000001"]],"asks":[["101","4"],["104","0.000000001234"]]}""", state["data"]!.ToJsonString());
        foreach (var level in new[] { """["101","0.0"]""", """["102","-0"]""", """["103","0.000"]""", """["105","123456789012345.000001"]""" })
        {
            await indexer.TellAsync("v4_orderbook", "BTC-USD", $$"""{"asks":[{{level}}]}""");
        }

        await client.WaitAsync(frame => frame.ToJsonString().Contains("123456789012345.000001", StringComparison.Ordinal), "the last level");
        var updates = client.Of("v4_orderbook", "BTC-USD").Where(frame => DashboardClient.Is(frame, "orderbook_update") && (string?)frame["source"] == "stream").Select(frame => frame["data"]!.ToJsonString());
        Assert.Equal(["""{"bids":[],"asks":[["101","0"]]}""", """{"bids":[],"asks":[["105","123456789012345.000001"]]}"""], updates);
        Topics.BookKeeper.Replay(client.Frames, "BTC-USD");
    }

    [Fact]
    public async Task Empty_amounts_are_zero_and_a_notional_keeps_every_digit()
    {
        await using var indexer = await ScriptedIndexer.StartAsync();
        indexer.Answer = topic => topic.Channel switch
        {
            "v4_markets" => Scripts.Subscribed("v4_markets", "", Scripts.Markets.Replace("\"oraclePrice\":\"15000\"", "\"oraclePrice\":\"0.000000001234\"", StringComparison.Ordinal)),
            "v4_subaccounts" => Scripts.Subscribed(topic.Channel, topic.Id, $$$"""{"subaccount":{"address":"{{{Scripts.Account}}}","subaccountNumber":0,"equity":"","freeCollateral":"","openPerpetualPositions":{},"assetPositions":{},"marginEnabled":true,"updatedAtHeight":"2","latestProcessedBlockHeight":"2"},"orders":[],"blockHeight":"2"}"""),
            _ => Scripts.Plain(topic),
        };
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&address=" + Scripts.Account);
        var account = (await client.WaitForAsync("subscribed", "v4_subaccounts", Id))["data"]!["subaccount"]!;
        Assert.Equal(("0", "0"), ((string?)account["equity"], (string?)account["freeCollateral"]));
        await indexer.TellAsync("v4_subaccounts", Id, $$"""{"perpetualPositions":[{"address":"{{Scripts.Account}}","subaccountNumber":0,"positionId":"p","market":"BTC-USD","side":"LONG","status":"OPEN","size":"123456789012345.000001","maxSize":"1","netFunding":"0","entryPrice":"0","sumOpen":"1","sumClose":"0"}],"blockHeight":"3"}""");
        var update = await client.WaitForAsync("account_update", "v4_subaccounts", Id);
        var position = update["data"]!["subaccount"]!["openPerpetualPositions"]!["BTC-USD"]!;
        Assert.Equal("152345.677641233730001234", (string?)position["notional"]);
        Assert.Equal("152345.677641233730001234", (string?)update["data"]!["subaccount"]!["equity"]);
    }

    [Fact]
    public async Task An_order_first_seen_by_its_removal_invents_nothing_and_new_names_pass_untouched()
    {
        await using var indexer = await ScriptedIndexer.StartAsync();
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&address=" + Scripts.Account);
        await client.WaitForAsync("subscribed", "v4_trades", Id);
        await client.WaitForAsync("subscribed", "v4_orders", Id);
        await client.SubscribedAsync("v4_markets");
        await indexer.TellAsync("v4_subaccounts", Id, """{"orders":[{"id":"O","subaccountId":"S","clientId":"7","orderFlags":"0","status":"CANCELED","removalReason":"X"}],"blockHeight":"3"}""");
        var order = (await client.WaitForAsync("order_update", "v4_orders", Id))["data"]!["orders"]![0]!.AsObject();
        Assert.Equal(("CANCELED", "7", "X"), ((string?)order["status"], (string?)order["clientId"], (string?)order["removalReason"]));
        Assert.DoesNotContain(order, field => field.Key is "price" or "size" or "side" or "totalFilled");
        var from = client.Frames.Count;
        var grown = Fill("F", ""","orderRouterFee":"0.1","positionSideBefore":null,"type":"TWAP_SUBORDER","later":"x" """);
        await indexer.TellAsync("v4_subaccounts", Id, """{"orders":[{"id":"N","subaccountId":"S","clientId":"8","orderFlags":"512","status":"OPEN","type":"TWAP_SUBORDER","size":"2","totalFilled":"0","price":"1","brandNew":{"a":[1]}}],"fills":[""" + grown + """],"blockHeight":"4"}""");
        var fresh = (await client.WaitForAsync("order_update", "v4_orders", Id, from))["data"]!["orders"]![0]!;
        Assert.Equal(("512", "TWAP_SUBORDER", """{"a":[1]}"""), ((string?)fresh["orderFlags"], (string?)fresh["type"], fresh["brandNew"]!.ToJsonString()));
        var fill = (await client.WaitForAsync("trade_update", "v4_trades", Id, from))["data"]!["trades"]![0]!;
        Assert.Equal(("0.1", "x", "TWAP_SUBORDER"), ((string?)fill["orderRouterFee"], (string?)fill["later"], (string?)fill["type"]));
        await indexer.TellAsync("v4_markets", "", """{"trading":{"NEW-USD":{"ticker":"NEW-USD","status":"SOMETHING_NEW","clobPairId":"9","oraclePrice":"1"}}}""");
        var market = (await client.WaitForAsync("market_update"))["data"]!["markets"]!["NEW-USD"]!;
        Assert.Equal("SOMETHING_NEW", (string?)market["status"]);
    }

    [Fact]
    public async Task A_fill_told_twice_is_one_and_a_cancel_does_not_lower_what_was_filled()
    {
        await using var indexer = await ScriptedIndexer.StartAsync();
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&address=" + Scripts.Account);
        await client.WaitForAsync("subscribed", "v4_trades", Id);
        await indexer.TellAsync("v4_subaccounts", Id, $$"""{"orders":[{"id":"O","subaccountId":"S","clientId":"7","orderFlags":"64","size":"3","status":"OPEN","totalFilled":"1"}],"fills":[{{Fill("F1")}}],"blockHeight":"3"}""");
        await indexer.TellAsync("v4_subaccounts", Id, $$"""{"orders":[{"id":"O","subaccountId":"S","clientId":"7","orderFlags":"64","status":"CANCELED"}],"fills":[{{Fill("F1")}},{{Fill("F2")}}],"blockHeight":"4"}""");
        await client.WaitAsync(_ => client.Told("v4_trades", Id, "trades").Count() >= 2, "both fills");
        await client.WaitAsync(_ => client.Told("v4_orders", Id, "orders").Any(order => (string?)order["status"] == "CANCELED"), "the cancel");
        Assert.Equal(["F1", "F2"], client.Told("v4_trades", Id, "trades").Select(fill => (string?)fill["id"]));
        var last = client.Told("v4_orders", Id, "orders").Last();
        Assert.Equal(("CANCELED", "1"), ((string?)last["status"], (string?)last["totalFilled"]));
    }

    [Theory]
    [InlineData(90)]
    [InlineData(-90)]
    public async Task A_clock_that_is_off_makes_no_block_old(int secondsOff)
    {
        await using var indexer = await ScriptedIndexer.StartAsync();
        string Theirs() => TimeProvider.System.GetUtcNow().AddSeconds(-secondsOff).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        indexer.Rest = path => path == "/time" ? (200, Scripts.TimeOf(TimeProvider.System.GetUtcNow().AddSeconds(-secondsOff))) : Scripts.Rest(path);
        await using var gateway = await StartAsync(indexer);
        await using var client = await gateway.ConnectAsync("&address=" + Scripts.Account);
        await client.WaitForAsync("subscribed", "v4_trades", Id);
        await client.SubscribedAsync("v4_block_height");
        await indexer.UntilAsync(() => indexer.Requests.Contains("/time"), "the Indexer's clock asked for");
        JsonNode chain = new JsonObject(), account = new JsonObject();
        for (var height = 3; height < 60 && (string?)account["lag_ms"]?.ToJsonString() is null or "null"; height++)
        {
            var from = client.Frames.Count;
            await indexer.TellAsync("v4_block_height", "", $$"""{"blockHeight":"{{height}}","time":"{{Theirs()}}"}""");
            await client.WaitForAsync("block_update", from: from);
            account = JsonNode.Parse(await gateway.Http.GetStringAsync(new Uri(gateway.Address, "/ws/status/" + Scripts.Account), TestContext.Current.CancellationToken))!;
            chain = JsonNode.Parse(await gateway.Http.GetStringAsync(new Uri(gateway.Address, "/ws/status"), TestContext.Current.CancellationToken))!["chain"]!;
        }

        Assert.InRange((double)account["lag_ms"]!, 0, 5000);
        Assert.True((bool)account["is_healthy"]!);
        Assert.Equal("live", (string?)chain["state"]);
        Assert.InRange((double)chain["age_ms"]!, 0, 20_000);
        Assert.DoesNotContain(client.Frames, frame => frame["data"]?["reason"] is JsonValue reason && ((string)reason!).Contains("trailing", StringComparison.Ordinal));
    }

    private static Task<BuiltGateway> StartAsync(ScriptedIndexer indexer) =>
        BuiltGateway.StartOnAsync(indexer.WebSocketUrl, indexer.RestUrl, [("LANG", "de_DE.UTF-8"), ("LC_ALL", "de_DE.UTF-8")], "Access:Mode=open");

    private static string Fill(string id, string more = "") =>
        $$"""{"id":"{{id}}","subaccountId":"S","side":"BUY","liquidity":"TAKER","clobPairId":"0","size":"1","price":"100","quoteAmount":"100","eventId":"00000003000000020000000{{id[^1] % 10}}","transactionHash":"h","createdAt":"2026-01-01T00:00:03.000Z","createdAtHeight":"3","orderId":"O","ticker":"BTC-USD","fee":"0"{{more}}}""";
}
