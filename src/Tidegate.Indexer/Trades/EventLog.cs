using System.Buffers;

namespace Tidegate.Indexer.Trades;

/// <summary>An event that is told once: a trade, a fill or a transfer. <see cref="Json"/> is the row as it is sent.</summary>
public sealed record EventRow(string Id, long Height, string CreatedAt, byte[] Json);

/// <summary>
/// The newest events of one topic, and the ids against doubles: the last 10,000 of them, and a low-water height below which nothing counts as
/// new by the stream alone.
/// </summary>
/// <remarks>Serialised by its owner.</remarks>
public sealed class EventLog(int keep)
{
    /// <summary>How many rows a state holds at most.</summary>
    public int Keep { get; } = keep;

    /// <summary>Takes an event that was not seen before; false for one that was.</summary>
    public bool Add(EventRow row) => throw new NotImplementedException();

    /// <summary>Whether the id was seen.</summary>
    public bool Knows(string id) => throw new NotImplementedException();

    /// <summary>How many events were ever added.</summary>
    public long Total => throw new NotImplementedException();

    /// <summary>The highest block height seen, 0 before the first event that tells one.</summary>
    public long NewestHeight => throw new NotImplementedException();

    /// <summary>The last row added, null before the first.</summary>
    public EventRow? Last => throw new NotImplementedException();

    /// <summary>Writes <c>{"<paramref name="name"/>":[…]}</c>, oldest first, at most <see cref="Keep"/> rows.</summary>
    public void WriteState(string name, IBufferWriter<byte> to) => throw new NotImplementedException();
}
