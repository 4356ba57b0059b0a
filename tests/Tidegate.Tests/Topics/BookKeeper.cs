using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Tidegate.Tests.Topics;

/// <summary>
/// A client's own book, kept from frames alone: checks after each that it is not crossed and that the checksum is that of the book. Knows
/// contract 2 and no code of the gateway.
/// </summary>
/// <param name="depth">How many levels a side it asked for.</param>
/// <param name="merged">Whether frames are merged: a level that came and went between two of them may be removed.</param>
internal sealed class BookKeeper(int depth = int.MaxValue, bool merged = false)
{
    private readonly SortedDictionary<decimal, (string Price, string Size)> bids = new(Comparer<decimal>.Create((left, right) => right.CompareTo(left)));
    private readonly SortedDictionary<decimal, (string Price, string Size)> asks = [];

    private readonly SortedDictionary<long, (List<string> Bids, List<string> Asks)> history = [];

    /// <summary>The numbers at which it changed, in order.</summary>
    public IEnumerable<long> Seqs => history.Keys;

    public int Frames { get; private set; }

    public long Seq { get; private set; }

    public string Text => TextAt(Seq);

    /// <summary>Applies all frames of the topic, oldest first.</summary>
    public static BookKeeper Replay(IEnumerable<JsonObject> frames, string id, int depth = int.MaxValue, bool merged = false)
    {
        var keeper = new BookKeeper(depth, merged);
        foreach (var frame in frames.Where(frame => (string?)frame["channel"] == "v4_orderbook" && (string?)frame["id"] == id))
        {
            keeper.Take(frame);
        }

        return keeper;
    }

    public void Take(JsonObject frame)
    {
        var type = (string?)frame["type"];
        if (type is not ("subscribed" or "snapshot" or "orderbook_update") || frame["data"] is null)
        {
            return;
        }

        if (type != "orderbook_update")
        {
            bids.Clear();
            asks.Clear();
        }

        Apply(bids, frame["data"]!["bids"]!.AsArray());
        Apply(asks, frame["data"]!["asks"]!.AsArray());
        Seq = (long)frame["seq"]!;
        Frames++;
        Assert.True(bids.Count == 0 || asks.Count == 0 || bids.First().Key < asks.First().Key, "crossed after " + frame.ToJsonString());
        Assert.True(bids.Count <= depth && asks.Count <= depth, "deeper than asked for");
        Assert.Equal(Checksum(), (uint)(long)frame["crc"]!);
        history[Seq] = (Texts(bids), Texts(asks));
    }

    /// <summary>The best levels as they stood at a number.</summary>
    public string TextAt(long seq, int top = int.MaxValue)
    {
        var (ours, theirs) = history[history.Keys.Last(known => known <= seq)];
        return string.Join(' ', ours.Take(top)) + " | " + string.Join(' ', theirs.Take(top));
    }

    private static List<string> Texts(SortedDictionary<decimal, (string Price, string Size)> side) => [.. side.Values.Select(level => $"{level.Price}x{level.Size}")];

    private void Apply(SortedDictionary<decimal, (string Price, string Size)> side, JsonArray levels)
    {
        foreach (var level in levels)
        {
            var (price, size) = ((string)level![0]!, (string)level[1]!);
            var key = decimal.Parse(price, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
            if (size == "0")
            {
                Assert.True(side.Remove(key) || merged, $"a level that was not there is removed: {price}");
            }
            else
            {
                Assert.NotEqual(0m, decimal.Parse(size, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
                side[key] = (price, size);
            }
        }
    }

    private uint Checksum()
    {
        var top = Math.Min(10, depth);
        var (ours, theirs) = (bids.Values.Take(top).ToList(), asks.Values.Take(top).ToList());
        var parts = new List<string>();
        for (var i = 0; i < top; i++)
        {
            parts.AddRange(ours.Skip(i).Take(1).Concat(theirs.Skip(i).Take(1)).Select(level => $"{level.Price}:{level.Size}"));
        }

        return Crc32(Encoding.ASCII.GetBytes(string.Join(':', parts)));
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            }
        }

        return ~crc;
    }
}
