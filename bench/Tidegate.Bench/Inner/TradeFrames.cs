using System.Buffers.Text;
using System.Text;
using Tidegate.Bench.Relay;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Bench.Inner;

/// <summary>Frames of one trade each over 20 tapes, every id new: the frames of the relay bench without its sockets.</summary>
internal sealed class TradeFrames
{
    private readonly byte[][] frames = new byte[Marker.Topics][];
    private readonly int[] markers = new int[Marker.Topics];
    private readonly int[] heights = new int[Marker.Topics];
    private readonly TapeFeed[] feeds = new TapeFeed[Marker.Topics];
    private long number;

    public TradeFrames()
    {
        var context = EncodeBench.Context();
        for (var topic = 0; topic < Marker.Topics; topic++)
        {
            frames[topic] = Encoding.UTF8.GetBytes(FakeIndexer.TradeFrame(topic));
            markers[topic] = frames[topic].AsSpan().IndexOf(Marker.Mark);
            heights[topic] = frames[topic].AsSpan().IndexOf("1000000"u8);
            var id = $"T{topic}-USD";
            feeds[topic] = new TapeFeed(id, context);
            EncodeBench.Begin(feeds[topic], "v4_trades", id, Encoding.UTF8.GetBytes($"{{\"type\":\"subscribed\",\"channel\":\"v4_trades\",\"id\":\"{id}\",\"contents\":{{\"trades\":[]}}}}"));
        }
    }

    public void Take() => Take(Passes.Frames);

    public void Take(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var topic = i % Marker.Topics;
            Marker.Write(frames[topic].AsSpan(markers[topic]), i, number++);

            // A block of a thousand trades: below a height whose ids are forgotten nothing would be new.
            Utf8Formatter.TryFormat(1_000_000 + (number / 1000), frames[topic].AsSpan(heights[topic]), out _);
            if (!FrameReader.TryRead(frames[topic], out var envelope, out _))
            {
                throw new InvalidOperationException("a frame of the bench does not parse");
            }

            ((ISubscriber)feeds[topic]).OnData(envelope, TimeProvider.System.GetUtcNow());
        }
    }
}
