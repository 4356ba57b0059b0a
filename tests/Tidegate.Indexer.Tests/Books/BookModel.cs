using System.Globalization;
using System.Text;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Tests.Books;

/// <summary>The rules of protocol.md 3 written down as slowly and plainly as possible, to compare the book with.</summary>
internal sealed class BookModel
{
    private readonly List<Entry> entries = [];
    private readonly List<(bool Bid, decimal Price, long At)> removals = [];
    private long stamp;
    private long? knownBidAt;
    private long? knownAskAt;

    public decimal? KnownBid { get; private set; }

    public decimal? KnownAsk { get; private set; }

    public void Update(IEnumerable<(bool Bid, decimal Price, decimal Size)> changes, long now)
    {
        Expire(now);
        foreach (var (bid, price, size) in changes)
        {
            entries.RemoveAll(e => e.Bid == bid && e.Price == price);
            if (size != 0m)
            {
                entries.Add(new Entry(bid, price, size) { Stamp = stamp++, Arrival = now, Streamed = true });
            }
            else
            {
                removals.Add((bid, price, now));
            }
        }

        Uncross(now);
    }

    /// <summary>Takes a REST answer, best first a side: the whole truth, or with <paramref name="since"/> a comparison.</summary>
    public void Answer(IReadOnlyList<(bool Bid, decimal Price, decimal Size)> rows, long now, long? since, long? reachSince = null)
    {
        Expire(now);
        var (bestBid, bestAsk) = (Side(true).FirstOrDefault(), Side(false).FirstOrDefault());
        var zone = since is not null && bestBid is not null && bestAsk is not null && bestBid.Price >= bestAsk.Price
            ? (From: bestAsk.Price, To: bestBid.Price)
            : (From: 1m, To: 0m);
        var (bidHorizon, askHorizon) = (HorizonOf(true), HorizonOf(false));
        var answered = rows.Select(r => (r.Bid, r.Price)).ToHashSet();
        var held = entries.ToDictionary(e => (e.Bid, e.Price));
        entries.RemoveAll(e => !answered.Contains((e.Bid, e.Price)) && !IsKept(e) && !IsBeyond(e));
        foreach (var (bid, price, size) in rows)
        {
            var (age, order) = (since is { } from ? Math.Min(from - 1, now) : now, stamp++);
            if (held.TryGetValue((bid, price), out var known))
            {
                if (known.Size != size && !IsFresh(known))
                {
                    known.Size = size;
                    (known.Arrival, known.Stamp, known.Streamed) = IsInZone(price) ? (known.Arrival, known.Stamp, known.Streamed) : (age, order, false);
                }
            }
            else if (!(IsInZone(price) && CrossesServed(bid, price)) && !(since is { } limit && removals.Exists(r => r.Bid == bid && r.Price == price && r.At >= limit)))
            {
                entries.Add(new Entry(bid, price, size) { Stamp = order, Arrival = age });
            }
        }

        Uncross(now);
        (KnownBid, knownBidAt) = Further(KnownBid, knownBidAt, bidHorizon, (known, reached) => known < reached);
        (KnownAsk, knownAskAt) = Further(KnownAsk, knownAskAt, askHorizon, (known, reached) => known > reached);

        // The one that reaches further, if it is young enough; null is the whole side.
        (decimal?, long?) Further(decimal? known, long? at, decimal? reached, Func<decimal, decimal, bool> isFurther)
        {
            var young = at is not null && reachSince is not null && at >= reachSince;
            var further = reached is not null && (known is null || isFurther(known.Value, reached.Value));
            return young && further ? (known, at) : (reached, now);
        }

        bool IsInZone(decimal price) => price >= zone.From && price <= zone.To;

        bool IsKept(Entry entry) => IsInZone(entry.Price) || IsFresh(entry);

        bool IsFresh(Entry entry) => entry.Streamed && since is { } limit && entry.Arrival >= limit;

        bool CrossesServed(bool bid, decimal price) => entries.Exists(e => e.Bid != bid && e.HiddenAt is null && (bid ? e.Price <= price : e.Price >= price));

        bool IsBeyond(Entry entry) => entry.Bid ? entry.Price < bidHorizon : entry.Price > askHorizon;

        decimal? HorizonOf(bool bid) => rows.Count(r => r.Bid == bid) >= 100 ? rows.Last(r => r.Bid == bid).Price : null;
    }

    public void Expire(long now) => entries.RemoveAll(e => e.HiddenAt is { } at && now - at > 10_000);

    public List<(decimal Price, decimal Size)> Served(bool bid) =>
        [.. Side(bid).Where(e => e.HiddenAt is null).Select(e => (e.Price, e.Size))];

    private IEnumerable<Entry> Side(bool bid) => entries.Where(e => e.Bid == bid).OrderBy(e => bid ? -e.Price : e.Price);

    private void Uncross(long now)
    {
        var bids = new Queue<Entry>(Side(true));
        var asks = new Queue<Entry>(Side(false));
        var hidden = new HashSet<Entry>();
        while (bids.Count > 0 && asks.Count > 0 && bids.Peek().Price >= asks.Peek().Price)
        {
            var (bid, ask) = (bids.Peek(), asks.Peek());
            var bidIsNewer = (bid.Arrival, bid.Stamp).CompareTo((ask.Arrival, ask.Stamp)) > 0;
            hidden.Add(bidIsNewer ? asks.Dequeue() : bids.Dequeue());
        }

        foreach (var entry in entries)
        {
            entry.HiddenAt = hidden.Contains(entry) ? entry.HiddenAt ?? now : null;
        }
    }

    private sealed class Entry(bool bid, decimal price, decimal size)
    {
        public bool Bid { get; } = bid;

        public decimal Price { get; } = price;

        public decimal Size { get; set; } = size;

        public long Arrival { get; set; }

        public long Stamp { get; set; }

        public bool Streamed { get; set; }

        public long? HiddenAt { get; set; }
    }
}

/// <summary>A reader's copy, made of nothing but what is told.</summary>
internal sealed class Mirror
{
    private readonly SortedDictionary<decimal, decimal> bids = new(Comparer<decimal>.Create((a, b) => b.CompareTo(a)));
    private readonly SortedDictionary<decimal, decimal> asks = [];

    public void Apply(BookChange change)
    {
        Apply(change.Bids, bids);
        Apply(change.Asks, asks);
    }

    public bool IsCrossed => bids.Count > 0 && asks.Count > 0 && bids.First().Key >= asks.First().Key;

    public List<(decimal Price, decimal Size)> Levels(bool bid) => [.. (bid ? bids : asks).Select(l => (l.Key, l.Value))];

    public string ChecksumText()
    {
        var parts = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            Add(bids.ElementAtOrDefault(i));
            Add(asks.ElementAtOrDefault(i));
        }

        return string.Join(':', parts);

        void Add(KeyValuePair<decimal, decimal> level)
        {
            if (level.Key != 0m)
            {
                parts.Add(level.Key.ToString(CultureInfo.InvariantCulture) + ":" + level.Value.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void Apply(List<Level> changes, SortedDictionary<decimal, decimal> side)
    {
        foreach (var (price, size) in changes)
        {
            if (size == 0m)
            {
                Assert.True(side.Remove(price), "a removal of a level that was never told");
            }
            else
            {
                side[price] = size;
            }
        }
    }
}

internal static class BookText
{
    public static byte[] Frame(IEnumerable<(bool Bid, decimal Price, decimal Size)> changes)
    {
        var list = changes.ToList();
        return Encoding.UTF8.GetBytes($"{{\"bids\":[{Pairs(list, true)}],\"asks\":[{Pairs(list, false)}]}}");
    }

    private static string Pairs(List<(bool Bid, decimal Price, decimal Size)> changes, bool bid) =>
        string.Join(',', changes.Where(c => c.Bid == bid).Select(c => $"[\"{DecimalText.ToText(c.Price)}\",\"{DecimalText.ToText(c.Size)}\"]"));
}
