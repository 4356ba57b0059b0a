using System.Runtime.InteropServices;

namespace Tidegate.Indexer.Books;

// Taking a REST answer: as the whole truth after a subscribe, or as a comparison that leaves alone what the stream told since.
public sealed partial class OrderBook
{
    private readonly List<BookEntry> missingBids = [];
    private readonly List<BookEntry> missingAsks = [];

    /// <summary>
    /// Takes a REST-shaped snapshot (<c>{bids:[{price,size}],asks:[…]}</c>, pairs accepted too) as the whole truth, except levels that the stream
    /// changed after <paramref name="notBefore"/> when that is given. Zero sizes are left out. The difference to what was served goes into
    /// <paramref name="change"/>. False when it does not parse: then nothing has changed.
    /// A side with 100 levels or more is known to its last level, a shorter one wholly.
    /// </summary>
    /// <remarks>
    /// With <paramref name="notBefore"/> no comparison decides what of a cross shows: server and keeper resolve it differently, so the book would flip back
    /// and forth (protocol.md 3). Between the raw best ask and the raw best bid of a crossed book no level is taken away or made younger, and none is added
    /// that a served one of the other side crosses; but what the answer shows there is there, with that size. Levels beyond the new horizon are unknown to
    /// the snapshot and stay. What an answer reached stays known as long as the stream goes on, so an earlier answer that reached further
    /// counts beside this one, if it came at <paramref name="reachSince"/> or later; null: none does. It must not count for long: no comparison shows a
    /// frame that was lost beyond the hundredth level.
    /// </remarks>
    public bool ApplySnapshot(ReadOnlySpan<byte> contents, long arrival, BookChange change, long? notBefore = null, long? reachSince = null)
    {
        change.Clear();
        if (!parser.TryParse(contents))
        {
            return false;
        }

        Expire(arrival);
        var zone = notBefore is null ? null : CrossedZone();
        var bidHorizon = Prepare(bids, parser.Bids);
        var askHorizon = Prepare(asks, parser.Asks);

        // A level that only the answer knows is as old as the answer: older than what the stream told since.
        var age = notBefore is { } since ? Math.Min(since - 1, arrival) : arrival;
        var merge = new Merge(age, notBefore ?? long.MaxValue, zone);
        Compare(bids, parser.Bids, bidHorizon, missingBids, merge);
        Compare(asks, parser.Asks, askHorizon, missingAsks, merge);
        Add(bids, missingBids, asks, merge);
        Add(asks, missingAsks, bids, merge);
        stamp += parser.Bids.Count + parser.Asks.Count + 1;
        Uncross(arrival);
        TellAll(bids, change.Bids);
        TellAll(asks, change.Asks);
        bids.RemoveEmpty();
        asks.RemoveEmpty();
        change.KnownToMoved = bids.Reach(bidHorizon, arrival, reachSince) | asks.Reach(askHorizon, arrival, reachSince);
        return true;
    }

    private void Compare(BookSide side, List<BookEntry> rows, decimal? horizon, List<BookEntry> missing, Merge merge)
    {
        missing.Clear();
        var i = side.Count - 1;
        foreach (ref readonly var row in CollectionsMarshal.AsSpan(rows))
        {
            if (i >= 0 && AreSame(side.PriceAt(i), row.Price))
            {
                Match(side, i--, row, merge); // nearly every row of nearly every comparison
                continue;
            }

            for (; i >= 0 && side.IsBetter(side.PriceAt(i), row.Price); i--)
            {
                Drop(side, i, horizon, merge);
            }

            if (i >= 0 && side.PriceAt(i) == row.Price)
            {
                Match(side, i--, row, merge);
            }
            else if (row.Size != 0m && !side.Gone.Has(row.Price, merge.NotBefore))
            {
                missing.Add(row);
            }
        }

        for (; i >= 0; i--)
        {
            Drop(side, i, horizon, merge);
        }
    }

    private void Add(BookSide side, List<BookEntry> missing, BookSide other, Merge merge)
    {
        var best = other.BestServed();
        foreach (ref readonly var row in CollectionsMarshal.AsSpan(missing))
        {
            if (merge.IsInZone(row.Price) && best >= 0 && !other.IsBetter(row.Price, other.PriceAt(best)))
            {
                continue; // it would decide the cross
            }

            ref var level = ref side.Insert(~side.Find(row.Price), row.Price);
            (level.Size, level.Arrival, level.Stamp) = (row.Size, merge.Age, stamp + row.Order);
        }
    }

    private void Match(BookSide side, int index, BookEntry row, Merge merge)
    {
        ref var level = ref side.At(index);
        if (AreSame(level.Size, row.Size) || level.Size == row.Size || merge.Protects(level))
        {
            return;
        }

        if (!merge.IsInZone(row.Price))
        {
            (level.Size, level.Arrival, level.Stamp, level.Streamed) = (row.Size, merge.Age, stamp + row.Order, false);
        }
        else if (row.Size != 0m)
        {
            level.Size = row.Size; // its age stays: that decides what of the cross shows
        }
    }

    private static void Drop(BookSide side, int index, decimal? horizon, Merge merge)
    {
        ref var level = ref side.At(index);
        var price = side.PriceAt(index);
        if (!merge.Protects(level) && !merge.IsInZone(price) && !(horizon is { } end && side.IsBetter(end, price)))
        {
            level.Size = 0m;
        }
    }

    private void TellAll(BookSide side, List<Level> told)
    {
        for (var i = side.Count - 1; i >= 0; i--)
        {
            ref var level = ref side.At(i);
            if (!AreSame(level.Served, level.Told))
            {
                Tell(side, i, told);
            }
        }
    }

    // Equal in value and digits, by the bits: a third of what comparing two decimals costs.
    private static bool AreSame(in decimal left, in decimal right) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<decimal>(in left)).SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<decimal>(in right)));

    private (decimal From, decimal To)? CrossedZone()
    {
        var bid = bids.Best;
        var ask = asks.Best;
        return bid >= 0 && ask >= 0 && bids.PriceAt(bid) >= asks.PriceAt(ask) ? (asks.PriceAt(ask), bids.PriceAt(bid)) : null;
    }

    // Best first, each price once, the later entry counting; returns how far the side is known by it.
    private static decimal? Prepare(BookSide side, List<BookEntry> rows)
    {
        var full = rows.Count >= SnapshotDepth;
        var sorted = true;
        for (var i = 1; i < rows.Count && sorted; i++)
        {
            sorted = side.IsBetter(rows[i - 1].Price, rows[i].Price);
        }

        if (!sorted)
        {
            Sort(side, rows);
            var kept = 1;
            for (var i = 1; i < rows.Count; i++)
            {
                if (rows[i].Price != rows[kept - 1].Price)
                {
                    rows[kept++] = rows[i];
                }
            }

            rows.RemoveRange(kept, rows.Count - kept);
        }

        return full ? rows[^1].Price : null;
    }

    // By itself: what the comparison captures is allocated where a method begins, sorted or not.
    private static void Sort(BookSide side, List<BookEntry> rows) =>
        rows.Sort((left, right) => left.Price == right.Price ? right.Order.CompareTo(left.Order) : side.IsBetter(left.Price, right.Price) ? -1 : 1);

    private readonly record struct Merge(long Age, long NotBefore, (decimal From, decimal To)? Zone)
    {
        public bool Protects(in BookLevel level) => level.Streamed && level.Arrival >= NotBefore;

        public bool IsInZone(decimal price) => Zone is { } zone && price >= zone.From && price <= zone.To;
    }
}
