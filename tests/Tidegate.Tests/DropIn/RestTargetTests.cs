using Tidegate.DropIn;

namespace Tidegate.Tests.DropIn;

/// <summary>Which request lines may reach the Indexer, and as what.</summary>
public sealed class RestTargetTests
{
    private const string Address = "dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4";

    [Theory]
    [InlineData("/v4/height", "/height")]
    [InlineData("/v4/height/", "/height/")]
    [InlineData("/v4/orderbooks/perpetualMarket/BTC-USD", "/orderbooks/perpetualMarket/BTC-USD")]
    [InlineData("/v4/orderbooks/perpetualMarket/FOO,RAYDIUM,4k3D-USD", "/orderbooks/perpetualMarket/FOO,RAYDIUM,4k3D-USD")]
    [InlineData("/v4/orderbooks/perpetualMarket/FOO%2CBAR-USD", "/orderbooks/perpetualMarket/FOO%2CBAR-USD")]
    [InlineData("/v4/candles/perpetualMarkets/BTC-USD?resolution=1MIN&fromISO=2026-01-01T00%3A00%3A00Z", "/candles/perpetualMarkets/BTC-USD?resolution=1MIN&fromISO=2026-01-01T00%3A00%3A00Z")]
    [InlineData("/v4/fills?b=2&a=1&&x", "/fills?b=2&a=1&&x")]
    [InlineData("/v4/fills?token=secret&limit=5", "/fills?limit=5")]
    [InlineData("/v4/fills?limit=5&Token=secret&%74oken=secret&tok%65n=secret", "/fills?limit=5")]
    [InlineData("/v4/fills?token=secret", "/fills")]
    [InlineData("/v4/fills?tokens=1&atoken=2", "/fills?tokens=1&atoken=2")]
    [InlineData("/v4/fills?url=http://evil.example/..%2f", "/fills?url=http://evil.example/..%2f")]
    [InlineData("/t/abc.def.ghi/v4/time?x=1", "/time?x=1")]
    public void What_the_indexer_could_mean_goes_on_to_the_byte_without_the_token(string target, string asked) => Assert.Equal(asked, RestTarget.Parse(target)?.PathAndQuery);

    [Fact]
    public void The_paths_prefix_brings_the_token() => Assert.Equal("abc.def.ghi", RestTarget.Parse("/t/abc.def.ghi/v4/time")?.Token);

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v4")]
    [InlineData("/v4/")]
    [InlineData("/v4?x=1")]
    [InlineData("/v5/height")]
    [InlineData("/V4/height")]
    [InlineData("v4/height")]
    [InlineData("//v4/height")]
    [InlineData("/v4//height")]
    [InlineData("/v4/height//")]
    [InlineData("/v4/.")]
    [InlineData("/v4/..")]
    [InlineData("/v4/./height")]
    [InlineData("/v4/../height")]
    [InlineData("/v4/a/../../height")]
    [InlineData("/v4/%2e%2e/height")]
    [InlineData("/v4/%2E/height")]
    [InlineData("/v4/.%2e/height")]
    [InlineData("/v4/..%2fheight")]
    [InlineData("/v4/a%2f..%2fheight")]
    [InlineData("/v4/..%5cheight")]
    [InlineData("/v4/..\\height")]
    [InlineData("/v4/a\\b")]
    [InlineData("/v4/%00")]
    [InlineData("/v4/height%00")]
    [InlineData("/v4/height%0d%0aHost:%20evil.example")]
    [InlineData("/v4/height\r\nHost: evil.example")]
    [InlineData("/v4/height\n")]
    [InlineData("/v4/height x")]
    [InlineData("/v4/height\tx")]
    [InlineData("/v4/height#x")]
    [InlineData("/v4/height?x#y")]
    [InlineData("/v4/height?x y")]
    [InlineData("/v4/height?a\\b")]
    [InlineData("/v4/height?\u00e9")]
    [InlineData("/v4/\u00e9")]
    [InlineData("/v4@evil.example/height")]
    [InlineData("/v4/@evil.example/height")]
    [InlineData("/v4/user:pass@evil.example")]
    [InlineData("/v4/http://evil.example/")]
    [InlineData("/v4/height;x=1")]
    [InlineData("/v4/a%2")]
    [InlineData("/v4/a%")]
    [InlineData("/v4/%2f%2fevil.example")]
    [InlineData("/v4/[::1]/height")]
    [InlineData("http://evil.example/v4/height")]
    [InlineData("https://indexer.dydx.trade/v4/height")]
    [InlineData("*")]
    [InlineData("evil.example:443")]
    [InlineData("/t/v4/height")]
    [InlineData("/t/abc")]
    [InlineData("/t/abc/v4")]
    [InlineData("/t/abc/t/def/v4/height")]
    [InlineData("/t/abc/../v4/height")]
    public void Nothing_else_does(string target) => Assert.Null(RestTarget.Parse(target));

    [Theory]
    [InlineData("/v4/addresses/" + Address)]
    [InlineData("/v4/fills?subaccountNumber=0&address=" + Address)]
    [InlineData("/v4/fills?address=%64ydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4")]
    [InlineData("/v4/fills?addr%65ss=" + Address)]
    [InlineData("/v4/trades/perpetualMarket/BTC-USD?x=" + Address)]
    public void Every_address_in_it_is_found(string target)
    {
        var parsed = RestTarget.Parse(target)!;
        Assert.Equal([Address], parsed.Accounts);
        Assert.False(parsed.IsOfMarkets);
    }

    [Theory]
    [InlineData("/v4/fills?address=+" + Address)]
    [InlineData("/v4/fills?address=" + Address + "%20")]
    [InlineData("/v4/fills?address=DYDX199TQG4WDLNU4QJLXCHPD7SEG454937HJRKNJU4")]
    [InlineData("/v4/fills?address=x," + Address)]
    public void What_resembles_an_address_is_found_and_equals_none(string target) =>
        Assert.NotEqual(Address, Assert.Single(RestTarget.Parse(target)!.Accounts));

    [Theory]
    [InlineData("/v4/orders/1b2c", "1b2c")]
    [InlineData("/v4/orders/1b2c/?x=1", "1b2c")]
    [InlineData("/v4/orders?address=x", null)]
    [InlineData("/v4/orders/parentSubaccountNumber?address=x", null)]
    [InlineData("/v4/fills/1b2c", null)]
    public void One_order_is_asked_for_by_its_id(string target, string? id) => Assert.Equal(id, RestTarget.Parse(target)!.OrderId);

    [Theory]
    [InlineData("/v4/height", true)]
    [InlineData("/v4/perpetualMarkets?ticker=BTC-USD", true)]
    [InlineData("/v4/fills?market=BTC-USD", false)]
    [InlineData("/v4/orders/1b2c", false)]
    public void Market_data_is_what_names_no_account(string target, bool ofMarkets) => Assert.Equal(ofMarkets, RestTarget.Parse(target)!.IsOfMarkets);
}
