using System.IO.Hashing;
using System.Text;
using CsCheck;
using Tidegate.Indexer.Books;

namespace Tidegate.Indexer.Tests.Books;

public class OrderBookPropertyTests
{
    private static readonly Gen<(bool Bid, decimal Price, decimal Size)> Change =
        Gen.Select(Gen.Bool, Gen.Int[95, 105], Gen.Int[0, 4]).Select((bid, price, size) => (bid, (decimal)price, (decimal)size));

    // A frame of one to three levels, bids before asks as they are parsed, and the time since the one before.
    private static readonly Gen<(List<(bool Bid, decimal Price, decimal Size)> Changes, int Wait)> Step =
        Gen.Select(Change.List[1, 3], Gen.Int[0, 5].Select(i => ((int[])[0, 1, 900, 4_000, 10_000, 10_001])[i])).Select((changes, wait) => (changes.OrderBy(c => !c.Bid).ToList(), wait));

    [Fact]
    public void The_served_book_is_that_of_a_plain_model_and_a_copy_follows_it() => Step.List[1, 14].Sample(
        steps =>
        {
            var (book, model, mirror, change) = (new OrderBook(), new BookModel(), new Mirror(), new BookChange());
            var now = 1_000L;
            foreach (var (changes, wait) in steps)
            {
                now += wait;
                model.Update(changes, now);
                Assert.True(book.ApplyUpdate(BookText.Frame(changes), now, change));
                mirror.Apply(change);
                Assert.False(mirror.IsCrossed);
            }

            Assert.Equal(model.Served(true), Top(book, true));
            Assert.Equal(model.Served(false), Top(book, false));
            Assert.Equal(model.Served(true), mirror.Levels(true));
            Assert.Equal(model.Served(false), mirror.Levels(false));
            Assert.Equal(Crc32.HashToUInt32(Encoding.ASCII.GetBytes(mirror.ChecksumText())), book.Crc);
        },
        iter: 100_000);

    [Fact]
    public void A_comparison_with_an_equal_answer_tells_nothing_and_a_copy_follows_every_other() => Gen.Select(Step.List[1, 12], Change.List[0, 12], Gen.Bool, Step.List[0, 6]).Sample(
        (before, answer, compare, after) =>
        {
            var (book, mirror, change) = (new OrderBook(), new Mirror(), new BookChange());
            var now = 1_000L;
            Run(before);
            var rows = answer.Where(r => r.Size != 0m).DistinctBy(r => (r.Bid, r.Price)).ToList();
            Assert.True(book.ApplySnapshot(BookText.Frame(rows), now, change, compare ? now - 3_000 : null));
            mirror.Apply(change);
            Check();
            Run(after);

            // What is served, taken as an answer, differs in nothing.
            var served = Top(book, true).Select(l => (true, l.Price, l.Size)).Concat(Top(book, false).Select(l => (false, l.Price, l.Size)));
            Assert.True(book.ApplySnapshot(BookText.Frame(served), now, change, now - 3_000));
            mirror.Apply(change);
            Check();
            Assert.Empty(change.Bids);
            Assert.Empty(change.Asks);

            void Run(List<(List<(bool Bid, decimal Price, decimal Size)> Changes, int Wait)> steps)
            {
                foreach (var (changes, wait) in steps)
                {
                    now += wait;
                    Assert.True(book.ApplyUpdate(BookText.Frame(changes), now, change));
                    mirror.Apply(change);
                    Check();
                }
            }

            void Check()
            {
                Assert.False(mirror.IsCrossed);
                Assert.Equal(Top(book, true), mirror.Levels(true));
                Assert.Equal(Top(book, false), mirror.Levels(false));
            }
        },
        iter: 100_000);

    private static List<(decimal Price, decimal Size)> Top(OrderBook book, bool bids)
    {
        var levels = new Level[64];
        return [.. levels.Take(book.CopyTop(bids, levels)).Select(l => (l.Price, l.Size))];
    }
}
