using System.Globalization;
using System.Text;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Tests.Books;

/// <summary>The rules of protocol.md 3 written down as slowly and plainly as possible, to compare the book with.</summary>
internal sealed class BookModel
{
    private readonly List<Entry> entries = [];
    private long stamp;

    public void Update(IEnumerable<(bool Bid, decimal Price, decimal Size)> changes, long now)
    {
        Expire(now);
        foreach (var (bid, price, size) in changes)
        {
            entries.RemoveAll(e => e.Bid == bid && e.Price == price);
            if (size != 0m)
            {
                entries.Add(new Entry(bid, price, size, stamp++));
            }
        }

        Uncross(now);
    }

    public void Expire(long now) => entries.RemoveAll(e => e.HiddenAt is { } at && now - at > OrderBook.HiddenLife);

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
            var bidIsNewer = bids.Peek().Stamp > asks.Peek().Stamp;
            hidden.Add(bidIsNewer ? asks.Dequeue() : bids.Dequeue());
        }

        foreach (var entry in entries)
        {
            entry.HiddenAt = hidden.Contains(entry) ? entry.HiddenAt ?? now : null;
        }
    }

    private sealed class Entry(bool bid, decimal price, decimal size, long stamp)
    {
        public bool Bid { get; } = bid;

        public decimal Price { get; } = price;

        public decimal Size { get; } = size;

        public long Stamp { get; } = stamp;

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
