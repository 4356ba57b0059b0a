using System.Buffers;

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

    /// <summary>Forgets what was told.</summary>
    public void Clear()
    {
        Bids.Clear();
        Asks.Clear();
        KnownToMoved = false;
    }

    /// <summary>Writes <c>{"bids":[["price","size"]…],"asks":[…]}</c>; both arrays are always there.</summary>
    public void WriteBody(IBufferWriter<byte> to) => throw new NotImplementedException();
}
