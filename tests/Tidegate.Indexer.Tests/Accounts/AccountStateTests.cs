using System.Buffers;
using System.Text.Json;
using Tidegate.Indexer.Accounts;
using Tidegate.Indexer.Markets;

namespace Tidegate.Indexer.Tests.Accounts;

public class AccountStateTests
{
    private readonly AccountState account = new("dydx1aaa", 0);
    private readonly MarketTable markets = new();

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private void Market(string ticker, string oracle, string imf = "0.05", string mmf = "0.03") =>
        Assert.True(markets.ApplyUpdate(Json($$$"""{"trading":{"{{{ticker}}}":{"oraclePrice":"{{{oracle}}}","initialMarginFraction":"{{{imf}}}","maintenanceMarginFraction":"{{{mmf}}}" } } }"""), new ArrayBufferWriter<byte>()));

    private bool Whole(string json) => account.ApplyWhole(Json(json));

    private bool Frame(string positions, string assets, long height) =>
        account.ApplyFrame(positions.Length == 0 ? default : Json(positions), assets.Length == 0 ? default : Json(assets), height);

    private JsonElement Value()
    {
        var body = new ArrayBufferWriter<byte>();
        account.Write(body, markets);
        return Json(System.Text.Encoding.UTF8.GetString(body.WrittenSpan));
    }

    private string? Told(string name) => Value().GetProperty(name).GetString();

    [Fact]
    public void The_margin_of_a_short_is_computed_without_its_sign()
    {
        // cases.md 38
        Market("ETH-USD", "3000");
        Assert.True(Whole("""{"openPerpetualPositions":{"ETH-USD":{"market":"ETH-USD","side":"SHORT","status":"OPEN","size":"-2","entryPrice":"3100"}},"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"10000"}},"latestProcessedBlockHeight":"7"}"""));
        Assert.Equal(("4000", "300", "3700", "180", "300"), (Told("equity"), Told("initialMargin"), Told("freeCollateral"), Told("maintenanceMargin"), Told("marginUsed")));
        Assert.Equal(("1.5", "0.075", "200"), (Told("leverage"), Told("marginUsage"), Told("unrealizedPnl")));
        var position = Value().GetProperty("openPerpetualPositions").GetProperty("ETH-USD");
        Assert.Equal(("-2", "-6000", "180"), (position.GetProperty("size").GetString(), position.GetProperty("notional").GetString(), position.GetProperty("maintenanceMargin").GetString()));

        // (0 − 6000 − 4000) ÷ (−2 − 0.06)
        Assert.Equal("4854.368932038835", position.GetProperty("liquidationPrice").GetString());
        Assert.Equal("7", Told("blockHeight"));
    }

    [Fact]
    public void An_account_that_never_was_shows_zeros_and_becomes_real_with_its_first_deposit()
    {
        // cases.md 35
        Assert.True(Whole("{}"));
        Assert.Equal(("0", "0"), (Told("equity"), Told("freeCollateral")));
        Assert.Equal(JsonValueKind.Null, Value().GetProperty("leverage").ValueKind);
        Assert.True(Frame("", """[{"symbol":"USDC","side":"LONG","size":"25","assetId":"0"}]""", 5));
        Assert.Equal("25", Told("equity"));
        Assert.False(account.ApplyWhole(default));
        Assert.Equal("25", Told("equity"));
    }

    [Fact]
    public void The_side_says_the_sign_and_a_closed_position_disappears()
    {
        // cases.md 41
        Market("ETH-USD", "3000");
        Assert.True(Frame("""[{"market":"ETH-USD","positionId":"p","side":"SHORT","size":"2","status":"OPEN","entryPrice":"3000"}]""", "", 5));
        Assert.Equal("-6000", Told("equity"));
        Assert.True(account.HasPositions);
        Assert.True(Frame("""[{"market":"ETH-USD","positionId":"p","side":"SHORT","size":"0","status":"CLOSED","exitPrice":"3000"}]""", "", 6));
        Assert.False(account.HasPositions);
        Assert.Equal("0", Told("equity"));
    }

    [Fact]
    public void A_side_flip_ends_with_the_new_position_and_nothing_of_the_old()
    {
        Frame("""[{"market":"ETH-USD","positionId":"p","side":"LONG","size":"2","status":"OPEN","entryPrice":"3000","exitPrice":"1"}]""", "", 5);
        Assert.True(Frame("""[{"market":"ETH-USD","positionId":"p","side":"LONG","size":"0","status":"CLOSED"},{"market":"ETH-USD","positionId":"q","side":"SHORT","size":"-1","status":"OPEN","entryPrice":"3100"}]""", "", 6));
        var position = Value().GetProperty("openPerpetualPositions").GetProperty("ETH-USD");
        Assert.Equal("q", position.GetProperty("positionId").GetString());
        Assert.False(position.TryGetProperty("exitPrice", out _));

        // A late close of the old one leaves the new one alone.
        Frame("""[{"market":"ETH-USD","positionId":"p","side":"LONG","size":"0","status":"CLOSED"}]""", "", 6);
        Assert.True(account.HasPositions);
    }

    [Fact]
    public void Neither_an_older_answer_nor_an_older_frame_takes_the_account_back()
    {
        Assert.True(Whole("""{"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"100"}},"latestProcessedBlockHeight":"50"}"""));
        Assert.False(Frame("", """[{"symbol":"USDC","side":"LONG","size":"90"}]""", 50));
        Assert.True(Frame("", """[{"symbol":"USDC","side":"LONG","size":"110"}]""", 60));
        Assert.False(Frame("", """[{"symbol":"USDC","side":"LONG","size":"105"}]""", 59));
        Assert.False(Whole("""{"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"100"}},"latestProcessedBlockHeight":"55"}"""));
        Assert.Equal("110", Told("equity"));
        Assert.True(Whole("""{"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"111"}},"latestProcessedBlockHeight":"61"}"""));
        Assert.Equal(("111", 61), (Told("equity"), account.ProcessedHeight));
    }

    [Fact]
    public void Funding_is_shown_and_never_added_and_the_two_meanings_are_not_mixed()
    {
        // cases.md 40
        Market("BTC-USD", "100");
        Whole("""{"openPerpetualPositions":{"BTC-USD":{"market":"BTC-USD","side":"LONG","size":"1","entryPrice":"100","netFunding":"-3","realizedPnl":"1"}},"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"998"}},"latestProcessedBlockHeight":"5"}""");
        Assert.Equal("1098", Told("equity"));
        Frame("""[{"market":"BTC-USD","positionId":"p","side":"LONG","status":"OPEN","size":"1","entryPrice":"100","netFunding":"-2","realizedPnl":"7"}]""", """[{"symbol":"USDC","side":"LONG","size":"998"}]""", 6);
        Assert.Equal("1098", Told("equity"));
        var position = Value().GetProperty("openPerpetualPositions").GetProperty("BTC-USD");
        Assert.Equal(("-3", "1"), (position.GetProperty("netFunding").GetString(), position.GetProperty("realizedPnl").GetString()));
    }

    [Fact]
    public void An_empty_text_is_zero_and_a_broken_number_refuses_the_whole()
    {
        // cases.md 36
        Assert.True(Whole("""{"equity":"","freeCollateral":"","openPerpetualPositions":{},"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":""}},"marginEnabled":true}"""));
        Assert.Equal("0", Told("equity"));
        Assert.True(Value().GetProperty("marginEnabled").GetBoolean());
        Assert.False(Whole("""{"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"12x"}}}"""));
        Assert.False(Whole("""{"assetPositions":[]}"""));
        Assert.False(Whole("[]"));
        Assert.False(Frame("""[{"market":"A","size":"123456789012345678901234567890","status":"OPEN"}]""", "", 9));
        Assert.False(Frame("{}", "", 9));
    }

    [Fact]
    public void A_notional_is_exact_to_its_last_digit_and_never_has_an_exponent()
    {
        // cases.md 45
        Market("X-USD", "0.000000001234");
        Whole("""{"openPerpetualPositions":{"X-USD":{"market":"X-USD","side":"LONG","size":"123456789012345.000001","entryPrice":"0.000000001234"}}}""");
        Assert.Equal("152345.677641233730001234", Told("equity"));
    }

    [Fact]
    public void Without_an_oracle_price_a_position_counts_at_its_last_told_value()
    {
        Whole("""{"openPerpetualPositions":{"X-USD":{"market":"X-USD","side":"LONG","size":"2","entryPrice":"10","unrealizedPnl":"3"},"Y-USD":{"market":"Y-USD","side":"LONG","size":"2"}},"assetPositions":{"USDC":{"symbol":"USDC","side":"SHORT","size":"5"}}}""");
        Assert.Equal(("18", "3"), (Told("equity"), Told("unrealizedPnl")));
    }

    [Fact]
    public void Numbers_beyond_what_fits_are_told_as_unknown()
    {
        Market("X-USD", "70000000000000000000000000000");
        Assert.True(Whole("""{"openPerpetualPositions":{"X-USD":{"market":"X-USD","side":"LONG","size":"1000","entryPrice":"1"}}}"""));
        Assert.Equal(JsonValueKind.Null, Value().GetProperty("equity").ValueKind);
    }

    [Fact]
    public void A_parent_is_the_sum_of_its_children()
    {
        Market("ETH-USD", "3000");
        var child = new AccountState("dydx1aaa", 128);
        Whole("""{"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"5e-7"}},"latestProcessedBlockHeight":"9"}""");
        child.ApplyWhole(Json("""{"openPerpetualPositions":{"ETH-USD":{"market":"ETH-USD","side":"SHORT","size":"-2","entryPrice":"3000"}},"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"10000"}}}"""));
        var body = new ArrayBufferWriter<byte>();
        ParentAccount.Write(body, "dydx1aaa", 0, [child, account], markets);
        var value = Json(System.Text.Encoding.UTF8.GetString(body.WrittenSpan));
        Assert.Equal(("4000.0000005", "3700.0000005", "1.499999999813"), (value.GetProperty("equity").GetString(), value.GetProperty("freeCollateral").GetString(), value.GetProperty("leverage").GetString()));
        Assert.Equal([0, 128], value.GetProperty("childSubaccounts").EnumerateArray().Select(c => c.GetProperty("subaccountNumber").GetInt32()));
        Assert.Equal("9", value.GetProperty("blockHeight").GetString());
    }
}
