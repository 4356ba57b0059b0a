namespace Tidegate.Tests.Transcripts;

/// <summary>Frames and answers of an Indexer with two markets and nothing going on.</summary>
internal static class Scripts
{
    public const string Account = "dydx1n88uc38xhjgxzw9nwre4ep2c8ga4fjxc565lnf";

    public const string Markets = """{"markets":{"BTC-USD":{"clobPairId":"0","ticker":"BTC-USD","status":"ACTIVE","oraclePrice":"15000","priceChange24H":"0","volume24H":"0","trades24H":0,"nextFundingRate":"0","initialMarginFraction":"0.05","maintenanceMarginFraction":"0.03","openInterest":"0","atomicResolution":-10,"quantumConversionExponent":-9,"tickSize":"1","stepSize":"0.0001","stepBaseQuantums":1000000,"subticksPerTick":100000,"marketType":"CROSS","baseOpenInterest":"0"},"ETH-USD":{"clobPairId":"1","ticker":"ETH-USD","status":"ACTIVE","oraclePrice":"3000","priceChange24H":"0","volume24H":"0","trades24H":0,"nextFundingRate":"0","initialMarginFraction":"0.05","maintenanceMarginFraction":"0.03","openInterest":"0","atomicResolution":-9,"quantumConversionExponent":-9,"tickSize":"0.1","stepSize":"0.001","stepBaseQuantums":1000000,"subticksPerTick":100000,"marketType":"CROSS","baseOpenInterest":"0"}}}""";

    public const string Book = """{"bids":[{"price":"100","size":"5"},{"price":"99","size":"1"}],"asks":[{"price":"101","size":"4"},{"price":"102","size":"2"}]}""";

    public static string Plain(Subscribe topic) => Subscribed(topic.Channel, topic.Id, ContentsOf(topic.Channel));

    /// <summary>As <see cref="Plain"/>, with other contents for one topic.</summary>
    public static Func<Subscribe, string?> With(string channel, string id, Func<int, string?> contents) => topic =>
        topic.Channel != channel || topic.Id != id ? Plain(topic) : contents(topic.Attempt) is { } own ? Subscribed(channel, id, own) : null;

    public static string Subscribed(string channel, string id, string contents) => Frame("subscribed", channel, id, contents);

    public static string Data(string channel, string id, string contents) => Frame("channel_data", channel, id, contents);

    public static string Error(string message) => $$"""{"type":"error","message":"{{message}}","connection_id":"c","message_id":1}""";

    public static string Frame(string type, string channel, string id, string? contents)
    {
        var named = channel switch { "v4_markets" => "", "v4_block_height" => "v4_block_height", _ => id };
        return $$"""{"type":"{{type}}","connection_id":"c","message_id":1,"channel":"{{channel}}"{{(named.Length == 0 ? "" : $",\"id\":\"{named}\"")}},"version":"3.0.0"{{(contents is null ? "" : ",\"contents\":" + contents)}}}""";
    }

    public static (int Status, string Body) Rest(string path) => path switch
    {
        _ when path.StartsWith("/perpetualMarkets", StringComparison.Ordinal) => (200, Markets),
        _ when path.StartsWith("/height", StringComparison.Ordinal) => (200, """{"height":"2","time":"2026-01-01T00:00:00.000Z"}"""),
        _ when path.StartsWith("/time", StringComparison.Ordinal) => (200, TimeOf(TimeProvider.System.GetUtcNow())),
        _ when path.StartsWith("/orderbooks", StringComparison.Ordinal) => (200, Book),
        _ when path.StartsWith("/trades", StringComparison.Ordinal) => (200, """{"trades":[]}"""),
        _ when path.StartsWith("/candles", StringComparison.Ordinal) => (200, """{"candles":[]}"""),
        _ when path.StartsWith("/orders?", StringComparison.Ordinal) || path.StartsWith("/orders/parent", StringComparison.Ordinal) => (200, "[]"),
        _ when path.StartsWith("/fills", StringComparison.Ordinal) => (200, """{"fills":[],"pageSize":1000,"totalResults":0,"offset":0}"""),
        _ => (404, """{"errors":[{"msg":"not found"}]}"""),
    };

    public static string TimeOf(DateTimeOffset now) => $$"""{"iso":"{{now:yyyy-MM-ddTHH:mm:ss.fffZ}}","epoch":{{now.ToUnixTimeMilliseconds() / 1000.0:0.000}}}""";

    private static string ContentsOf(string channel) => channel switch
    {
        "v4_markets" => Markets,
        "v4_block_height" => """{"height":"2","time":"2026-01-01T00:00:00.000Z"}""",
        "v4_orderbook" => Book,
        "v4_trades" => """{"trades":[]}""",
        "v4_candles" => """{"candles":[]}""",
        _ => "{}",
    };
}
