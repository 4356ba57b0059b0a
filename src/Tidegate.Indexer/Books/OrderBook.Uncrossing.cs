using System.Runtime.InteropServices;

namespace Tidegate.Indexer.Books;

// How a step becomes a difference: set, uncross, tell, remove. A level taken away stays in its place with size zero until all is told.
public sealed partial class OrderBook
{
    private void Apply(long arrival, BookChange change)
    {
        Expire(arrival);
        Set(bids, parser.Bids, arrival);
        Set(asks, parser.Asks, arrival);
        stamp += parser.Bids.Count + parser.Asks.Count;
        Uncross(arrival);
        TellEntries(bids, parser.Bids, change.Bids);
        TellEntries(asks, parser.Asks, change.Asks);
        TellFlips(bids, change.Bids);
        TellFlips(asks, change.Asks);
        RemoveEntries(bids, parser.Bids);
        RemoveEntries(asks, parser.Asks);
    }

    private void Set(BookSide side, List<BookEntry> entries, long arrival)
    {
        foreach (ref readonly var entry in CollectionsMarshal.AsSpan(entries))
        {
            var at = side.Find(entry.Price);
            if (at < 0)
            {
                if (entry.Size == 0m)
                {
                    // A removal of what is not here still says that it is not there: an older answer may hold it.
                    side.Gone.Add(entry.Price, arrival);
                    continue;
                }

                at = ~at;
                side.Insert(at, entry.Price);
            }

            ref var level = ref side.At(at);
            if (level.Size != entry.Size)
            {
                // An equal size in other digits is not told, so the digits stay those that readers have.
                level.Size = entry.Size;
            }

            // The server counts from the last touch too: a level told anew while it is hidden lives on from now.
            level.HiddenAt = arrival;
            level.Arrival = arrival;
            level.Stamp = stamp + entry.Order;
            level.Streamed = true;
            if (entry.Size == 0m)
            {
                side.Gone.Add(entry.Price, arrival);
            }
        }
    }

    // From the touch inwards: of two levels that cross the older hides, and its side goes on with the next (protocol.md 3).
    private void Uncross(long now)
    {
        bids.FlippedFrom = asks.FlippedFrom = int.MaxValue;
        var bid = bids.Best;
        var ask = asks.Best;
        var crossed = bid >= 0 && ask >= 0 && bids.PriceAt(bid) >= asks.PriceAt(ask);
        if (!crossed && bids.HiddenCount == 0 && asks.HiddenCount == 0)
        {
            return;
        }

        walk++;
        while (bid >= 0 && ask >= 0 && bids.PriceAt(bid) >= asks.PriceAt(ask))
        {
            ref var bidLevel = ref bids.At(bid);
            ref var askLevel = ref asks.At(ask);
            if (bidLevel.IsNewerThan(askLevel))
            {
                askLevel.HiddenBy = walk;
                ask = asks.Next(ask);
            }
            else
            {
                bidLevel.HiddenBy = walk;
                bid = bids.Next(bid);
            }
        }

        Flip(bids, bid, now);
        Flip(asks, ask, now);
    }

    // reached: where the walk ended; better levels were looked at, and worse ones may still be hidden from before.
    private void Flip(BookSide side, int reached, long now)
    {
        var before = side.HiddenCount;
        for (var i = side.Count - 1; i >= 0 && (i > reached || before > 0); i--)
        {
            ref var level = ref side.At(i);
            before -= level.Hidden ? 1 : 0;
            var hide = level.HiddenBy == walk;
            if (hide == level.Hidden)
            {
                continue;
            }

            level.Hidden = hide;
            level.HiddenAt = now;
            side.FlippedFrom = i;
            side.HiddenCount += hide ? 1 : -1;
        }
    }

    private void TellEntries(BookSide side, List<BookEntry> entries, List<Level> told)
    {
        foreach (ref readonly var entry in CollectionsMarshal.AsSpan(entries))
        {
            var at = side.Find(entry.Price);
            if (at >= 0)
            {
                Tell(side, at, told);
            }
        }
    }

    // Levels that hid or came back lie near the touch.
    private void TellFlips(BookSide side, List<Level> told)
    {
        for (var i = side.Count - 1; i >= side.FlippedFrom; i--)
        {
            Tell(side, i, told);
        }
    }

    private void Tell(BookSide side, int index, List<Level> told)
    {
        ref var level = ref side.At(index);
        var served = level.Served;
        if (served == level.Told)
        {
            // Taken away and set anew within one step, in other digits: readers keep those that they have.
            level.Size = served == 0m ? level.Size : level.Told;
            return;
        }

        level.Told = served;
        var price = side.PriceAt(index);
        told.Add(new Level(price, served));
        var tenth = side == bids ? tenthBid : tenthAsk;
        crcStale |= tenth is null || !side.IsBetter(tenth.Value, price);
    }

    private static void RemoveEntries(BookSide side, List<BookEntry> entries)
    {
        foreach (ref readonly var entry in CollectionsMarshal.AsSpan(entries))
        {
            if (entry.Size == 0m && side.Find(entry.Price) is var at && at >= 0 && side.At(at).Size == 0m)
            {
                side.RemoveAt(at);
            }
        }
    }
}
