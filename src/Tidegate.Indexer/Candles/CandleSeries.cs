using System.Buffers;
using System.Text.Json;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Candles;

/// <summary>One series of candles, at most the newest 1000, keyed by <c>startedAt</c> (protocol.md 2, v4_candles).</summary>
/// <remarks>
/// Serialised by its owner. A candle is closed once: by its frame with <c>orderbookMidPriceClose</c>, or by <see cref="CloseBefore"/>; what the
/// first snapshot holds besides its newest is closed from the start. Frames are absolute; one with fewer trades than known is an older one that
/// the broker repeats, and is passed over.
/// </remarks>
public sealed class CandleSeries
{
    /// <summary>How many candles are kept.</summary>
    public const int MaxCount = 1000;

    private const string MidPriceClose = "orderbookMidPriceClose";

    // Oldest first.
    private readonly List<Candle> candles = [];
    private readonly List<(string StartedAt, JsonRow Row)> told = [];
    private readonly SortedDictionary<string, bool> changed = new(StringComparer.Ordinal);

    /// <summary>How many candles are held.</summary>
    public int Count => candles.Count;

    /// <summary>The newest candle's <c>startedAt</c>, null when there is none.</summary>
    public string? NewestStartedAt => candles.Count == 0 ? null : candles[^1].StartedAt;

    /// <summary>The oldest candle, older than the newest, that is not closed yet; null when there is none.</summary>
    public string? OldestOpenBeforeNewest
    {
        get
        {
            for (var i = 0; i < candles.Count - 1; i++)
            {
                if (!candles[i].Closed)
                {
                    return candles[i].StartedAt;
                }
            }

            return null;
        }
    }

    /// <summary>Whether a candle that started before this is still open.</summary>
    internal bool HasOpenBefore(string startedAt)
    {
        foreach (var candle in candles)
        {
            if (!candle.Closed && string.CompareOrdinal(candle.StartedAt, startedAt) < 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes candles in any order (a snapshot, a REST answer, or one frame's candle); writes the body of those that differ, <c>{"candles":[…]}</c> oldest first, each with <c>closed</c> (and <c>revised:true</c> where it was closed before). False when nothing differs or it does not parse; nothing has changed then.</summary>
    public bool Apply(JsonElement candles, IBufferWriter<byte> body)
    {
        told.Clear();
        changed.Clear();
        if (!Collect(candles))
        {
            return false;
        }

        var isFirst = this.candles.Count == 0;
        foreach (var (startedAt, row) in told)
        {
            Merge(startedAt, row);
        }

        if (isFirst)
        {
            foreach (var candle in this.candles.SkipLast(1))
            {
                candle.Closed = true;
            }
        }

        Trim();
        return WriteChanged(body);
    }

    /// <summary>Closes candles that started before this and are still open; writes their body. False when there are none.</summary>
    public bool CloseBefore(string startedAt, IBufferWriter<byte> body)
    {
        changed.Clear();
        foreach (var candle in candles)
        {
            if (!candle.Closed && string.CompareOrdinal(candle.StartedAt, startedAt) < 0)
            {
                candle.Closed = true;
                changed[candle.StartedAt] = false;
            }
        }

        return WriteChanged(body);
    }

    /// <summary>Writes <c>{"candles":[…]}</c>, oldest first.</summary>
    public void WriteState(IBufferWriter<byte> to)
    {
        to.Write("{\"candles\":["u8);
        for (var i = 0; i < candles.Count; i++)
        {
            Write(candles[i], isFirst: i == 0, revised: false, to);
        }

        to.Write("]}"u8);
    }

    /// <summary>As <see cref="WriteState"/>, in the Indexer's own shape: newest first, without what is only told here.</summary>
    internal void WriteRest(IBufferWriter<byte> to)
    {
        to.Write("{\"candles\":["u8);
        for (var i = candles.Count - 1; i >= 0; i--)
        {
            candles[i].Row.Write(to);
            to.Write(i > 0 ? ","u8 : ""u8);
        }

        to.Write("]}"u8);
    }

    /// <summary>Writes one candle of a body in the Indexer's own shape.</summary>
    internal static void WriteRest(JsonElement candle, IBufferWriter<byte> to)
    {
        var row = JsonRow.From(candle)!;
        row.Remove("closed");
        row.Remove("revised");
        row.Write(to);
    }

    private bool Collect(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var one in value.EnumerateArray())
                {
                    if (!CollectOne(one))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.Object when value.TryGetProperty("candles", out var inner):
                return inner.ValueKind == JsonValueKind.Array && Collect(inner);
            default:
                return CollectOne(value);
        }
    }

    private bool CollectOne(JsonElement value)
    {
        if (JsonRow.From(value) is not { } row || row.Text("startedAt") is not { Length: > 0 } startedAt || !HasNumbers(row))
        {
            return false;
        }

        told.Add((startedAt, row));
        return true;
    }

    private static bool HasNumbers(JsonRow row) =>
        row.TryNumber("open", out _) && row.TryNumber("high", out _) && row.TryNumber("low", out _) && row.TryNumber("close", out _)
        && row.TryNumber("baseTokenVolume", out _) && row.TryNumber("usdVolume", out _) && row.TryNumber("trades", out _) && row.TryNumber(MidPriceClose, out _);

    private void Merge(string startedAt, JsonRow row)
    {
        var at = Find(startedAt);
        if (at < 0)
        {
            candles.Insert(~at, new Candle(startedAt, row) { Closed = row.Has(MidPriceClose) });
            changed[startedAt] = false;
            return;
        }

        var candle = candles[at];
        if (row.Whole("trades") < candle.Row.Whole("trades"))
        {
            return;
        }

        var differs = false;
        foreach (var field in row.Fields)
        {
            // null is another spelling of absent: it takes nothing away.
            if (!field.IsNull || candle.Row.Raw(field.Name).IsEmpty)
            {
                differs |= candle.Row.Set(field.Name, field.Value);
            }
        }

        if (!differs)
        {
            return;
        }

        changed.TryAdd(startedAt, candle.Closed);
        candle.Closed |= row.Has(MidPriceClose);
    }

    private void Trim()
    {
        while (candles.Count > MaxCount)
        {
            changed.Remove(candles[0].StartedAt);
            candles.RemoveAt(0);
        }
    }

    private bool WriteChanged(IBufferWriter<byte> body)
    {
        if (changed.Count == 0)
        {
            return false;
        }

        body.Write("{\"candles\":["u8);
        var isFirst = true;
        foreach (var (startedAt, revised) in changed)
        {
            Write(candles[Find(startedAt)], isFirst, revised, body);
            isFirst = false;
        }

        body.Write("]}"u8);
        return true;
    }

    private static void Write(Candle candle, bool isFirst, bool revised, IBufferWriter<byte> to)
    {
        if (!isFirst)
        {
            to.Write(","u8);
        }

        to.Write("{"u8);
        candle.Row.WriteFields(to);
        to.Write(candle.Closed ? ",\"closed\":true"u8 : ",\"closed\":false"u8);
        if (revised)
        {
            to.Write(",\"revised\":true"u8);
        }

        to.Write("}"u8);
    }

    // ISO texts of one service sort as their times do.
    private int Find(string startedAt)
    {
        var (low, high) = (0, candles.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = string.CompareOrdinal(candles[middle].StartedAt, startedAt);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    private sealed class Candle(string startedAt, JsonRow row)
    {
        public string StartedAt { get; } = startedAt;

        public JsonRow Row { get; } = row;

        public bool Closed { get; set; }
    }
}
