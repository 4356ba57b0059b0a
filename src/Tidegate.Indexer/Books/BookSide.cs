namespace Tidegate.Indexer.Books;

/// <summary>A level as the book keeps it.</summary>
internal struct BookLevel
{
    /// <summary>The absolute size with the digits it was first told with; zero: taken away in this step, to be removed at its end.</summary>
    public decimal Size;

    /// <summary>The size that readers were told last, zero where they know of no level.</summary>
    public decimal Told;

    /// <summary>When it arrived, milliseconds of the owner's clock.</summary>
    public long Arrival;

    /// <summary>Orders levels of one arrival: the later entry of a frame is newer.</summary>
    public long Stamp;

    /// <summary>When it was hidden; means something only while <see cref="Hidden"/>.</summary>
    public long HiddenAt;

    /// <summary>The walk that last hid it.</summary>
    public long HiddenBy;

    /// <summary>Hidden by a cross: not served.</summary>
    public bool Hidden;

    /// <summary>Whether its last word came from the stream rather than from a snapshot.</summary>
    public bool Streamed;

    /// <summary>What readers ought to know of it.</summary>
    public readonly decimal Served => Hidden ? 0m : Size;

    /// <summary>Whether it arrived after the other.</summary>
    public readonly bool IsNewerThan(in BookLevel other) => Arrival != other.Arrival ? Arrival > other.Arrival : Stamp > other.Stamp;
}

/// <summary>The levels of one side of a book, hidden ones too, sorted worst first: most changes happen near the touch, the array's end.</summary>
/// <remarks>Prices stand in an array of their own, so that the search stays within a few cache lines.</remarks>
internal sealed class BookSide(bool bids)
{
    private decimal[] prices = new decimal[128];
    private BookLevel[] levels = new BookLevel[128];

    // Where the last search ended: one step looks for the same price twice or three times.
    private int found;

    /// <summary>How many levels there are, hidden ones too.</summary>
    public int Count { get; private set; }

    /// <summary>How many of them are hidden.</summary>
    public int HiddenCount { get; set; }

    /// <summary>The worst place at which the last walk hid a level or let one back; beyond the end when it did neither.</summary>
    public int FlippedFrom { get; set; } = int.MaxValue;

    /// <summary>The worst price up to which every level is known, itself included; null = the whole side.</summary>
    public decimal? KnownTo { get; private set; }

    /// <summary>When the answer came that reached so far.</summary>
    public long KnownSince { get; private set; } = long.MinValue;

    /// <summary>Prices that the stream took away a short while ago: an older answer must not bring them back.</summary>
    public Tombstones Gone { get; } = new();

    /// <summary>
    /// Takes how far an answer reached: the new <see cref="KnownTo"/>, unless the present one goes further and is no older than <paramref name="since"/>.
    /// Returns whether it moved.
    /// </summary>
    public bool Reach(decimal? horizon, long arrival, long? since)
    {
        var further = horizon is { } reached && (KnownTo is not { } known || IsBetter(reached, known));
        if (further && KnownSince >= since)
        {
            return false;
        }

        var moved = KnownTo != horizon;
        (KnownTo, KnownSince) = (horizon, arrival);
        return moved;
    }

    /// <summary>The price at a place; the best is the last.</summary>
    public decimal PriceAt(int index) => prices[index];

    /// <summary>The level at a place.</summary>
    public ref BookLevel At(int index) => ref levels[index];

    /// <summary>Whether a price is nearer to the touch than another.</summary>
    public bool IsBetter(decimal left, decimal right) => bids ? left > right : left < right;

    /// <summary>The place of a price, or the complement of the place where it belongs.</summary>
    public int Find(decimal price)
    {
        if (found < Count && prices[found] == price)
        {
            return found;
        }

        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = prices[middle].CompareTo(price);
            if (order == 0)
            {
                return found = middle;
            }

            if (order < 0 == bids)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    /// <summary>Makes room for a price at a place that <see cref="Find"/> named.</summary>
    public ref BookLevel Insert(int index, decimal price)
    {
        if (Count == prices.Length)
        {
            Array.Resize(ref prices, Count * 2);
            Array.Resize(ref levels, Count * 2);
        }

        Array.Copy(prices, index, prices, index + 1, Count - index);
        Array.Copy(levels, index, levels, index + 1, Count - index);
        prices[index] = price;
        levels[index] = default;
        found = index;
        Count++;
        return ref levels[index];
    }

    /// <summary>Removes the level at a place.</summary>
    public void RemoveAt(int index)
    {
        HiddenCount -= levels[index].Hidden ? 1 : 0;
        Count--;
        Array.Copy(prices, index + 1, prices, index, Count - index);
        Array.Copy(levels, index + 1, levels, index, Count - index);
    }

    /// <summary>Removes all levels of size zero.</summary>
    public void RemoveEmpty()
    {
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (levels[i].Size == 0m)
            {
                HiddenCount -= levels[i].Hidden ? 1 : 0;
                continue;
            }

            if (kept != i)
            {
                prices[kept] = prices[i];
                levels[kept] = levels[i];
            }

            kept++;
        }

        Count = kept;
    }

    /// <summary>Forgets levels that were hidden longer than <see cref="OrderBook.HiddenLife"/> ago.</summary>
    public void Expire(long now)
    {
        var unseen = HiddenCount; // they lie near the touch: the search ends with the last of them
        for (var i = Count - 1; unseen > 0; i--)
        {
            if (!levels[i].Hidden)
            {
                continue;
            }

            unseen--;
            if (now - levels[i].HiddenAt > OrderBook.HiddenLife)
            {
                RemoveAt(i);
            }
        }
    }

    /// <summary>The best level, hidden ones too; −1 when there is none.</summary>
    public int Best => Next(Count);

    /// <summary>The next worse level than the one at a place, those taken away in this step left out; −1 at the end.</summary>
    public int Next(int index)
    {
        do
        {
            index--;
        }
        while (index >= 0 && levels[index].Size == 0m);

        return index;
    }

    /// <summary>The best served level's place; −1 when there is none.</summary>
    public int BestServed()
    {
        var i = Count - 1;
        while (i >= 0 && levels[i].Served == 0m)
        {
            i--;
        }

        return i;
    }
}

/// <summary>The newest removals of one side: a ring that grows only while its oldest is still young.</summary>
internal sealed class Tombstones
{
    // Longer than a REST answer can be behind: the request's time-out and the replica's lag (protocol.md 3).
    private const long Life = 30_000;
    private const int MaxCount = 8192;

    private (decimal Price, long Arrival)[] ring = new (decimal, long)[32];
    private int next;
    private int count;

    /// <summary>Notes a removal.</summary>
    public void Add(decimal price, long arrival)
    {
        if (count == ring.Length && count < MaxCount && arrival - ring[next].Arrival < Life)
        {
            var grown = new (decimal, long)[count * 2];
            ring.AsSpan(next).CopyTo(grown);
            ring.AsSpan(0, next).CopyTo(grown.AsSpan(count - next));
            (ring, next) = (grown, count);
        }

        ring[next] = (price, arrival);
        next = (next + 1) % ring.Length;
        count = Math.Min(count + 1, ring.Length);
    }

    /// <summary>Whether the price was removed at that time or later.</summary>
    public bool Has(decimal price, long since)
    {
        for (var i = 1; i <= count; i++)
        {
            ref var one = ref ring[(next - i + ring.Length) % ring.Length];
            if (one.Arrival < since)
            {
                return false;
            }

            if (one.Price == price)
            {
                return true;
            }
        }

        return false;
    }
}
