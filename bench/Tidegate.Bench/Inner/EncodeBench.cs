using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;
using Tidegate.Topics;

namespace Tidegate.Bench.Inner;

/// <summary>The whole inner path of a book: bytes, envelope, book, checksum, number, encoded frame in the topic's ring. No socket.</summary>
internal static class EncodeBench
{
    private static readonly Uri Nowhere = new("http://127.0.0.1:9/v4");

    public static IEnumerable<Bar> Run(bool quick)
    {
        var rows = new List<string[]>();
        var bars = new List<Bar>();
        foreach (var levels in (int[])[1, 4, 20])
        {
            var frames = BookFrames.Make(Passes.Frames, levels);
            var feeds = Feeds(frames);
            var (time, bytes) = Passes.Measure(Passes.Frames, quick, () => Take(frames, feeds));
            rows.Add([$"{levels} level{(levels > 1 ? "s" : "")}", Report.Number(time), Report.Number(1e9 / time), Report.Number(bytes)]);
            if (levels == 1)
            {
                bars.Add(new Bar("from bytes to an encoded frame in the ring", 1e9 / time, "/s a core", 400_000, AtLeast: true));
            }
        }

        Report.Table("encode: from bytes to the topic's ring, one core (medians; the bytes are the shared frame itself)", ["frame", "ns", "frames/s", "B/frame"], rows);
        return bars;
    }

    private static BookFeed[] Feeds(BookFrames frames)
    {
        var endpoint = new IndexerEndpoint(Nowhere, Nowhere);
        var context = new FeedContext(
            new SocketPool(new UpstreamOptions { Endpoints = [endpoint] }, TimeProvider.System, NullLoggerFactory.Instance),
            new IndexerRestClient(Nowhere, TimeProvider.System, NullLogger<IndexerRestClient>.Instance),
            TimeProvider.System,
            NullLoggerFactory.Instance);
        var limits = new TopicLimits(QueueFrames: 1024, QueueBytes: 524_288, ResumeFrames: 10_000);
        var feeds = new BookFeed[BookFrames.Markets];
        for (var market = 0; market < feeds.Length; market++)
        {
            feeds[market] = new BookFeed(BookFrames.Ticker(market), context);
            var address = TopicAddress.Parse("v4_orderbook", BookFrames.Ticker(market), out _, out _)!;
            feeds[market].Outputs[0].Attach(new Topic(address, feeds[market].Outputs[0], limits, TimeProvider.System));
            FrameReader.TryRead(frames.Snapshots[market], out var envelope, out _);
            ((ISubscriber)feeds[market]).OnSubscribed(envelope, TimeProvider.System.GetUtcNow());
        }

        return feeds;
    }

    private static void Take(BookFrames frames, BookFeed[] feeds)
    {
        for (var i = 0; i < frames.Frames.Length; i++)
        {
            if (!FrameReader.TryRead(frames.Frames[i], out var envelope, out _))
            {
                throw new InvalidOperationException("a frame of the bench does not parse");
            }

            ((ISubscriber)feeds[frames.Market[i]]).OnData(envelope, TimeProvider.System.GetUtcNow());
        }
    }
}
