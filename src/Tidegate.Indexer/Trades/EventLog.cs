using System.Buffers;

namespace Tidegate.Indexer.Trades;

/// <summary>
/// An event that is told once: a trade, a fill or a transfer. <see cref="Json"/> is the row as it is sent; <see cref="CreatedAt"/> is null where
/// the row tells no time.
/// </summary>
public sealed record EventRow(string Id, long Height, DateTimeOffset? CreatedAt, ReadOnlyMemory<byte> Json)
{
    /// <summary>For a transfer: what tells it from another where there is no id (<see cref="EventRows.TransferIdentity"/>); else empty.</summary>
    public string Identity { get; init; } = "";

    /// <summary>The subaccount within which events have an order, or -1 where the topic is of one thing.</summary>
    internal int Lane { get; init; } = -1;
}

/// <summary>
/// The newest events of one topic, and the ids against doubles: the last 10,000 of them, and a low-water height at and below which nothing
/// counts as new.
/// </summary>
/// <remarks>Serialised by its owner. Rows are kept in chain order, whatever order they were learned in.</remarks>
public sealed class EventLog(int keep)
{
    /// <summary>How many ids are remembered.</summary>
    public const int RememberedIds = 10_000;

    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly Queue<(string Id, long Height)> order = new();

    // The newest Keep of them count; a few older ones wait to be removed together, since each removal moves all that stay.
    private readonly List<EventRow> rows = [];

    /// <summary>How many rows a state holds at most.</summary>
    public int Keep { get; } = keep;

    /// <summary>How many events were ever added.</summary>
    public long Total { get; private set; }

    /// <summary>The highest block height seen, 0 before the first event that tells one.</summary>
    public long NewestHeight { get; private set; }

    /// <summary>Events at this height or below are taken for seen, since their ids may be forgotten already.</summary>
    public long LowWater { get; private set; }

    /// <summary>The last row added, null before the first.</summary>
    public EventRow? Last { get; private set; }

    /// <summary>The rows held, in chain order.</summary>
    public IReadOnlyList<EventRow> Rows => Oldest == 0 ? rows : rows[Oldest..];

    private int Oldest => Math.Max(0, rows.Count - Keep);

    /// <summary>Takes an event that was not seen before; false for one that was.</summary>
    public bool Add(EventRow row) => Add(row, fromStream: false);

    /// <summary>
    /// As the other overload; an event of the stream at or below <see cref="LowWater"/> counts as seen: the broker repeats old batches
    /// (protocol.md 1).
    /// </summary>
    public bool Add(EventRow row, bool fromStream)
    {
        if (fromStream && IsOld(row))
        {
            return false;
        }

        if (row.Id.Length > 0 && !TryRemember(row.Id, row.Height))
        {
            return false;
        }

        Total++;
        NewestHeight = Math.Max(NewestHeight, row.Height);
        Last = row;
        Insert(row);
        return true;
    }

    /// <summary>Whether the event lies at or below <see cref="LowWater"/>: its id may be forgotten already.</summary>
    internal bool IsOld(EventRow row) => row.Height > 0 && row.Height <= LowWater;

    /// <summary>Whether an event of its market or subaccount that comes later in the chain was added already.</summary>
    internal bool IsOvertaken(EventRow row)
    {
        for (var at = rows.Count - 1; at >= 0 && EventRows.CompareChainOrder(row, rows[at]) < 0; at--)
        {
            if (rows[at].Lane == row.Lane)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the id was seen.</summary>
    public bool Knows(string id) => known.Contains(id);

    /// <summary>Marks an id as seen without a row, such as one that a journal holds.</summary>
    public void Remember(string id, long height)
    {
        if (id.Length > 0)
        {
            TryRemember(id, height);
        }
    }

    private bool TryRemember(string id, long height)
    {
        if (!known.Add(id))
        {
            return false;
        }

        order.Enqueue((id, height));
        if (order.Count > RememberedIds)
        {
            var oldest = order.Dequeue();
            known.Remove(oldest.Id);

            // More in one block than are remembered must not make the rest of the block old.
            if (oldest.Height < NewestHeight || NewestHeight == 0)
            {
                RaiseLowWater(oldest.Height);
            }
        }

        return true;
    }

    /// <summary>
    /// The rows held are the newest of more, whose ids are not known: whatever is not above the oldest of them counts as seen from now on, in the
    /// stream and in REST's answers.
    /// </summary>
    internal void ForgetOlder()
    {
        // All of one height would say that the rest of that height is old.
        if (rows.Count >= Keep && rows[Oldest].Height < NewestHeight)
        {
            RaiseLowWater(rows[Oldest].Height);
        }
    }

    /// <summary>From now on events at this height or below count as seen.</summary>
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

        var at = rows.FindIndex(told => told.Id.Length == 0 && told.Identity == row.Identity);
        if (at < 0)
        {
            return false;
        }

        Last = ReferenceEquals(Last, rows[at]) ? row : Last;
        rows[at] = row;
        Remember(row.Id, row.Height);
        return true;
    }

    /// <summary>Writes <c>{"<paramref name="name"/>":[…]}</c>, oldest first, at most <see cref="Keep"/> rows.</summary>
    public void WriteState(string name, IBufferWriter<byte> to) => Write(name, rows.Skip(Oldest), to);

    /// <summary>As <see cref="WriteState"/>, newest first.</summary>
    internal void WriteNewestFirst(string name, IBufferWriter<byte> to) => Write(name, rows.Skip(Oldest).Reverse(), to);

    private static void Write(string name, IEnumerable<EventRow> rows, IBufferWriter<byte> to)
    {
        to.Write("{"u8);
        to.Write(Messages.JsonRow.KeyOf(name));
        to.Write("["u8);
        var separator = ""u8;
        foreach (var row in rows)
        {
            to.Write(separator);
            to.Write(row.Json.Span);
            separator = ","u8;
        }

        to.Write("]}"u8);
    }

    // Almost every event belongs at the end; one found later goes to its place.
    private void Insert(EventRow row)
    {
        var at = rows.Count;
        while (at > 0 && EventRows.CompareChainOrder(row, rows[at - 1]) < 0)
        {
            at--;
        }

        rows.Insert(at, row);
        if (rows.Count > Keep + (Keep / 8))
        {
            rows.RemoveRange(0, Oldest);
        }
    }
}
