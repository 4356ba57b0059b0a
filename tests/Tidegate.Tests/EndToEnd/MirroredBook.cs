using System.Globalization;
using System.Text.Json.Nodes;

namespace Tidegate.Tests.EndToEnd;

/// <summary>One book kept from frames, and how deep it was known after each.</summary>
internal sealed class MirroredBook
{
    private const int Always = 50;
    private static readonly TimeSpan Jump = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(10);
    private readonly MirroredSide bids = new(bids: true);
    private readonly MirroredSide asks = new(bids: false);

    /// <summary>Frames after which the best bid was not below the best ask.</summary>
    public int Crossed { get; private set; }

    /// <summary>Known levels of the shallower side after the last frame.</summary>
    public int Depth => Math.Min(bids.Depth, asks.Depth);

    /// <summary>Frames after which fewer than fifty levels of a side were known, those not counted that were taken away within two seconds.</summary>
    public List<string> Shallow { get; } = [];

    /// <summary>The fewest known levels of a side after any frame.</summary>
    public int Shallowest { get; private set; } = int.MaxValue;

    /// <summary>Levels that were known and repaired, since this was cleared.</summary>
    public List<string> Repairs { get; } = [];

    public void Take(JsonObject frame, JsonObject data, DateTimeOffset at)
    {
        var update = (string?)frame["type"] == "orderbook_update";
        if (!update)
        {
            bids.Clear();
            asks.Clear();
        }
        else if ((string?)frame["source"] == "repair")
        {
            Repairs.AddRange(bids.Inside(data["bids"]!.AsArray()));
            Repairs.AddRange(asks.Inside(data["asks"]!.AsArray()));
        }

        bids.Apply(data["bids"]!.AsArray(), at, Remembered);
        asks.Apply(data["asks"]!.AsArray(), at, Remembered);
        if (frame["known_to"] is JsonObject known)
        {
            (bids.KnownTo, asks.KnownTo) = (MirroredSide.Number((string?)known["bid"]), MirroredSide.Number((string?)known["ask"]));
        }

        Crossed += bids.Best >= asks.Best ? 1 : 0;
        Shallowest = Math.Min(Shallowest, Depth);
        if (Depth < Always && DepthWithTaken(at - Jump) is var depth and < Always)
        {
            Shallow.Add($"{at:HH:mm:ss.fff} {frame["type"]}: {Depth} known, {depth} with those taken away");
        }
    }

    /// <summary>Known levels of the shallower side, with those that were known and taken away since.</summary>
    public int DepthWithTaken(DateTimeOffset since) => Math.Min(bids.DepthWithTaken(since), asks.DepthWithTaken(since));

    /// <summary>Whether a level has this size.</summary>
    public bool HasAsk(decimal price, decimal size) => asks.Has(price, size);

    /// <summary>The price of the n-th best level.</summary>
    public decimal PriceAt(bool bids, int rank) => (bids ? this.bids : asks).PriceAt(rank);

    /// <summary>The differences to the true book inside what is known.</summary>
    public IEnumerable<string> Differences(JsonObject truth) => bids.Differences(truth["bids"]!.AsArray()).Concat(asks.Differences(truth["asks"]!.AsArray()));
}

/// <summary>One side of it.</summary>
internal sealed class MirroredSide(bool bids)
{
    private readonly SortedDictionary<decimal, decimal> levels = new(bids ? Comparer<decimal>.Create((left, right) => right.CompareTo(left)) : Comparer<decimal>.Default);
    private readonly Queue<(DateTimeOffset At, decimal Price)> taken = new();

    public decimal? KnownTo { get; set; }

    public decimal? Best => levels.Count == 0 ? null : levels.First().Key;

    public int Depth => KnownTo is null ? int.MaxValue : levels.Keys.TakeWhile(IsKnown).Count();

    public void Clear() => levels.Clear();

    public bool Has(decimal price, decimal size) => levels.GetValueOrDefault(price) == size;

    public decimal PriceAt(int rank) => levels.Keys.ElementAt(rank - 1);

    public int DepthWithTaken(DateTimeOffset since) => KnownTo is null
        ? int.MaxValue
        : levels.Keys.TakeWhile(IsKnown).Union(taken.Where(one => one.At >= since).Select(one => one.Price)).Count();

    public void Apply(JsonArray changes, DateTimeOffset at, TimeSpan remembered)
    {
        while (taken.TryPeek(out var oldest) && oldest.At < at - remembered)
        {
            taken.Dequeue();
        }

        foreach (var change in changes)
        {
            var (price, size) = (Number((string?)change![0])!.Value, Number((string?)change[1])!.Value);
            if (size != 0)
            {
                levels[price] = size;
            }
            else if (levels.Remove(price) && IsKnown(price))
            {
                taken.Enqueue((at, price));
            }
        }
    }

    public IEnumerable<string> Inside(JsonArray changes) =>
        changes.Where(change => IsKnown(Number((string?)change![0])!.Value)).Select(change => $"{(bids ? "bid" : "ask")} {change![0]}");

    public IEnumerable<string> Differences(JsonArray truth)
    {
        var side = bids ? "bid" : "ask";
        var theirs = truth.Select(level => (Price: Number((string?)level!["price"])!.Value, Size: Number((string?)level["size"])!.Value)).Where(level => IsKnown(level.Price)).ToDictionary();
        foreach (var (price, size) in levels.TakeWhile(level => IsKnown(level.Key)))
        {
            if (theirs.GetValueOrDefault(price) != size)
            {
                yield return $"{side} {price}: {size}, true {theirs.GetValueOrDefault(price)}";
            }
        }

        foreach (var (price, size) in theirs.Where(level => !levels.ContainsKey(level.Key)))
        {
            yield return $"{side} {price}: missing, true {size}";
        }
    }

    public static decimal? Number(string? text) => text is null ? null : decimal.Parse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);

    private bool IsKnown(decimal price) => KnownTo is not { } limit || (bids ? price >= limit : price <= limit);
}
