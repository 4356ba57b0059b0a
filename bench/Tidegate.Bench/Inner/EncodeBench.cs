using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Indexer;
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

        var trades = new TradeFrames();
        var (tradeTime, tradeBytes) = Passes.Measure(Passes.Frames, quick, trades.Take);
        rows.Add(["1 trade", Report.Number(tradeTime), Report.Number(1e9 / tradeTime), Report.Number(tradeBytes)]);
        var burstTime = Passes.MeasureBursts(1000, quick, () => trades.Take(1000));
        rows.Add(["1 trade, a thousand at once", Report.Number(burstTime), Report.Number(1e9 / burstTime), ""]);
        Report.Table("encode: from bytes to the topic's ring, one core (medians; the bytes are the shared frame itself)", ["frame", "ns", "frames/s", "B/frame"], rows);
        return bars;
    }

    private static BookFeed[] Feeds(BookFrames frames)
    {
        var context = Context();
        var feeds = new BookFeed[BookFrames.Markets];
        for (var market = 0; market < feeds.Length; market++)
        {
            feeds[market] = new BookFeed(BookFrames.Ticker(market), context);
            Begin(feeds[market], "v4_orderbook", BookFrames.Ticker(market), frames.Snapshots[market]);
        }

        return feeds;
    }

    /// <summary>What feeds share, with an upstream that is never dialled.</summary>
    internal static FeedContext Context()
    {
        var endpoint = new IndexerEndpoint(Nowhere, Nowhere);
        return new FeedContext(
            new SocketPool(new UpstreamOptions { Endpoints = [endpoint] }, TimeProvider.System, NullLoggerFactory.Instance),
            new IndexerRestClient(Nowhere, TimeProvider.System, NullLogger<IndexerRestClient>.Instance),
            TimeProvider.System,
            NullLoggerFactory.Instance);
    }

    /// <summary>Gives a feed its topic and its first state.</summary>
    internal static void Begin(Feed feed, string channel, string id, byte[] snapshot)
    {
        var output = feed.Outputs[0];
        output.Attach(new Topic(TopicAddress.Parse(channel, id, out _, out _)!, output, new TopicLimits(QueueFrames: 1024, QueueBytes: 524_288, ResumeFrames: 10_000, ResumeBytes: 4_194_304), new SteadyTime(TimeProvider.System)));
        FrameReader.TryRead(snapshot, out var envelope, out _);
        ((ISubscriber)feed).OnSubscribed(envelope, TimeProvider.System.GetUtcNow());
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
