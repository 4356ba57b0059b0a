using CsCheck;
using Tidegate.Indexer.Books;

namespace Tidegate.Indexer.Tests.Books;

/// <summary>Updates, whole snapshots and comparisons in any order, with sides cut to a hundred levels, against <see cref="BookModel"/>.</summary>
public class BookComparisonPropertyTests
{
    // Near the touch, and where a side of a hundred levels ends.
    private static readonly Gen<(bool Bid, decimal Price, decimal Size)> Change = Gen.Select(Gen.Bool, Gen.Int[0, 5], Gen.Int[-5, 5], Gen.Int[0, 3])
        .Select((bid, where, offset, size) => (bid, 1_000m + offset + (where > 0 ? 0 : bid ? -101 : 101), (decimal)size));

    private static readonly Gen<int> Wait = Gen.Int[0, 6].Select(i => ((int[])[0, 1, 900, 2_999, 4_000, 10_000, 10_001])[i]);

    private static readonly Gen<Step> Any = Gen.Select(Gen.Int[0, 5], Change.List[1, 4], Wait, Gen.Int[0, 23])
        .Select((kind, changes, wait, full) => new Step(kind, changes, wait, FullBids: full is 1 or 2, FullAsks: full is 2 or 3));

    [Fact]
    public void Served_levels_and_horizons_are_those_of_a_plain_model_and_a_copy_follows_them() => Any.List[1, 7].Sample(
        steps => Run(steps),
        iter: 100_000);

    private static void Run(IEnumerable<Step> steps)
    {
        var (book, model, mirror, change) = (new OrderBook(), new BookModel(), new Mirror(), new BookChange());
        var now = 10_000L;
        foreach (var step in steps)
        {
            now += step.Wait;
            var (knownBid, knownAsk) = (book.KnownBid, book.KnownAsk);
            if (step.Kind < 3)
            {
                var changes = step.Changes.OrderBy(c => !c.Bid).ToList();
                model.Update(changes, now);
                Assert.True(book.ApplyUpdate(BookText.Frame(changes), now, change));
            }
            else
            {
                var rows = step.Rows();
                long? since = step.Kind == 3 ? null : now - 3_000;
                long? reachSince = step.Kind == 5 ? now - 8_000 : null;
                model.Answer(rows, now, since, reachSince);
                Assert.True(book.ApplySnapshot(BookText.Frame(rows), now, change, since, reachSince));
            }

            mirror.Apply(change);
            Assert.False(mirror.IsCrossed);
            Assert.Equal((model.KnownBid, model.KnownAsk), (book.KnownBid, book.KnownAsk));
            Assert.Equal((knownBid, knownAsk) != (book.KnownBid, book.KnownAsk), change.KnownToMoved);
            foreach (var bid in (bool[])[true, false])
            {
                var served = model.Served(bid);
                Assert.Equal(served, Served(book, bid));
                Assert.Equal(served, mirror.Levels(bid));
                var horizon = bid ? model.KnownBid : model.KnownAsk;
                Assert.Equal(horizon is null ? int.MaxValue : served.Count(l => bid ? l.Price >= horizon : l.Price <= horizon), book.KnownDepth(bid));
            }
        }
    }

    private static List<(decimal Price, decimal Size)> Served(OrderBook book, bool bids)
    {
        var levels = new Level[256];
        return [.. levels.Take(book.CopyTop(bids, levels)).Select(l => (l.Price, l.Size))];
    }

    /// <summary>Kinds 0 to 2 are updates, 3 a whole snapshot, 4 and 5 comparisons, 5 with an earlier answer's reach.</summary>
    private sealed record Step(int Kind, List<(bool Bid, decimal Price, decimal Size)> Changes, int Wait, bool FullBids, bool FullAsks)
    {
        /// <summary>The answer, best first, with a full side made up to a hundred levels by such as never change.</summary>
        public List<(bool Bid, decimal Price, decimal Size)> Rows()
        {
            var rows = Changes.Where(c => c.Size != 0m).DistinctBy(c => (c.Bid, c.Price)).ToList();
            return [.. Side(true, FullBids).OrderByDescending(r => r.Price).Take(100), .. Side(false, FullAsks).OrderBy(r => r.Price).Take(100)];

            IEnumerable<(bool Bid, decimal Price, decimal Size)> Side(bool bid, bool full)
            {
                var own = rows.Where(r => r.Bid == bid);
                return full ? own.Concat(Enumerable.Range(6, 100).Select(i => (bid, bid ? 1_000m - i : 1_000m + i, 1m))).DistinctBy(r => r.Item2) : own;
            }
        }

        public override string ToString() => $"[{Kind} +{Wait} {(FullBids ? "B" : "")}{(FullAsks ? "A" : "")} {string.Join(' ', Changes.Select(c => $"{(c.Bid ? "bid" : "ask")} {c.Price}:{c.Size}"))}]";
    }
}
