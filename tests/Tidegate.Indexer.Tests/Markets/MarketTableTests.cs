using System.Buffers;
using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Markets;

namespace Tidegate.Indexer.Tests.Markets;

public class MarketTableTests
{
    private readonly MarketTable table = new();

    private string? Apply(string json, bool snapshot = false)
    {
        var body = new ArrayBufferWriter<byte>();
        using var document = JsonDocument.Parse(json);
        var changed = snapshot ? table.ApplySnapshot(document.RootElement, body) : table.ApplyUpdate(document.RootElement, body);
        Assert.Equal(changed, body.WrittenCount > 0);
        return changed ? Encoding.UTF8.GetString(body.WrittenSpan) : null;
    }

    private string State()
    {
        var body = new ArrayBufferWriter<byte>();
        table.WriteState(body);
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }

    [Fact]
    public void An_update_tells_only_what_changed_and_unknown_fields_stay()
    {
        Apply("""{"markets":{"BTC-USD":{"clobPairId":"0","ticker":"BTC-USD","status":"ACTIVE","oraclePrice":"100","initialMarginFraction":"0.05","maintenanceMarginFraction":"0.03","atomicResolution":-10,"quantumConversionExponent":-9,"trades24H":5,"newThing":{"a":1}}}}""", snapshot: true);
        Assert.Equal("""{"markets":{"BTC-USD":{"trades24H":6}}}""", Apply("""{"trading":{"BTC-USD":{"status":"ACTIVE","trades24H":6}}}"""));
        Assert.Null(Apply("""{"trading":{"BTC-USD":{"trades24H":6}}}"""));
        var version = table.TermsVersion;
        Assert.Equal("""{"markets":{"BTC-USD":{"oraclePrice":"101.50","oracleEffectiveAt":"t"}}}""", Apply("""{"oraclePrices":{"BTC-USD":{"oraclePrice":"101.50","effectiveAt":"t","effectiveAtHeight":"5","marketId":0}}}"""));
        Assert.Equal(version + 1, table.TermsVersion);
        Assert.True(table.TryGetByClobPair("0", out var terms));
        Assert.Equal(new MarketTerms("BTC-USD", "0", 101.50m, 0.05m, 0.03m, -10, -9), terms);
        Assert.Contains("\"newThing\":{\"a\":1}", State(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_market_first_seen_in_an_update_appears_whatever_its_name_and_status()
    {
        Assert.NotNull(Apply("""{"trading":{"ABC,uniswap_v3,0x1/e5-USD":{"ticker":"ABC,uniswap_v3,0x1/e5-USD","status":"SOMETHING_NEW","oraclePrice":null}}}"""));
        Assert.Equal(1, table.Count);
        Assert.True(table.TryGet("ABC,uniswap_v3,0x1/e5-USD", out var terms));
        Assert.Null(terms.OraclePrice);
    }

    [Fact]
    public void A_price_of_a_snapshot_does_not_keep_the_time_of_another()
    {
        Apply("""{"oraclePrices":{"A":{"oraclePrice":"1","effectiveAt":"t"}}}""");
        Assert.Equal("""{"markets":{"A":{"oraclePrice":"2","oracleEffectiveAt":null}}}""", Apply("""{"markets":{"A":{"oraclePrice":"2"}}}""", snapshot: true));
    }

    [Theory]
    [InlineData("""{"trading":{"A":{"trades24H":1},"B":5}}""")]
    [InlineData("""{"trading":{"A":{"oraclePrice":"x"}}}""")]
    [InlineData("""{"trading":[]}""")]
    [InlineData("""{"oraclePrices":{"A":null}}""")]
    [InlineData("""{"trading":{"A":{"trades24H":1}},"oraclePrices":5}""")]
    [InlineData("""[]""")]
    public void What_does_not_fit_changes_nothing(string json)
    {
        Assert.Null(Apply(json));
        Assert.Null(Apply(json, snapshot: true));
        Assert.Equal("""{"markets":{}}""", State());
    }
}
