using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Trades;

namespace Tidegate.Indexer.Tests.Trades;

public class EventTests
{
    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static string Text(EventRow? row) => Encoding.UTF8.GetString(row!.Json);

    private static EventRow Row(string id, long height) => new(id, height, "", "{}"u8.ToArray());

    [Fact]
    public void A_trade_passes_as_it_is_with_its_height_from_the_field_or_the_id()
    {
        const string Trade = """{"id":"03f89a550000000200000002","side":"BUY","size":"0.0001","price":"89942","createdAt":"t"}""";
        var row = EventRows.Trade(Json(Trade));
        Assert.Equal((Trade, 0x03f89a55L, "t"), (Text(row), row!.Height, row.CreatedAt));
        Assert.Equal(7, EventRows.Trade(Json("""{"id":"1e5","createdAtHeight":7}"""))!.Height);
        Assert.Null(EventRows.Trade(Json("""{"size":"1"}""")));
        Assert.Null(EventRows.Trade(Json("5")));
    }

    [Fact]
    public void A_fill_of_frame_or_rest_carries_ticker_account_and_subaccount_and_nothing_is_lost()
    {
        Assert.Equal(
            """{"id":"F","market":"BTC-USD","fee":"0.0000001","orderRouterFee":"","positionSideBefore":null,"ticker":"BTC-USD","account":true,"subaccountNumber":3}""",
            Text(EventRows.Fill(Json("""{"id":"F","market":"BTC-USD","fee":"1e-7","orderRouterFee":"","positionSideBefore":null}"""), 3)));
        var old = EventRows.Fill(Json("""{"id":"F","ticker":"BTC-USD","type":"DELEVERAGED","eventId":{"type":"Buffer","data":[0,0,0,100,0,0,0,2,0,0,0,1]}}"""), 0);
        Assert.Equal("""{"id":"F","ticker":"BTC-USD","type":"DELEVERAGED","eventId":"000000640000000200000001","account":true,"subaccountNumber":0}""", Text(old));
        Assert.Equal(100, old!.Height);
    }

    [Fact]
    public void Two_equal_transfers_of_which_the_stream_told_one_are_two()
    {
        // cases.md 27
        const string Fields = """ "sender":{"address":"a","subaccountNumber":0},"recipient":{"address":"b"},"symbol":"USDC","size":"5","transactionHash":"H","createdAtHeight":"90" """;
        var log = new EventLog(100);
        Assert.True(log.Add(EventRows.Transfer(Json($"{{{Fields}}}"), 0)!, fromStream: true));
        var (x, y) = (EventRows.Transfer(Json($"{{\"id\":\"x\",{Fields}}}"), 0)!, EventRows.Transfer(Json($"{{\"id\":\"y\",{Fields.Replace("\"5\"", "\"5.0\"", StringComparison.Ordinal)}}}"), 0)!);
        Assert.Equal(x.Identity, y.Identity);
        Assert.True(log.Adopt(x));
        Assert.False(log.Adopt(y));
        Assert.True(log.Add(y));
        Assert.False(log.Add(x));
        Assert.Equal(["x", "y"], log.Rows.Select(r => r.Id));
        Assert.Equal(2, log.Total);
    }

    [Fact]
    public void A_log_takes_each_id_once_and_keeps_chain_order()
    {
        var log = new EventLog(3);
        Assert.True(log.Add(Row("000000640000000200000001", 100)));
        Assert.True(log.Add(Row("000000660000000200000001", 102)));
        Assert.True(log.Add(Row("000000650000000200000001", 101)));
        Assert.True(log.Add(Row("000000650000000100000001", 101)));
        Assert.False(log.Add(Row("000000640000000200000001", 100)));
        Assert.Equal(["000000650000000100000001", "000000650000000200000001", "000000660000000200000001"], log.Rows.Select(r => r.Id));
        Assert.Equal((4, 102), (log.Total, log.NewestHeight));
        var body = new ArrayBufferWriter<byte>();
        log.WriteState("trades", body);
        Assert.Equal("""{"trades":[{},{},{}]}""", Encoding.UTF8.GetString(body.WrittenSpan));
    }

    [Fact]
    public void What_is_too_old_to_be_remembered_is_not_new_by_the_stream_alone()
    {
        var log = new EventLog(10);
        for (var i = 1; i <= EventLog.RememberedIds + 5; i++)
        {
            Assert.True(log.Add(Row(i.ToString(CultureInfo.InvariantCulture), i), fromStream: true));
        }

        Assert.Equal(5, log.LowWater);
        Assert.False(log.Knows("5"));
        Assert.False(log.Add(Row("5", 5), fromStream: true));
        Assert.True(log.Add(Row("5", 5)));
        Assert.True(log.Knows("10000"));
    }
}
