namespace Tidegate.Topics;

/// <summary>What can wait in an <see cref="Arrivals{T}"/>: it brings its own link, and stands in one list at a time.</summary>
internal interface IArrival<T>
    where T : class
{
    /// <summary>The list's own; whoever took the item may follow it until the item is added again.</summary>
    T? Next { get; set; }
}

/// <summary>
/// Things that wait for one taker, in the order in which they came. Adding neither locks nor allocates, and touches no memory but the thing's own: with
/// a thousand clients on a topic, queues of their own cost more than the copying of frames.
/// </summary>
/// <remarks>Any thread adds; takers get each thing once.</remarks>
internal struct Arrivals<T>
    where T : class, IArrival<T>
{
    private T? newest;

    /// <summary>Whether nothing waits.</summary>
    public readonly bool IsEmpty => Volatile.Read(in newest) is null;

    /// <summary>Adds a thing that stands in no list.</summary>
    public void Add(T item)
    {
        T? before;
        do
        {
            before = Volatile.Read(ref newest);
            item.Next = before;
        }
        while (Interlocked.CompareExchange(ref newest, item, before) != before);
    }

    /// <summary>Takes all that wait: the oldest, from which <see cref="IArrival{T}.Next"/> leads to the newest; null when there is none.</summary>
    public T? TakeAll()
    {
        if (Volatile.Read(ref newest) is null)
        {
            return null;
        }

        var taken = Interlocked.Exchange(ref newest, null);
        T? oldest = null;
        while (taken is not null)
        {
            var before = taken.Next;
            taken.Next = oldest;
            (oldest, taken) = (taken, before);
        }

        return oldest;
    }
}
