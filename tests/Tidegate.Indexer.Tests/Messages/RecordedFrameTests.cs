using System.Buffers;
using System.Text.Json;
using Tidegate.Indexer.Accounts;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Candles;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Trades;

namespace Tidegate.Indexer.Tests.Messages;

public class RecordedFrameTests
{
    // A row of dYdX v3, as the README of the recordings says.
    private static bool IsForeign(string file, string name) => file == "ws.channel_data.v4_subaccounts.jsonl" && name == "channel_data";

    [Fact]
    public void Every_recorded_frame_has_a_readable_envelope()
    {
        var count = 0;
        foreach (var (file, name, bytes) in RecordedData.Rows("ws.*.jsonl"))
        {
            Assert.True(FrameReader.TryRead(bytes, out var frame, out var fault), $"{file} {name}: {fault}");
            Assert.NotEqual(FrameType.Unknown, frame.Type);
            using var document = JsonDocument.Parse(bytes);
            Assert.Equal(document.RootElement.GetProperty("message_id").GetInt64(), frame.MessageId);
            if (document.RootElement.TryGetProperty("contents", out var contents))
            {
                Assert.NotNull(frame.Channel);
                Assert.Equal(contents.GetRawText(), System.Text.Encoding.UTF8.GetString(frame.Contents));
            }

            count++;
        }

        Assert.True(count > 20);
    }

    [Fact]
    public void Every_recorded_frame_is_typed_and_written_back_with_no_field_lost()
    {
        foreach (var (file, name, bytes) in RecordedData.Rows("ws.*.jsonl"))
        {
            Assert.True(FrameReader.TryRead(bytes, out var frame, out _));
            if (frame.Contents.IsEmpty || frame.Channel is not { } channel || IsForeign(file, name))
            {
                continue;
            }

            Assert.True(ContentsReader.TryRead(channel, frame.Type, frame.Contents, out var parts), $"{file} {name}");
            using var source = JsonDocument.Parse(frame.Contents.ToArray());
            var written = parts.Select(p => JsonDocument.Parse(ContentsReader.ToBytes(p)).RootElement).ToList();
            var expected = source.RootElement.ValueKind == JsonValueKind.Array ? source.RootElement.EnumerateArray().ToList() : [source.RootElement];
            Assert.Equal(expected.Count, written.Count);
            for (var i = 0; i < written.Count; i++)
            {
                Assert.Null(JsonSense.Difference(expected[i], written[i], $"{file} {name}"));
            }
        }
    }

    [Fact]
    public void Every_recorded_frame_is_taken_by_its_state()
    {
        foreach (var (file, name, bytes) in RecordedData.Rows("ws.*.jsonl"))
        {
            Assert.True(FrameReader.TryRead(bytes, out var frame, out _));
            if (frame.Contents.IsEmpty || frame.Channel is not { } channel)
            {
                continue;
            }

            Assert.True(RowWriter.TryParse(frame.Contents, out var document));
            using (document)
            {
                var parts = document.RootElement.ValueKind == JsonValueKind.Array ? document.RootElement.EnumerateArray().ToList() : [document.RootElement];
                foreach (var part in parts)
                {
                    var taken = Take(channel, frame.Type, part, frame.Contents);
                    Assert.True(taken || IsForeign(file, name), $"{file} {name}");
                }
            }
        }
    }

    [Fact]
    public void Every_recorded_rest_answer_is_copied_with_its_digits()
    {
        foreach (var (file, name, bytes) in RecordedData.Rows("rest.*.jsonl"))
        {
            Assert.True(RowWriter.TryParse(bytes, out var document), $"{file} {name}");
            using (document)
            {
                using var copy = JsonDocument.Parse(RowWriter.ToBytes(document.RootElement));
                Assert.Null(JsonSense.Difference(document.RootElement, copy.RootElement, $"{file} {name}"));
            }
        }
    }

    private static bool Take(Channel channel, FrameType type, JsonElement part, ReadOnlySpan<byte> raw)
    {
        var body = new ArrayBufferWriter<byte>();
        var isSnapshot = type == FrameType.Subscribed;
        switch (channel)
        {
            case Channel.OrderBook:
                return isSnapshot ? new OrderBook().ApplySnapshot(raw, 1, new BookChange()) : new OrderBook().ApplyUpdate(raw, 1, new BookChange());
            case Channel.Candles:
                return new CandleSeries().Apply(part, body);
            case Channel.Markets:
                return isSnapshot ? new MarketTable().ApplySnapshot(part, body) : new MarketTable().ApplyUpdate(part, body);
            case Channel.Trades:
                return part.GetProperty("trades").EnumerateArray().All(t => EventRows.Trade(t) is not null);
            case Channel.BlockHeight:
                return true;
            default:
                return TakeAccount(part, isSnapshot);
        }
    }

    private static bool TakeAccount(JsonElement part, bool isSnapshot)
    {
        var account = new AccountState("dydx1aaa", 0);
        if (isSnapshot)
        {
            var subaccount = part.GetProperty("subaccount");
            var wholes = subaccount.TryGetProperty("childSubaccounts", out var children) ? children.EnumerateArray().ToList() : [subaccount];
            return wholes.TrueForAll(w => new AccountState("dydx1aaa", 0).ApplyWhole(w)) && TakeOrders(part);
        }

        part.TryGetProperty("perpetualPositions", out var positions);
        part.TryGetProperty("assetPositions", out var assets);
        var hasState = positions.ValueKind == JsonValueKind.Array || assets.ValueKind == JsonValueKind.Array;
        var fills = !part.TryGetProperty("fills", out var told) || told.EnumerateArray().All(f => EventRows.Fill(f, 0) is not null);
        var transfers = !part.TryGetProperty("transfers", out var transfer) || EventRows.Transfer(transfer, 0) is not null;
        return (!hasState || account.ApplyFrame(positions, assets, 5)) && fills && transfers && TakeOrders(part);
    }

    private static bool TakeOrders(JsonElement part)
    {
        var table = new OrderTable();

        // One row comes without an id: nothing to keep it by.
        return !part.TryGetProperty("orders", out var orders) || orders.EnumerateArray().All(o => table.Apply(o, 0, new ArrayBufferWriter<byte>()) == o.TryGetProperty("id", out _));
    }
}
