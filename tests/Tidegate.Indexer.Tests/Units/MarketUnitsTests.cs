using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Tests.Units;

public class MarketUnitsTests
{
    private static readonly MarketUnits Btc = new(-10, -9);

    [Fact]
    public void The_examples_of_the_protocol_come_out()
    {
        Assert.True(Btc.TrySize(1_000_000, out var size));
        Assert.Equal("0.0001", DecimalText.ToText(size));
        Assert.True(Btc.TryPrice(5_000_000_000, out var price));
        Assert.Equal("50000", DecimalText.ToText(price));
        Assert.True(new MarketUnits(-9, -9).TryPrice(1_000_000, out price));
        Assert.Equal("1", DecimalText.ToText(price));
        Assert.Equal((0.0001m, 1m), (Btc.StepSize(1_000_000), Btc.TickSize(100_000)));
        Assert.Equal("0.0000000000000000001", DecimalText.ToText(new MarketUnits(-1, -14).TickSize(1)!.Value));
        Assert.True(MarketUnits.TryUsdc(1_500_000, out var usdc));
        Assert.Equal(1.5m, usdc);
    }

    [Fact]
    public void What_is_no_whole_number_of_steps_or_does_not_fit_is_refused()
    {
        Assert.False(Btc.TryQuantums(0.00000000001m, out _));
        Assert.False(new MarketUnits(-29, 0).TrySize(1, out _));
        Assert.False(new MarketUnits(20, 0).TrySize(10_000_000_000, out _));
    }

    [Fact]
    public void There_and_back_is_the_same_for_any_resolution() => Gen.Select(Gen.Long, Gen.Int[-18, 4], Gen.Int[-12, 4]).Sample(
        (whole, resolution, exponent) =>
        {
            var units = new MarketUnits(resolution, exponent);
            return (!units.TrySize(whole, out var size) || (units.TryQuantums(size, out var quantums) && quantums == whole))
                && (!units.TryPrice(whole, out var price) || (units.TrySubticks(price, out var subticks) && subticks == whole));
        },
        iter: 100_000);

    [Fact]
    public void The_briefs_orders_are_converted_with_their_market_and_pass_without_one()
    {
        var markets = new MarketTable();
        using (var snapshot = JsonDocument.Parse("""{"markets":{"BTC-USD":{"clobPairId":"0","atomicResolution":-10,"quantumConversionExponent":-9}}}"""))
        {
            markets.ApplySnapshot(snapshot.RootElement, new ArrayBufferWriter<byte>());
        }

        using var contents = JsonDocument.Parse("""{"orders":[{"id":"a","quantums":"1000000","subticks":5000000000,"ticker":"BTC-USD"},{"id":"b","quantums":"1000000","clobPairId":"0"},{"id":"c","quantums":"5"},{"id":"d","subticks":"100000","size":"7"}]}""");
        var rows = BriefFrames.Orders(contents.RootElement, markets, id => id == "d" ? "BTC-USD" : null)!;
        Assert.Equal(
            [
                """{"id":"a","ticker":"BTC-USD","size":"0.0001","price":"50000"}""",
                """{"id":"b","clobPairId":"0","size":"0.0001"}""",
                """{"id":"c","quantums":"5"}""",
                """{"id":"d","size":"7","price":"1"}""",
            ],
            rows.Select(Encoding.UTF8.GetString));
        Assert.Null(BriefFrames.Orders(default, markets));
    }

    [Fact]
    public void The_briefs_account_is_in_quote_quantums()
    {
        using var contents = JsonDocument.Parse("""{"subaccount":{"equity":"1500000","freeCollateral":1000000}}""");
        Assert.Equal(new BriefSubaccount(1.5m, 1m, null), BriefFrames.Subaccount(contents.RootElement));
        using var other = JsonDocument.Parse("""{"subaccount":{"equity":"1.5"}}""");
        Assert.Null(BriefFrames.Subaccount(other.RootElement));
    }
}
