using System.Text.Json;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Messages;

namespace Tidegate.Bench.Inner;

/// <summary>Book frames: envelope read, parsed and applied to a book that is served uncrossed; beside it the tokens alone.</summary>
internal static class BookBench
{
    public static IEnumerable<Bar> Run(bool quick)
    {
        var rows = new List<string[]>();
        var bars = new List<Bar>();
        foreach (var levels in (int[])[1, 4, 20])
        {
            var frames = BookFrames.Make(Passes.Frames, levels);
            var books = Books(frames);
            var change = new BookChange();
            var (tokens, _) = Passes.Measure(Passes.Frames, quick, () => Tokens(frames));
            var (envelope, _) = Passes.Measure(Passes.Frames, quick, () => Envelopes(frames));
            var parser = new BookParser();
            var (parsed, _) = Passes.Measure(Passes.Frames, quick, () => Parse(frames, parser));
            var clock = 0L;
            var (applied, bytes) = Passes.Measure(Passes.Frames, quick, () => Apply(frames, books, change, ref clock));
            rows.Add([
                $"{levels} level{(levels > 1 ? "s" : "")}, {(int)frames.Frames.Average(frame => frame.Length)} B",
                Report.Number(tokens),
                Report.Number(envelope),
                Report.Number(parsed),
                Report.Number(applied),
                Report.Number(1e9 / applied),
                (applied / tokens).ToString("0.00", Report.Culture),
                bytes.ToString("0.00", Report.Culture),
            ]);
            if (levels == 1)
            {
                bars.Add(new Bar("book frames of one level, parsed and applied", 1e9 / applied, "/s a core", 1_000_000, AtLeast: true));
            }

            bars.Add(new Bar($"allocated per book frame of {levels}", bytes, " B", 0, AtLeast: false));
        }

        Report.Table(
            "book: parsed and applied, one core (medians)",
            ["frame", "tokens ns", "envelope ns", "+ parsed ns", "+ applied ns", "frames/s", "x tokens", "B/frame"],
            rows);
        return bars;
    }

    private static OrderBook[] Books(BookFrames frames)
    {
        var books = new OrderBook[BookFrames.Markets];
        var change = new BookChange();
        for (var market = 0; market < books.Length; market++)
        {
            books[market] = new OrderBook();
            FrameReader.TryRead(frames.Snapshots[market], out var envelope, out _);
            Require(books[market].ApplySnapshot(envelope.Contents, 0, change));
        }

        return books;
    }

    private static void Envelopes(BookFrames frames)
    {
        foreach (var frame in frames.Frames)
        {
            Require(FrameReader.TryRead(frame, out _, out _));
        }
    }

    private static void Parse(BookFrames frames, BookParser parser)
    {
        foreach (var frame in frames.Frames)
        {
            Require(FrameReader.TryRead(frame, out var envelope, out _));
            Require(parser.TryParse(envelope.Contents));
        }
    }

    // A frame a millisecond of the book's clock, as many as one Indexer sends: removals are remembered for 30 s, and a clock that
    // stands still would have thousands of them remembered.
    private static void Apply(BookFrames frames, OrderBook[] books, BookChange change, ref long clock)
    {
        for (var i = 0; i < frames.Frames.Length; i++)
        {
            Require(FrameReader.TryRead(frames.Frames[i], out var envelope, out _));
            Require(books[frames.Market[i]].ApplyUpdate(envelope.Contents, clock++, change));
        }
    }

    private static void Tokens(BookFrames frames)
    {
        foreach (var frame in frames.Frames)
        {
            var reader = new Utf8JsonReader(frame);
            while (reader.Read())
            {
                // Nothing but the tokens.
            }
        }
    }

    private static void Require(bool good)
    {
        if (!good)
        {
            throw new InvalidOperationException("a frame of the bench does not parse");
        }
    }
}
