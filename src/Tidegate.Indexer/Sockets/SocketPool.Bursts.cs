namespace Tidegate.Indexer.Sockets;

// When what was read is told onwards. A block reaches the sockets at the same moment, and a client that follows topics of several is written to once: the
// reader that is done while others have something to read, or still read, leaves it to the last of them. It waits for data frames alone, 512 at most;
// before the snapshot of a subscribe, which takes longer, all that is due goes out.
public sealed partial class SocketPool
{
    private int bursts;
    private volatile UpstreamConnection[] readers = [];

    // Under the pool's gate. Readers look at a copy, so that none of them waits for it.
    private void Join(UpstreamConnection connection)
    {
        connections.Add(connection);
        readers = [.. connections];
    }

    private void Leave(UpstreamConnection connection)
    {
        connections.Remove(connection);
        readers = [.. connections];
    }

    bool IConnectionOwner.OnBurst(UpstreamConnection from)
    {
        // A standby reads the same frames beside: nobody waits for it.
        if (from.Mirrors is not null)
        {
            return false;
        }

        Interlocked.Increment(ref bursts);
        return true;
    }

    void IConnectionOwner.OnDrained(UpstreamConnection from, bool inBurst)
    {
        var isLast = inBurst ? Interlocked.Decrement(ref bursts) == 0 : from.Mirrors is null;
        if (isLast && !OthersHaveUnread(from))
        {
            RaiseDrained();
        }
    }

    private bool OthersHaveUnread(UpstreamConnection from)
    {
        foreach (var other in readers)
        {
            if (other != from && other is { Mirrors: null, IsUp: true, Wire.HasUnread: true })
            {
                return true;
            }
        }

        return false;
    }

    void IConnectionOwner.OnLongBurst(UpstreamConnection from)
    {
        // On another thread: fifty writes cost as much as reading hundreds of frames. One call at a time is enough, it writes all that is due.
        if (from.Mirrors is null && Interlocked.Exchange(ref tellsLongBurst, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static pool =>
                {
                    Volatile.Write(ref pool.tellsLongBurst, 0);
                    pool.Raise(pool.LongBurst);
                },
                this,
                preferLocal: false);
        }
    }

    private void RaiseDrained() => Raise(Drained);

    private void Raise(Action? listeners)
    {
        try
        {
            listeners?.Invoke();
        }
#pragma warning disable CA1031 // the edge of a listener: contained here
        catch (Exception e)
        {
            SocketLog.DrainedFailed(logger, e);
        }
#pragma warning restore CA1031
    }
}
