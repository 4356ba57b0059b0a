using System.Buffers;
using System.Runtime.InteropServices;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Books;

/// <summary>One level as told to a reader: the absolute size at a price, zero where the level is gone.</summary>
public readonly record struct Level(decimal Price, decimal Size);

/// <summary>What differs in a served book after one step. Reused by its book: read it before the next step.</summary>
public sealed class BookChange
{
    /// <summary>Changed bids in the order they happened.</summary>
    public List<Level> Bids { get; } = [];

    /// <summary>Changed asks in the order they happened.</summary>
    public List<Level> Asks { get; } = [];

    /// <summary>Whether the horizon of either side moved.</summary>
    public bool KnownToMoved { get; set; }

    /// <summary>Whether there is nothing to tell.</summary>
    public bool IsEmpty => Bids.Count == 0 && Asks.Count == 0 && !KnownToMoved;

    /// <summary>How many levels are taken away.</summary>
    internal int Removals => CountRemovals(Bids) + CountRemovals(Asks);

    /// <summary>Forgets what was told.</summary>
    public void Clear()
    {
        Bids.Clear();
        Asks.Clear();
        KnownToMoved = false;
    }

    /// <summary>Writes <c>{"bids":[["price","size"]…],"asks":[…]}</c>; both arrays are always there.</summary>
    public void WriteBody(IBufferWriter<byte> to)
    {
        to.Write("{\"bids\":["u8);
        WriteLevels(Bids, to);
        to.Write("],\"asks\":["u8);
        WriteLevels(Asks, to);
        to.Write("]}"u8);
    }

    /// <summary>Writes one level as a pair, with a comma before it unless it is the first.</summary>
    internal static void WriteLevel(Level level, bool first, IBufferWriter<byte> to)
    {
        var span = to.GetSpan((2 * DecimalText.MaxLength) + 8);
        var at = 0;
        if (!first)
        {
            span[at++] = (byte)',';
        }

        span[at++] = (byte)'[';
        span[at++] = (byte)'"';
        at += DecimalText.Format(level.Price, span[at..]);
        "\",\""u8.CopyTo(span[at..]);
        at += 3;
        at += level.Size == 0m ? Zero(span[at..]) : DecimalText.Format(level.Size, span[at..]);
        span[at++] = (byte)'"';
        span[at++] = (byte)']';
        to.Advance(at);
    }

    private static int CountRemovals(List<Level> levels)
    {
        var count = 0;
        foreach (ref readonly var level in CollectionsMarshal.AsSpan(levels))
        {
            count += level.Size == 0m ? 1 : 0;
        }

        return count;
    }

    private static void WriteLevels(List<Level> levels, IBufferWriter<byte> to)
    {
        for (var i = 0; i < levels.Count; i++)
        {
            WriteLevel(levels[i], i == 0, to);
        }
    }

    // A removal reads exactly "0", however the Indexer spelled it.
    private static int Zero(Span<byte> to)
    {
        to[0] = (byte)'0';
        return 1;
    }
}
