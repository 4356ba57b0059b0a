using System.Buffers;

namespace Tidegate.Indexer.Trades;

/// <summary>An event that is told once: a trade, a fill or a transfer. <see cref="Json"/> is the row as it is sent.</summary>
public sealed record EventRow(string Id, long Height, string CreatedAt, byte[] Json)
{
    /// <summary>For a transfer: what tells it from another where there is no id (<see cref="EventRows.TransferIdentity"/>); else empty.</summary>
    public string Identity { get; init; } = "";
}

/// <summary>
/// The newest events of one topic, and the ids against doubles: the last 10,000 of them, and a low-water height below which nothing counts as
/// new by the stream alone.
/// </summary>
/// <remarks>Serialised by its owner. Rows are kept in chain order, whatever order they were learned in.</remarks>
public sealed class EventLog(int keep)
{
    /// <summary>How many ids are remembered.</summary>
    public const int RememberedIds = 10_000;

    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long Height)> order = new();
    private readonly LinkedList<EventRow> rows = new();

    /// <summary>How many rows a state holds at most.</summary>
    public int Keep { get; } = keep;

    /// <summary>How many events were ever added.</summary>
    public long Total { get; private set; }

    /// <summary>The highest block height seen, 0 before the first event that tells one.</summary>
    public long NewestHeight { get; private set; }

    /// <summary>Events of the stream at this height or below are taken for seen, since their ids may be forgotten already.</summary>
    public long LowWater { get; private set; }

    /// <summary>The last row added, null before the first.</summary>
    public EventRow? Last { get; private set; }

    /// <summary>The rows held, in chain order.</summary>
    public IReadOnlyCollection<EventRow> Rows => rows;

    /// <summary>Takes an event that was not seen before; false for one that was.</summary>
    public bool Add(EventRow row) => Add(row, fromStream: false);

    /// <summary>
    /// As the other overload; an event of the stream at or below <see cref="LowWater"/> counts as seen: the broker repeats old batches
    /// (protocol.md 1), and only a comparison with REST can say that an event so old is new.
    /// </summary>
    public bool Add(EventRow row, bool fromStream)
    {
        if (fromStream && row.Height > 0 && row.Height <= LowWater)
        {
            return false;
        }

        if (row.Id.Length > 0 && known.Contains(row.Id))
        {
            return false;
        }

        Remember(row.Id, row.Height);
        Total++;
        NewestHeight = Math.Max(NewestHeight, row.Height);
        Last = row;
        Insert(row);
        if (rows.Count > Keep)
        {
            rows.RemoveFirst();
        }

        return true;
    }

    /// <summary>Whether the id was seen.</summary>
    public bool Knows(string id) => known.Contains(id);

    /// <summary>Marks an id as seen without a row, such as one that a journal holds.</summary>
    public void Remember(string id, long height)
    {
        if (id.Length == 0 || !known.Add(id))
        {
            return;
        }

        order.Enqueue((id, height));
        if (order.Count > RememberedIds)
        {
            var oldest = order.Dequeue();
            known.Remove(oldest.Id);
            RaiseLowWater(oldest.Height);
        }
    }

    /// <summary>From now on events of the stream at this height or below count as seen.</summary>
    public void RaiseLowWater(long height) => LowWater = Math.Max(LowWater, height);

    /// <summary>
    /// Gives the id that REST knows to the oldest transfer of the same identity that was told without one; the state then holds REST's row.
    /// False when there is none left: then the transfer is new (cases.md 27: a multiset, not a set).
    /// </summary>
    public bool Adopt(EventRow row)
    {
        if (row.Id.Length == 0 || row.Identity.Length == 0 || known.Contains(row.Id))
        {
            return false;
        }

        for (var node = rows.First; node is not null; node = node.Next)
        {
            if (node.Value.Id.Length == 0 && node.Value.Identity == row.Identity)
            {
                Last = ReferenceEquals(Last, node.Value) ? row : Last;
                node.Value = row;
                Remember(row.Id, row.Height);
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes <c>{"<paramref name="name"/>":[…]}</c>, oldest first, at most <see cref="Keep"/> rows.</summary>
    public void WriteState(string name, IBufferWriter<byte> to)
    {
        to.Write("{"u8);
        to.Write(Messages.JsonRow.KeyOf(name));
        to.Write("["u8);
        for (var node = rows.First; node is not null; node = node.Next)
        {
            if (node.Previous is not null)
            {
                to.Write(","u8);
            }

            to.Write(node.Value.Json);
        }

        to.Write("]}"u8);
    }

    // Almost every event belongs at the end; one found later goes to its place.
    private void Insert(EventRow row)
    {
        var after = rows.Last;
        while (after is not null && EventRows.CompareChainOrder(row, after.Value) < 0)
        {
            after = after.Previous;
        }

        if (after is null)
        {
            rows.AddFirst(row);
        }
        else
        {
            rows.AddAfter(after, row);
        }
    }
}
