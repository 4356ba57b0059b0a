using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>What reader threads bring: frames to subscribers, answers to the ledger; and the news of links, on a thread of the pool.</summary>
public sealed partial class SocketPool : IConnectionOwner
{
    private readonly LogThrottle throttle;
    private readonly Queue<Link> linkNews = new(); // each link at most once: bounded by the topics
    private readonly Queue<SocketState> roadNews = new(); // a handful a minute at most: the road is backed off
    private long subscriberFailures;
    private bool pumping;

    /// <summary>Exceptions of subscribers that were contained.</summary>
    public long SubscriberFailures => Interlocked.Read(ref subscriberFailures);

    void IConnectionOwner.OnData(UpstreamConnection from, Seat seat, in FrameEnvelope frame, DateTimeOffset at)
    {
        Flow(from);
        if (seat.Link is not { } link)
        {
            return;
        }

        lock (link.CallGate)
        {
            link.DeliverNews(SubscriberFailed);
            if (link.Seat != seat || seat.Phase != SeatPhase.Live || link.Gone)
            {
                return; // the topic's frames come from another socket, or its snapshot is still to come
            }

            try
            {
                link.Subscriber.OnData(frame, at);
            }
#pragma warning disable CA1031 // the edge of a subscriber: contained here
            catch (Exception e)
            {
                SubscriberFailed(link, nameof(ISubscriber.OnData), e);
            }
#pragma warning restore CA1031
        }
    }

    void IConnectionOwner.OnSubscribed(UpstreamConnection from, Seat seat, in FrameEnvelope frame, DateTimeOffset at)
    {
        Flow(from);
        if (seat.Link is { } link)
        {
            lock (link.CallGate)
            {
                link.DeliverNews(SubscriberFailed);
                if (Expects(link, seat))
                {
                    try
                    {
                        link.Subscriber.OnSubscribed(frame, at);
                    }
#pragma warning disable CA1031 // the edge of a subscriber: contained here
                    catch (Exception e)
                    {
                        SubscriberFailed(link, nameof(ISubscriber.OnSubscribed), e);
                    }
#pragma warning restore CA1031
                }

                Answered(seat, link);
                link.DeliverNews(SubscriberFailed);
            }
        }
        else
        {
            Answered(seat, null);
        }

        Turn();
    }

    void IConnectionOwner.OnUnsubscribed(UpstreamConnection from, Seat seat)
    {
        lock (gate)
        {
            if (seat.Phase == SeatPhase.Leaving)
            {
                from.Remove(seat);
            }
        }

        Turn();
    }

    void IConnectionOwner.OnError(UpstreamConnection from, Refusal refusal)
    {
        if (refusal.Kind == RefusalKind.General || !(refusal.NamesTopic || from.Seats().Any(s => refusal.CanConcern(s.Topic))))
        {
            if (throttle.Pass(refusal.Text))
            {
                SocketLog.ErrorFrame(logger, from.Id, refusal.Text);
            }

            return;
        }

        lock (gate)
        {
            if (from.State == ConnectionState.Ended)
            {
                return;
            }

            if (!refusal.NamesTopic)
            {
                from.Orphans.Add(refusal);
                ResolveOrphans(from);
            }
            else if (from.Find(new TopicKey(refusal.Channel!.Value, refusal.Id ?? "")) is { Phase: SeatPhase.Asked or SeatPhase.Queued } seat)
            {
                Refuse(seat, refusal);
                ResolveOrphans(from);
            }
        }

        Turn();
    }

    void IConnectionOwner.OnUnclaimed(UpstreamConnection from, in FrameEnvelope frame, DateTimeOffset at)
    {
        Flow(from);
        if (Unclaimed is { } hear)
        {
            hear(frame, at);
        }
        else if (frame.Channel is null || (frame.Id.IsEmpty && frame.Channel.Value.TakesId()))
        {
            BadFrame(from, frame.Channel is null ? "unknown-channel" : "no-id");
        }

        // Else a frame of a topic that was just left: nothing to say about it.
    }

    void IConnectionOwner.OnBadFrame(UpstreamConnection from, string fault) => BadFrame(from, fault);

    void IConnectionOwner.OnDrained()
    {
        try
        {
            Drained?.Invoke();
        }
#pragma warning disable CA1031 // the edge of a listener: contained here
        catch (Exception e)
        {
            SocketLog.DrainedFailed(logger, e);
        }
#pragma warning restore CA1031
    }

    void IConnectionOwner.OnEnded(UpstreamConnection from, int? code, string? reason) => EndedBy(from, code, reason);

    private void EndedBy(UpstreamConnection connection, int? code, string? detail)
    {
        lock (gate)
        {
            if (closed || connection.State == ConnectionState.Ended)
            {
                return;
            }

            End(connection, code, detail, LinkReasons.Closed);
        }

        Turn();
    }

    private void Flow(UpstreamConnection from)
    {
        if (from.State != ConnectionState.Open)
        {
            return;
        }

        lock (gate)
        {
            if (from.State == ConnectionState.Open && !closed)
            {
                from.Enter(ConnectionState.Flowing, "data flows");
                if (road.Flowed())
                {
                    Interlocked.Increment(ref reconnects);
                }
            }
        }
    }

    private bool Expects(Link link, Seat seat)
    {
        lock (gate)
        {
            return !link.Gone && (link.Seat == seat || link.NextSeat == seat) && seat.Phase != SeatPhase.Leaving;
        }
    }

    /// <summary>A subscribe was answered with its snapshot, and the subscriber has had it.</summary>
    private void Answered(Seat seat, Link? link)
    {
        lock (gate)
        {
            if (closed || seat.Connection.State == ConnectionState.Ended || seat.Phase == SeatPhase.Leaving)
            {
                return;
            }

            (seat.Phase, seat.Alone) = (SeatPhase.Live, false);
            if (seat.Link is null)
            {
                Leave(seat, time.GetUtcNow()); // nobody waits for it any more
            }
            else if (link is not null && seat.Link == link)
            {
                if (link.NextSeat == seat && link.Seat is { } old)
                {
                    old.Link = null;
                    old.Connection.Remove(old); // its socket is closed as a whole
                }

                (link.Seat, link.NextSeat) = (seat, null);
                (link.Retries, link.Reason, link.Parked, link.Probing) = (0, null, null, false);
                link.Tell(LinkState.Live, 0, null, null, time.GetUtcNow());
            }

            ResolveOrphans(seat.Connection);
        }
    }

    /// <summary>
    /// Refusals that name no topic are handed out once it is clear whose they are: as many unanswered subscribes as refusals. Where it stays unclear,
    /// the ten seconds pass and each is asked again alone.
    /// </summary>
    private void ResolveOrphans(UpstreamConnection connection)
    {
        foreach (var group in connection.Orphans.GroupBy(o => (o.Kind, o.Channel, o.Id)).ToArray())
        {
            var refusals = group.ToArray();
            var candidates = connection.Seats().Where(s => s.Phase == SeatPhase.Asked && refusals[0].CanConcern(s.Topic)).ToArray();
            if (candidates.Length > refusals.Length)
            {
                continue;
            }

            connection.Orphans.RemoveAll(refusals.Contains);
            foreach (var seat in candidates)
            {
                Refuse(seat, refusals[0]);
            }
        }
    }

    private void Refuse(Seat seat, Refusal refusal)
    {
        var (connection, now) = (seat.Connection, time.GetUtcNow());
        if (seat.Link is not { } link)
        {
            connection.Remove(seat); // left meanwhile: there is nothing to unsubscribe
            return;
        }

        if (refusal.Kind == RefusalKind.FetchFailed)
        {
            AskLater(seat, link, refusal.Text, backOff.After(link.Retries), now);
            return;
        }

        if (refusal.Kind == RefusalKind.AlreadySubscribed)
        {
            // Its snapshot was lost to us: unsubscribe, and ask afresh once that is answered.
            Detach(seat, link);
            seat.Link = null;
            link.RetryAt = now + Seat.BetweenAttempts;
            Leave(seat, now);
            return;
        }

        Detach(seat, link);
        connection.Remove(seat);
        switch (refusal.Kind)
        {
            case RefusalKind.Limit:
                var limit = connection.LowerLimitToUse(seat.Topic.Channel);
                SocketLog.LimitReached(logger, connection.Id, limit, seat.Topic.Channel, seat.Topic);
                break;
            case RefusalKind.Compliance:
                Refused(link, refusal, LinkState.Blocked, LinkReasons.Compliance);
                break;
            case RefusalKind.UnknownId:
                Refused(link, refusal, LinkState.UnknownId, LinkReasons.UnknownId);
                break;
            default:
                Refused(link, refusal, LinkState.Refused, LinkReasons.Refused);
                break;
        }
    }

    private static void Detach(Seat seat, Link link)
    {
        if (link.NextSeat == seat)
        {
            link.NextSeat = null;
        }
        else if (link.Seat == seat)
        {
            link.Seat = null;
        }
    }

    private void Refused(Link link, Refusal refusal, LinkState state, string reason)
    {
        SocketLog.Refused(logger, link.Topic, refusal.Text, state);
        Unseat(link); // a move that the new socket refuses ends the old seat too
        link.RefusalText = refusal.Text;
        Park(link, state, reason);
    }

    private void BadFrame(UpstreamConnection from, string fault)
    {
        var total = Interlocked.Increment(ref dropped);
        if (throttle.Pass(fault))
        {
            SocketLog.BadFrame(logger, from.Id, fault, total);
        }
    }

    private void SubscriberFailed(Link link, string call, Exception error)
    {
        Interlocked.Increment(ref subscriberFailures);
        SocketLog.SubscriberFailed(logger, link.Topic, call, error);
    }

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
                    return;
                }
            }

            if (link is null)
            {
                TellState(state);
                continue;
            }

            lock (link.CallGate)
            {
                link.DeliverNews(SubscriberFailed);
            }
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
