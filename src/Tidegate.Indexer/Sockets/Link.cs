using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>One followed topic: its subscriber, where it sits, and what it was told.</summary>
/// <remarks>
/// The ledger part (seats, retries, parking) is serialised by the pool's gate. Calls to the subscriber are made under <see cref="CallGate"/>, one after
/// the other; the order of locks is CallGate, then the pool's gate, never the reverse, and no caller of the pool's public members waits for a CallGate:
/// a feed may call the pool under its own lock.
/// </remarks>
internal sealed class Link(TopicKey topic, ISubscriber subscriber, DateTimeOffset now)
{
    // A link that changes faster than its subscriber listens hears the newest ones: bounded.
    private const int MostNews = 32;

    private readonly Queue<LinkStatus> news = new();
    private volatile bool hasNews;

    public TopicKey Topic { get; } = topic;

    public ISubscriber Subscriber { get; } = subscriber;

    /// <summary>Held while the subscriber is called.</summary>
    public Lock CallGate { get; } = new();

    /// <summary>The seat whose frames count. Read by readers under <see cref="CallGate"/>.</summary>
    public volatile Seat? Seat;

    /// <summary>The seat on the socket to which the topic moves.</summary>
    public Seat? NextSeat { get; set; }

    /// <summary>The seat on the standby socket. Read by readers without a lock: <see cref="Suffix"/> has the last word.</summary>
    public volatile Seat? Spare;

    /// <summary>What makes seat and spare count as one.</summary>
    public Suffix Suffix { get; } = new();

    /// <summary>When the standby may be asked for it again, after it refused.</summary>
    public DateTimeOffset SpareAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Subscribes that failed on the standby since the last that succeeded.</summary>
    public int SpareRetries { get; set; }

    public volatile bool Gone;

    /// <summary>Failed subscribes since the last that succeeded.</summary>
    public int Retries { get; set; }

    public DateTimeOffset RetryAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Why it is not live, once it was lost or refused for now.</summary>
    public string? Reason { get; set; }

    /// <summary>Blocked, UnknownId or Refused: not asked for by itself, but for a probe of Blocked.</summary>
    public LinkState? Parked { get; set; }

    /// <summary>When a blocked link is tried once more.</summary>
    public DateTimeOffset ProbeAt { get; set; }

    /// <summary>A blocked link whose probe is under way.</summary>
    public bool Probing { get; set; }

    /// <summary>No socket has room for it and no more may be opened.</summary>
    public bool IsFull { get; set; }

    /// <summary>Waits in the pool's queue of links with news.</summary>
    public bool InNews { get; set; }

    /// <summary>What the Indexer said when it refused.</summary>
    public string? RefusalText { get; set; }

    /// <summary>The last status that was put into words.</summary>
    public LinkStatus Status { get; private set; } = new(LinkState.Waiting, now);

    public bool IsLive => Seat is { Phase: SeatPhase.Live };

    /// <summary>Whether it should sit somewhere.</summary>
    public bool WantsSeat => !Gone && (Parked is null || Probing);

    /// <summary>Puts a status into the queue when it says something new. True then. Under the pool's gate.</summary>
    public bool Tell(LinkState state, int attempt, DateTimeOffset? next, string? reason, DateTimeOffset at)
    {
        if (Status.State == state && Status.Attempt == attempt && Status.NextAttemptAt == next && Status.Reason == reason)
        {
            return false;
        }

        Status = new LinkStatus(state, Status.State == state ? Status.Since : at, attempt, next, reason);
        lock (news)
        {
            if (news.Count == MostNews)
            {
                news.Dequeue();
            }

            news.Enqueue(Status);
            hasNews = true;
        }

        return true;
    }

    /// <summary>
    /// Tells the subscriber what is queued, then of a change of socket and what the new one had brought by then. Under <see cref="CallGate"/>. True
    /// when there was such a change.
    /// </summary>
    public bool Deliver(Action<Link, string, Exception> failed)
    {
        DeliverNews(failed);
        return DeliverSwitch(failed);
    }

    private bool DeliverSwitch(Action<Link, string, Exception> failed)
    {
        if (Suffix.TakeSwitch(out var lost) is not { } frames || Gone)
        {
            return false;
        }

        try
        {
            Subscriber.OnSwitched(frames, lost);
        }
#pragma warning disable CA1031 // the edge of a subscriber: contained here
        catch (Exception e)
        {
            failed(this, nameof(ISubscriber.OnSwitched), e);
        }
#pragma warning restore CA1031
        Suffix.Return(frames);
        return true;
    }

    private void DeliverNews(Action<Link, string, Exception> failed)
    {
        while (hasNews && !Gone)
        {
            LinkStatus next;
            lock (news)
            {
                if (!news.TryDequeue(out next!))
                {
                    hasNews = false;
                    return;
                }
            }

            try
            {
                Subscriber.OnLink(next);
            }
#pragma warning disable CA1031 // the edge of a subscriber: contained here
            catch (Exception e)
            {
                failed(this, nameof(ISubscriber.OnLink), e);
            }
#pragma warning restore CA1031
        }
    }
}
