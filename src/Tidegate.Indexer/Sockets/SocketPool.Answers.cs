namespace Tidegate.Indexer.Sockets;

/// <summary>What the Indexer's answers do to the ledger.</summary>
public sealed partial class SocketPool
{
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
            else if (link?.Spare == seat)
            {
                link.SpareRetries = 0;
                link.Suffix.Open(time.GetUtcNow());
            }
            else if (link is not null && seat.Link == link)
            {
                if (link.NextSeat == seat && link.Seat is { } old)
                {
                    old.Link = null;
                    old.Connection.Remove(old); // its socket is closed as a whole
                }

                (link.Seat, link.NextSeat) = (seat, null);
                link.Suffix.Lead(seat, time.GetUtcNow());
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

        if (link.Spare == seat)
        {
            RefuseSpare(seat, link, refusal, now);
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
                Limit(seat);
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

    private void Limit(Seat seat)
    {
        var limit = seat.Connection.LowerLimitToUse(seat.Topic.Channel);
        SocketLog.LimitReached(logger, seat.Connection.Id, limit, seat.Topic.Channel, seat.Topic);
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
}
