using System.Globalization;
using System.Text;
using Tidegate.Indexer.Books;

namespace Tidegate.Bench.Inner;

/// <summary>What it costs to keep a book true: a REST answer of a hundred levels a side compared with the book, and updates that cross.</summary>
internal static class CompareBench
{
    private const int Depth = 100;
    private const int Steps = 2_000;

    public static IEnumerable<Bar> Run(bool quick)
    {
        var change = new BookChange();
        var (plain, differing) = (Answer(0), Answer(10));
        var clock = 10_000L;
        var compared = Book(plain);
        var parser = new BookParser();
        var (parsed, _) = Passes.Measure(Steps, quick, () =>
        {
            for (var i = 0; i < Steps; i++)
            {
                Require(parser.TryParse(plain));
            }
        });
        var (equal, equalBytes) = Passes.Measure(Steps, quick, () =>
        {
            for (var i = 0; i < Steps; i++)
            {
                Require(compared.ApplySnapshot(plain, ++clock, change, clock - 3_000) && change.IsEmpty);
            }
        });
        var (repaired, repairedBytes) = Passes.Measure(Steps, quick, () =>
        {
            for (var i = 0; i < Steps; i++)
            {
                Require(compared.ApplySnapshot(i % 2 == 0 ? differing : plain, ++clock, change, clock - 3_000) && change.Bids.Count == 10);
            }
        });
        var (crossed, crossedBytes) = Crossing(plain, quick, change);
        Report.Table(
            "compare: keeping a book of 100 levels a side true, one core (medians)",
            ["step", "ns", "B"],
            [
                ["an answer parsed alone", Report.Number(parsed), ""],
                ["an answer that differs in nothing, parsed and compared", Report.Number(equal), equalBytes.ToString("0.00", Report.Culture)],
                ["an answer that differs in 10 levels a side", Report.Number(repaired), repairedBytes.ToString("0.00", Report.Culture)],
                ["an update that crosses three levels, or takes it back", Report.Number(crossed), crossedBytes.ToString("0.00", Report.Culture)],
            ]);
        return
        [
            new Bar("a book of 100 levels a side parsed and compared", equal / 1000, " us", 25, AtLeast: false),
            new Bar("allocated per comparison", equalBytes, " B", 0, AtLeast: false),
            new Bar("allocated per update that crosses", crossedBytes, " B", 0, AtLeast: false),
        ];
    }

    private static (double Nanoseconds, double Bytes) Crossing(byte[] plain, bool quick, BookChange change)
    {
        var book = Book(plain);
        byte[] cross = "{\"bids\":[[\"43210.4\",\"1.5\"]]}"u8.ToArray(), back = "{\"bids\":[[\"43210.4\",\"0\"]]}"u8.ToArray();
        var clock = 10_000L;
        return Passes.Measure(Steps, quick, () =>
        {
            for (var i = 0; i < Steps; i++)
            {
                Require(book.ApplyUpdate(i % 2 == 0 ? cross : back, ++clock, change) && change.Asks.Count == 3);
            }
        });
    }

    private static OrderBook Book(byte[] answer)
    {
        var book = new OrderBook();
        Require(book.ApplySnapshot(answer, 0, new BookChange()));
        return book;
    }

    private static byte[] Answer(int differing)
    {
        var text = new StringBuilder("{\"bids\":[");
        Side(text, -1, differing);
        text.Append("],\"asks\":[");
        Side(text, 1, differing);
        return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
    }

    private static void Side(StringBuilder text, int sign, int differing)
    {
        for (var i = 1; i <= Depth; i++)
        {
            var ticks = 432_101 + (sign * i);
            text.Append(CultureInfo.InvariantCulture, $"{(i > 1 ? "," : "")}{{\"price\":\"{ticks / 10}.{ticks % 10}\",\"size\":\"{(i <= differing ? 777 : i)}.{i:0000}\"}}");
        }
    }

    private static void Require(bool good)
    {
        if (!good)
        {
            throw new InvalidOperationException("the bench's book is not where it should be");
        }
    }
}
