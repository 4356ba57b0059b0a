namespace Tidegate.Indexer.Sockets;

/// <summary>The news of links and of the road, told on a thread of the pool: never on the thread of a caller, who may hold a lock of his own.</summary>
public sealed partial class SocketPool
{
    private readonly Queue<Link> linkNews = new(); // each link at most once: bounded by the topics
    private readonly Queue<SocketState> roadNews = new(); // a handful a minute at most: the road is backed off
    private bool pumping;

    private void PumpNews()
    {
        lock (gate)
        {
            if (pumping || (linkNews.Count == 0 && roadNews.Count == 0))
            {
                return;
            }

            pumping = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static pool => pool.DeliverNews(), this, preferLocal: false);
    }

    private void DeliverNews()
    {
        var switched = false;
        while (true)
        {
            Link? link;
            SocketState state = default;
            lock (gate)
            {
                if (linkNews.TryDequeue(out link))
                {
                    link.InNews = false;
                }
                else if (!roadNews.TryDequeue(out state))
                {
                    pumping = false;
                    break;
                }
            }

            if (link is null)
            {
                TellState(state);
                continue;
            }

            lock (link.CallGate)
            {
                switched |= link.Deliver(SubscriberFailed);
            }
        }

        if (switched)
        {
            RaiseDrained();
        }
    }

    private void TellState(SocketState state)
    {
        try
        {
            StateChanged?.Invoke(state);
        }
#pragma warning disable CA1031 // the edge of a listener: contained here
        catch (Exception e)
        {
            SocketLog.StateListenerFailed(logger, state, e);
        }
#pragma warning restore CA1031
    }
}
