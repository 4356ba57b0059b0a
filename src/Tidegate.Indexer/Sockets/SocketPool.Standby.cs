namespace Tidegate.Indexer.Sockets;

/// <summary>
/// The standby: each active socket has a second one with the same subscriptions, to which its topics pass at once when it is lost or falls behind
/// (docs/decisions/0009-standby.md).
/// </summary>
/// <remarks>
/// A standby counts for nothing but itself: its dials and losses touch neither the road's back-off nor any link, and its frames only a topic's
/// <see cref="Suffix"/>.
/// </remarks>
public sealed partial class SocketPool
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    // Two sockets that fall behind by turns must not chase one another.
    private static readonly TimeSpan BetweenSwitches = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromMinutes(1);

    private readonly ITimer look;
    private long failovers;
    private int standbyFailures;
    private DateTimeOffset standbyDialAt = DateTimeOffset.MinValue;
    private bool standbyWaits;
    private bool looking;

    private DateTimeOffset StandbyDialAt => standbyDialAt > road.NextDialAt ? standbyDialAt : road.NextDialAt;

    private UpstreamConnection? StandbyOf(UpstreamConnection active) => connections.Find(c => c.Mirrors == active && c.State != ConnectionState.Closing);

    /// <summary>Dials the standbys that are missing, one at a time, and asks them for what their active socket carries.</summary>
    private void PlaceSpares(DateTimeOffset now)
    {
        standbyWaits = false;
        if (!options.Standby)
        {
            return;
        }

        foreach (var active in connections.Where(c => c is { State: ConnectionState.Flowing, Mirrors: null, Relieves: null, Retiring: false }).ToArray())
        {
            if (StandbyOf(active) is { } standby)
            {
                if (standby.IsUp && standby.Endpoint != active.Endpoint && active.Endpoint == road.Current)
                {
                    CloseGently(standby, "its active socket went to another address");
                    continue;
                }

                Mirror(active, standby, now);
            }
            else if (active.SeatCount > 0 && connections.Count < options.MaxSockets)
            {
                var dialling = connections.Exists(c => c is { State: ConnectionState.Dialling, Mirrors: not null });
                standbyWaits |= !dialling && StandbyDialAt > now;
                if (!dialling && StandbyDialAt <= now)
                {
                    Dial(relieves: null, mirrors: active);
                }
            }
        }

        Watch(connections.Exists(c => c is { IsUp: true, Mirrors: not null }));
    }

    private static void Mirror(UpstreamConnection active, UpstreamConnection standby, DateTimeOffset now)
    {
        if (!standby.IsUp)
        {
            return;
        }

        foreach (var link in active.Seats().Select(s => s.Link).OfType<Link>().Where(l => l.IsLive && l.Seat!.Connection == active && l.Spare is null))
        {
            if (link.SpareAt <= now && standby.Find(link.Topic) is null && standby.HasRoom(link.Topic.Channel))
            {
                link.Spare = standby.Add(link.Topic);
                link.Spare.Link = link;
            }
        }
    }

    /// <summary>An active socket is over: what its standby carries whole goes on there, the rest is subscribed anew.</summary>
    private void PromoteStandbyOf(UpstreamConnection ended, IReadOnlyList<Seat> seats)
    {
        if (StandbyOf(ended) is not { } standby)
        {
            return;
        }

        var now = time.GetUtcNow();
        standby.Mirrors = null;
        (standby.SwitchedAt, standbyFailures) = (now, 0);
        var (taken, left) = (0, 0);
        foreach (var link in seats.Select(s => s.Link).OfType<Link>().Where(l => l.Seat?.Connection == ended && l.Spare?.Connection == standby))
        {
            var spare = link.Spare!;
            if (link.IsLive && spare.Phase == SeatPhase.Live && link.Suffix.IsWhole(now))
            {
                TakeOver(link, spare, null, now);
                taken++;
            }
            else if (spare.Phase == SeatPhase.Live || link.NextSeat is not null)
            {
                Release(spare); // a new snapshot is needed: unsubscribed first
                DropSpare(link);
                left++;
            }
            else
            {
                DropSpare(link);
                (link.NextSeat, left) = (spare, left + 1); // the snapshot that it waits for is the link's
            }
        }

        if (taken > 0)
        {
            Interlocked.Increment(ref failovers);
            SocketLog.TookOver(logger, standby.Id, ended.Id, "it was lost", taken, left);
        }
    }

    private void TakeOver(Link link, Seat spare, Seat? next, DateTimeOffset now)
    {
        if (link.NextSeat is { } moving)
        {
            Release(moving);
            link.NextSeat = null;
        }

        // The seat first: once the suffix has turned over, a frame of the new active socket goes to the subscriber by it.
        (link.Seat, link.Spare) = (spare, next);
        link.Suffix.TurnOver(next, now);
        if (!link.InNews)
        {
            link.InNews = true;
            linkNews.Enqueue(link);
        }
    }

    private static void DropSpare(Link link)
    {
        link.Spare = null;
        link.Suffix.Close();
    }

    private void StandbyFailed(UpstreamConnection standby, string cause)
    {
        standbyDialAt = time.GetUtcNow() + backOff.After(standbyFailures++);
        SocketLog.StandbyLost(logger, standby.Id, standby.Endpoint.WebSocketUrl, cause, StandbyDialAt);
    }

    private void CloseStandbyOf(UpstreamConnection active, string why)
    {
        if (StandbyOf(active) is { IsUp: true } standby)
        {
            CloseGently(standby, why);
        }
    }

    /// <summary>Topics come before standbys: one makes way when all sockets are used up.</summary>
    private void MakeRoom()
    {
        if (connections.Count >= options.MaxSockets && connections.Find(c => c is { IsUp: true, Mirrors: not null }) is { } standby)
        {
            CloseGently(standby, "its place is needed");
        }
    }

    private void RefuseSpare(Seat seat, Link link, Refusal refusal, DateTimeOffset now)
    {
        if (refusal.Kind == RefusalKind.FetchFailed)
        {
            AskSpareLater(seat, link, refusal.Text, now);
            return;
        }

        DropSpare(link);
        if (refusal.Kind == RefusalKind.AlreadySubscribed)
        {
            seat.Link = null;
            Leave(seat, now);
            return;
        }

        seat.Connection.Remove(seat);
        if (refusal.Kind == RefusalKind.Limit)
        {
            Limit(seat);
            return;
        }

        link.SpareAt = now + AfterRefusal;
        SocketLog.SubscribeFailed(logger, seat.Topic, seat.Connection.Id, refusal.Text, link.SpareAt, link.SpareRetries);
    }

    private void AskSpareLater(Seat seat, Link link, string cause, DateTimeOffset now)
    {
        seat.Phase = SeatPhase.Queued;
        link.Suffix.Close();
        link.SpareAt = now + backOff.After(link.SpareRetries++);
        SocketLog.SubscribeFailed(logger, seat.Topic, seat.Connection.Id, cause, link.SpareAt, link.SpareRetries);
    }

    private void Watch(bool on)
    {
        if (looking != on)
        {
            looking = on;
            look.Change(on ? LookEvery : Timeout.InfiniteTimeSpan, on ? LookEvery : Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Looks for active sockets that have fallen behind their standby, and for standbys that bring nothing of what flows.</summary>
    private void Look()
    {
        var acted = false;
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            var now = time.GetUtcNow();
            foreach (var standby in connections.Where(c => c is { IsUp: true, Mirrors.IsUp: true }).ToArray())
            {
                var spares = standby.Seats().Select(s => s.Link).OfType<Link>().Where(l => l.Spare?.Connection == standby).ToList();
                if (spares.Exists(l => l.Suffix.IsBehind(now)))
                {
                    acted |= Swap(standby.Mirrors!, standby, now);
                }
                else if (spares.Exists(l => l.Suffix.IsMissing(now)))
                {
                    End(standby, null, "behind its active socket", LinkReasons.Silent);
                    acted = true;
                }
            }
        }

        if (acted)
        {
            Turn();
        }
    }

    /// <summary>The sockets change places, all topics at once; not yet where a topic would lose by it.</summary>
    private bool Swap(UpstreamConnection active, UpstreamConnection standby, DateTimeOffset now)
    {
        var links = active.Seats().Select(s => s.Link).OfType<Link>().ToList();
        if (active.Retiring || now < active.SwitchedAt + BetweenSwitches
            || !links.TrueForAll(l => l.IsLive && l.Spare is { Phase: SeatPhase.Live } spare && spare.Connection == standby && l.Suffix.IsWhole(now)))
        {
            return false;
        }

        foreach (var link in links)
        {
            TakeOver(link, link.Spare!, link.Seat, now);
        }

        (active.Mirrors, standby.Mirrors, standby.SwitchedAt) = (standby, null, now);
        Interlocked.Increment(ref failovers);
        SocketLog.TookOver(logger, standby.Id, active.Id, "it had fallen behind", links.Count, 0);
        return true;
    }
}
