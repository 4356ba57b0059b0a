using System.Text;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Messages;

public class FrameReaderTests
{
    [Fact]
    public void A_data_frame_tells_its_topic_and_its_raw_contents()
    {
        var bytes = """{"type":"channel_data","connection_id":"c","message_id":7,"id":"BTC-USD","channel":"v4_orderbook","version":"1.0.0","contents": {"bids":[["1","2"]]} ,"later":[{}]}"""u8;
        Assert.True(FrameReader.TryRead(bytes, out var frame, out var fault), fault);
        Assert.Equal(FrameType.ChannelData, frame.Type);
        Assert.Equal(Channel.OrderBook, frame.Channel);
        Assert.Equal("BTC-USD", Encoding.UTF8.GetString(frame.Id));
        Assert.Equal("""{"bids":[["1","2"]]}""", Encoding.UTF8.GetString(frame.Contents));
        Assert.Equal("1.0.0", Encoding.UTF8.GetString(frame.Version));
        Assert.Equal(7, frame.MessageId);
        Assert.Equal(-1, frame.SubaccountNumber);
    }

    [Fact]
    public void An_escaped_id_is_resolved_and_a_null_one_is_absent()
    {
        Assert.True(FrameReader.TryRead("""{"type":"channel_data","channel":"v4_trades","id":"BTC\u002dUSD","contents":{}}"""u8, out var frame, out _));
        Assert.Equal("BTC-USD", Encoding.UTF8.GetString(frame.Id));
        Assert.True(FrameReader.TryRead("""{"type":"channel_data","channel":"v4_markets","id":null,"contents":{}}"""u8, out frame, out _));
        Assert.True(frame.Id.IsEmpty);
        Assert.Equal(-1, frame.MessageId);
    }

    [Fact]
    public void A_parent_frame_names_its_child_wherever_the_field_stands()
    {
        Assert.True(FrameReader.TryRead("""{"contents":{},"subaccountNumber":129,"id":"dydx1aaa/1","channel":"v4_parent_subaccounts","type":"channel_data"}"""u8, out var frame, out _));
        Assert.Equal(129, frame.SubaccountNumber);
        Assert.Equal(Channel.ParentSubaccounts, frame.Channel);
    }

    [Fact]
    public void An_error_tells_its_message_and_a_connected_its_connection()
    {
        Assert.True(FrameReader.TryRead("""{"type":"error","message":"Invalid channel: X","connection_id":"c","message_id":2}"""u8, out var frame, out _));
        Assert.Equal(FrameType.Error, frame.Type);
        Assert.Equal("Invalid channel: X", frame.Message);
        Assert.True(FrameReader.TryRead("""{"type":"connected","connection_id":"c-1","message_id":0}"""u8, out frame, out _));
        Assert.Equal("c-1", frame.ConnectionId);
    }

    [Fact]
    public void Unknown_types_channels_and_fields_are_no_fault_and_the_last_of_two_counts()
    {
        Assert.True(FrameReader.TryRead("""{"type":"news","channel":"v4_news","x":{"y":[1]},"id":"a","id":"b"}"""u8, out var frame, out _));
        Assert.Equal(FrameType.Unknown, frame.Type);
        Assert.Null(frame.Channel);
        Assert.Equal("v4_news", Encoding.UTF8.GetString(frame.ChannelName));
        Assert.Equal("b", Encoding.UTF8.GetString(frame.Id));
    }

    [Theory]
    [InlineData("", "bad-json")]
    [InlineData("null", "not-an-object")]
    [InlineData("[]", "not-an-object")]
    [InlineData("5", "not-an-object")]
    [InlineData("hello", "bad-json")]
    [InlineData("""{"type":"channel_data","contents":{"bids":[""", "bad-json")]
    [InlineData("""{"type":"channel_data"} x""", "bad-json")]
    [InlineData("""{"type":"channel_data"}{}""", "bad-json")]
    [InlineData("""{"id":"a"}""", "type-missing")]
    [InlineData("""{"type":5}""", "wrong-type")]
    [InlineData("""{"type":null}""", "wrong-type")]
    [InlineData("""{"type":"channel_data","id":5}""", "wrong-id")]
    [InlineData("""{"type":"channel_data","channel":{}}""", "wrong-channel")]
    [InlineData("""{"type":"channel_data","message_id":"5"}""", "wrong-message-id")]
    [InlineData("""{"type":"channel_data","message_id":1.5}""", "wrong-message-id")]
    [InlineData("""{"type":"channel_data","subaccountNumber":-1}""", "wrong-subaccount-number")]
    [InlineData("""{"type":"channel_data","contents":"text"}""", "wrong-contents")]
    [InlineData("""{"type":"channel_batch_data","contents":{}}""", "wrong-contents")]
    [InlineData("""{"type":"channel_data","id":"\ud800"}""", "not-utf8")]
    [InlineData("""{"type":"channel_data","contents":{"a":"\ud800"}}""", "not-utf8")]
    public void What_is_no_frame_is_refused_with_its_reason(string text, string expected)
    {
        Assert.False(FrameReader.TryRead(Encoding.UTF8.GetBytes(text), out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void Deep_nesting_and_bytes_that_are_no_text_are_refused()
    {
        var deep = $$"""{"type":"channel_data","contents":{{new string('[', 1000)}}{{new string(']', 1000)}}}""";
        Assert.False(FrameReader.TryRead(Encoding.UTF8.GetBytes(deep), out _, out var fault));
        Assert.Equal("too-deep", fault);
        byte[] broken = [.. """{"type":"channel_data","contents":{"a":" """u8, 0xff, .. "\"}}"u8];
        Assert.False(FrameReader.TryRead(broken, out _, out fault));
        Assert.Equal("not-utf8", fault);
    }

    [Fact]
    public void Reading_a_data_frame_allocates_nothing()
    {
        var bytes = """{"type":"channel_data","connection_id":"c","message_id":7,"id":"BTC-USD","channel":"v4_orderbook","version":"1.0.0","contents":{"bids":[["1","2"]]}}"""u8.ToArray();
        FrameReader.TryRead(bytes, out _, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            FrameReader.TryRead(bytes, out _, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
