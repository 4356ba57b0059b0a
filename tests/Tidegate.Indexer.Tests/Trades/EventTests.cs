using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Trades;

namespace Tidegate.Indexer.Tests.Trades;

public class EventTests
{
    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private static string Text(EventRow? row) => Encoding.UTF8.GetString(row!.Json.Span);

    private static EventRow Row(string id, long height) => new(id, height, null, "{}"u8.ToArray());

    [Fact]
    public void A_trade_passes_as_it_is_with_its_height_from_the_field_or_the_id()
    {
        const string Trade = """{"id":"03f89a550000000200000002","side":"BUY","size":"0.0001","price":"89942","createdAt":"2026-01-01T00:00:00.500Z"}""";
        var row = EventRows.Trade(Json(Trade));
        Assert.Equal((Trade, 0x03f89a55L, (DateTimeOffset?)new DateTimeOffset(2026, 1, 1, 0, 0, 0, 500, TimeSpan.Zero)), (Text(row), row!.Height, row.CreatedAt));
        Assert.Null(EventRows.Trade(Json("""{"id":"1e5","createdAt":"t"}"""))!.CreatedAt);
        Assert.Equal(7, EventRows.Trade(Json("""{"id":"1e5","createdAtHeight":7}"""))!.Height);
        Assert.Null(EventRows.Trade(Json("""{"size":"1"}""")));
        Assert.Null(EventRows.Trade(Json("5")));
    }

    [Theory]
    [InlineData("""{"id":"03f89a550000000200000002","side":"BUY","size":"0.0001","price":"89942","type":"LIMIT","createdAt":"2026-01-01T00:00:00.500Z","createdAtHeight":"66624085"}""", true)]
    [InlineData("""{"id":"a","createdAtHeight":"7","createdAt":"2026-01-01T00:00:00.500Z","size":"1e-7"}""", false)]
    [InlineData("""{"id":"a","createdAtHeight":"7","createdAt":"2026-01-01T00:00:00.500Z","id":"b"}""", false)]
    [InlineData("""{"id":"a","createdAtHeight":"7","createdAt":"2026-01-01T00:00:00.500Z","side":"B\u0055Y"}""", false)]
    [InlineData("""{ "id":"a","createdAtHeight":"7","createdAt":"2026-01-01T00:00:00.500Z"}""", false)]
    [InlineData("""{"id":"a","createdAtHeight":"7","createdAt":"soon"}""", false)]
    [InlineData("""{"id":"a","createdAt":"2026-01-01T00:00:00.500Z"}""", false)]
    [InlineData("""{"id":"a","createdAtHeight":"7","createdAt":"2026-01-01T00:00:00.500Z","more":{"x":1}}""", false)]
    [InlineData("5", false)]
    public void A_trade_written_as_the_Indexer_does_is_read_without_a_document_and_reads_the_same(string json, bool plain)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        var read = EventRows.PlainTrade(ref reader, bytes, new Slab());
        Assert.Equal(plain, read is not null);
        if (read is not null)
        {
            var slow = EventRows.Trade(Json(json))!;
            Assert.Equal((slow.Id, slow.Height, slow.CreatedAt, Text(slow)), (read.Id, read.Height, read.CreatedAt, Text(read)));
        }
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
    public void A_block_of_more_events_than_are_remembered_is_told_to_its_end()
    {
        var log = new EventLog(10);
        Assert.True(log.Add(Row("before", 6), fromStream: true));
        for (var i = 0; i < 2 * EventLog.RememberedIds; i++)
        {
            Assert.True(log.Add(Row(i.ToString(CultureInfo.InvariantCulture), 7), fromStream: true));
        }

        Assert.Equal(6, log.LowWater);
    }

    [Fact]
    public void A_log_holds_the_newest_rows_whatever_has_come()
    {
        var log = new EventLog(100);
        for (var i = 1; i <= 1000; i++)
        {
            log.Add(Row(i.ToString(CultureInfo.InvariantCulture), i));
            Assert.Equal(Math.Min(i, 100), log.Rows.Count);
            Assert.Equal((Math.Max(1, i - 99), i), (log.Rows[0].Height, log.Rows[^1].Height));
        }

        var body = new ArrayBufferWriter<byte>();
        log.WriteState("trades", body);
        Assert.Equal(100, Encoding.UTF8.GetString(body.WrittenSpan).Split("{}").Length - 1);
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
