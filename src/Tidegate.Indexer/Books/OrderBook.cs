using System.Buffers;
using System.IO.Hashing;
using System.Text.Json;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Books;

/// <summary>
/// One market's book, served uncrossed: of two touching levels the one that arrived later shows, the older is hidden, comes back when the
/// other side gives way within ten seconds, and is forgotten after that (protocol.md 3).
/// </summary>
/// <remarks>
/// Owned by one feed, which serialises access. Knows no clock: arrivals are milliseconds of the owner's clock, never falling. Prices in quote per
/// base, sizes in base units. Updates allocate nothing once the sides have grown to their size.
/// </remarks>
public sealed partial class OrderBook
{
    /// <summary>How long a hidden level may come back, in milliseconds (protocol.md 3).</summary>
    public const long HiddenLife = 10_000;

    /// <summary>How many levels a side the server's snapshots hold at most: a side with so many may go on beyond.</summary>
    public const int SnapshotDepth = 100;

    private const int CrcDepth = 10;

    private readonly BookSide bids = new(bids: true);
    private readonly BookSide asks = new(bids: false);
    private readonly BookParser parser = new();

    private long stamp;
    private long walk;
    private uint crc;
    private bool crcStale = true;

    // The tenth level a side when the checksum was taken: what happens beyond them does not touch it.
    private decimal? tenthBid;
    private decimal? tenthAsk;

    /// <summary>The best served bid, null when there is none.</summary>
    public Level? BestBid => BestOf(bids);

    /// <summary>The best served ask, null when there is none.</summary>
    public Level? BestAsk => BestOf(asks);

    /// <summary>The lowest bid price up to which, itself included, every level is known; null = the whole side.</summary>
    public decimal? KnownBid => bids.KnownTo;

    /// <summary>The highest ask price up to which every level is known; null = the whole side.</summary>
    public decimal? KnownAsk => asks.KnownTo;

    /// <summary>Arrival of the older of the two answers that <see cref="KnownBid"/> and <see cref="KnownAsk"/> come from.</summary>
    public long KnownSince => Math.Min(bids.KnownSince, asks.KnownSince);

    /// <summary>How many levels a side are hidden by a cross at the moment, both sides together.</summary>
    public int HiddenLevels => bids.HiddenCount + asks.HiddenCount;

    /// <summary>CRC-32 of the ten best served levels a side as contract 2 has it. Computed only when they changed.</summary>
    public uint Crc
    {
        get
        {
            if (crcStale)
            {
                crc = CrcOf(CrcDepth);
                tenthBid = PriceOfServed(bids, CrcDepth);
                tenthAsk = PriceOfServed(asks, CrcDepth);
                crcStale = false;
            }

            return crc;
        }
    }

    /// <summary>Takes an update (<c>{bids?:[[price,size]…],asks?:[…]}</c>). False when it does not parse: then nothing has changed.</summary>
    public bool ApplyUpdate(ReadOnlySpan<byte> contents, long arrival, BookChange change)
    {
        change.Clear();
        if (!parser.TryParse(contents))
        {
            return false;
        }

        Apply(arrival, change);
        return true;
    }

    /// <summary>
    /// Takes an array of updates as one step with one difference: what readers see between them is left out. False when one of them does not parse: then
    /// nothing has changed.
    /// </summary>
    public bool ApplyUpdates(ReadOnlySpan<byte> updates, long arrival, BookChange change)
    {
        change.Clear();
        if (!parser.TryParseAll(updates))
        {
            return false;
        }

        Apply(arrival, change);
        return true;
    }

    /// <summary>Forgets hidden levels whose time is over. No served level changes by it.</summary>
    public void Expire(long now)
    {
        if (bids.HiddenCount > 0)
        {
            bids.Expire(now);
        }

        if (asks.HiddenCount > 0)
        {
            asks.Expire(now);
        }
    }

    /// <summary>Copies up to <paramref name="to"/>'s length of served levels, best first; returns how many.</summary>
    public int CopyTop(bool bids, Span<Level> to)
    {
        var side = bids ? this.bids : asks;
        var copied = 0;
        for (var i = side.Count - 1; i >= 0 && copied < to.Length; i--)
        {
            ref var level = ref side.At(i);
            if (!level.Hidden)
            {
                to[copied++] = new Level(side.PriceAt(i), level.Size);
            }
        }

        return copied;
    }

    /// <summary>How many served levels of a side stand within what is known; <see cref="int.MaxValue"/> when the whole side is.</summary>
    public int KnownDepth(bool bids)
    {
        var side = bids ? this.bids : asks;
        if (side.KnownTo is not { } horizon)
        {
            return int.MaxValue;
        }

        var known = 0;
        for (var i = side.Count - 1; i >= 0 && (bids ? side.PriceAt(i) >= horizon : side.PriceAt(i) <= horizon); i--)
        {
            known += side.At(i).Hidden ? 0 : 1;
        }

        return known;
    }

    /// <summary>CRC-32 over at most <paramref name="depth"/> (and at most ten) served levels a side.</summary>
    public uint CrcOf(int depth)
    {
        Span<Level> bidLevels = stackalloc Level[CrcDepth];
        Span<Level> askLevels = stackalloc Level[CrcDepth];
        depth = Math.Min(depth, CrcDepth);
        var bidCount = CopyTop(bids: true, bidLevels[..depth]);
        var askCount = CopyTop(bids: false, askLevels[..depth]);
        Span<byte> text = stackalloc byte[2 * CrcDepth * 2 * (DecimalText.MaxLength + 1)];
        var at = 0;
        for (var i = 0; i < Math.Max(bidCount, askCount); i++)
        {
            at = i < bidCount ? Append(bidLevels[i], text, at) : at;
            at = i < askCount ? Append(askLevels[i], text, at) : at;
        }

        // Each level ends with a colon; the last one's is no joint.
        return Crc32.HashToUInt32(text[..Math.Max(at - 1, 0)]);
    }

    /// <summary>Writes the served book, best first, at most <paramref name="depth"/> levels a side, in the shape of <see cref="BookChange.WriteBody"/>.</summary>
    public void WriteState(IBufferWriter<byte> to, int depth = int.MaxValue)
    {
        to.Write("{\"bids\":["u8);
        WriteSide(bids, depth, to);
        to.Write("],\"asks\":["u8);
        WriteSide(asks, depth, to);
        to.Write("]}"u8);
    }

    /// <summary>Writes the served book as REST has it (protocol.md 4): best first, at most 100 levels a side, each an object; none beyond what is known.</summary>
    public void WriteRest(IBufferWriter<byte> to) =>
        WriteRest(to, Math.Min(SnapshotDepth, KnownDepth(bids: true)), Math.Min(SnapshotDepth, KnownDepth(bids: false)));

    /// <summary>As <see cref="WriteRest(IBufferWriter{byte})"/>, with so many levels a side, those beyond the known ones too.</summary>
    internal void WriteRest(IBufferWriter<byte> to, int depth) => WriteRest(to, depth, depth);

    private void WriteRest(IBufferWriter<byte> to, int bidDepth, int askDepth)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        WriteRestSide(json, "bids", bids, bidDepth);
        WriteRestSide(json, "asks", asks, askDepth);
        json.WriteEndObject();
    }

    private static void WriteRestSide(Utf8JsonWriter json, string name, BookSide side, int left)
    {
        Span<byte> text = stackalloc byte[DecimalText.MaxLength];
        json.WriteStartArray(name);
        for (var i = side.Count - 1; i >= 0 && left > 0; i--)
        {
            ref var level = ref side.At(i);
            if (!level.Hidden)
            {
                json.WriteStartObject();
                json.WriteString("price"u8, text[..DecimalText.Format(side.PriceAt(i), text)]);
                json.WriteString("size"u8, text[..DecimalText.Format(level.Size, text)]);
                json.WriteEndObject();
                left--;
            }
        }

        json.WriteEndArray();
    }

    private static void WriteSide(BookSide side, int depth, IBufferWriter<byte> to)
    {
        var first = true;
        for (var i = side.Count - 1; i >= 0 && depth > 0; i--)
        {
            ref var level = ref side.At(i);
            if (!level.Hidden)
            {
                BookChange.WriteLevel(new Level(side.PriceAt(i), level.Size), first, to);
                first = false;
                depth--;
            }
        }
    }

    private static int Append(Level level, Span<byte> text, int at)
    {
        at += DecimalText.Format(level.Price, text[at..]);
        text[at++] = (byte)':';
        at += DecimalText.Format(level.Size, text[at..]);
        text[at++] = (byte)':';
        return at;
    }

    private static Level? BestOf(BookSide side)
    {
        var best = side.BestServed();
        return best < 0 ? null : new Level(side.PriceAt(best), side.At(best).Size);
    }

    private static decimal? PriceOfServed(BookSide side, int rank)
    {
        for (var i = side.Count - 1; i >= 0; i--)
        {
            if (!side.At(i).Hidden && --rank == 0)
            {
                return side.PriceAt(i);
            }
        }

        return null;
    }
}
