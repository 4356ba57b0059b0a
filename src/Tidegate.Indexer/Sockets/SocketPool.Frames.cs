using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>What reader threads bring: frames to subscribers, answers to the ledger.</summary>
public sealed partial class SocketPool : IConnectionOwner
{
    private readonly LogThrottle throttle;
    private long subscriberFailures;

    /// <summary>Exceptions of subscribers that were contained.</summary>
    public long SubscriberFailures => Interlocked.Read(ref subscriberFailures);

    void IConnectionOwner.OnData(UpstreamConnection from, Seat seat, in FrameEnvelope frame, DateTimeOffset at)
    {
        Flow(from);
        if (seat.Link is not { } link || (link.Spare == seat && link.Suffix.Keep(seat, frame, at)))
        {
            return;
        }

        lock (link.CallGate)
        {
            link.Deliver(SubscriberFailed);
            if (link.Seat != seat || seat.Phase != SeatPhase.Live || link.Gone || !link.Suffix.Passes(seat, frame, at))
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
                link.Deliver(SubscriberFailed);
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
                link.Deliver(SubscriberFailed);
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
                standbyFailures = 0;
                if (road.Flowed())
                {
                    Interlocked.Increment(ref reconnects);
                }
            }
        }
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
}
