namespace Tidegate.Indexer.Sockets;

/// <summary>Frames of one topic that one socket has brought and the other is still to bring, oldest first: what tells them apart, the child, the time.</summary>
/// <remarks>
/// Serialised by its owner. Both sockets bring a topic in the broker's order, on the parent channel each child in its own (protocol.md 1, Order): the
/// one looked for is nearly always the first, and those before it come no more.
/// </remarks>
internal sealed class FrameTrail
{
    // Above what a busy topic brings in the time that entries live; beyond it the oldest go.
    private const int Most = 8192;

    private readonly List<(ulong Hash, int Child, DateTimeOffset At)> entries = [];

    public int Count => entries.Count;

    public void Add(ulong hash, int child, DateTimeOffset at)
    {
        if (entries.Count == Most)
        {
            entries.RemoveAt(0);
        }

        entries.Add((hash, child, at));
    }

    /// <summary>Takes the oldest entry of that hash out, and what lay before it; false when there is none.</summary>
    public bool Take(ulong hash, int child)
    {
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Hash == hash && entries[i].Child == child)
            {
                Remove(child, i + 1);
                return true;
            }
        }

        return false;
    }

    /// <summary>Forgets a child's entries.</summary>
    public void Forget(int child) => Remove(child, entries.Count);

    /// <summary>Forgets entries older than <paramref name="before"/>; returns how many of them came at <paramref name="countFrom"/> or later.</summary>
    public int Expire(DateTimeOffset before, DateTimeOffset countFrom)
    {
        var (old, counted) = (0, 0);
        while (old < entries.Count && entries[old].At < before)
        {
            counted += entries[old++].At >= countFrom ? 1 : 0;
        }

        if (old > 0)
        {
            entries.RemoveRange(0, old);
        }

        return counted;
    }

    public void Clear() => entries.Clear();

    public void CopyFrom(FrameTrail other)
    {
        entries.Clear();
        entries.AddRange(other.entries);
    }

    private void Remove(int child, int end)
    {
        for (var i = end - 1; i >= 0; i--)
        {
            if (entries[i].Child == child)
            {
                entries.RemoveAt(i);
            }
        }
    }
}
