using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>The turn: brings sockets and subscriptions in line with the ledger, as far as time and the server's limits allow.</summary>
public sealed partial class SocketPool
{
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EmptyLife = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MoveTimeout = TimeSpan.FromSeconds(60);

    // What a turn decided, done after the gate is let go: sends, dials, closes.
    private List<Action> deeds = [];
    private bool dialWaits;

    private void Turn()
    {
        List<Action> todo;
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            var now = time.GetUtcNow();
            EndSilent(now);
            Expire(now);
            MoveOn(now);
            Place(now);
            PlaceSpares(now);
            GoHome(now);
            foreach (var connection in connections.Where(c => c.IsUp))
            {
                Ask(connection, now);
            }

            CloseEmpty(now);
            TellAll(now);
            Arm(now);
            (todo, deeds) = (deeds, []);
        }

        foreach (var deed in todo)
        {
            deed();
        }

        PumpNews();
    }

    private void EndSilent(DateTimeOffset now)
    {
        foreach (var connection in connections.Where(c => c.IsUp && c.HeardAt + options.StaleAfter <= now).ToArray())
        {
            SocketLog.Silent(logger, connection.Id, now - connection.HeardAt);
            End(connection, null, "silent", LinkReasons.Silent);
        }
    }

    /// <summary>Gives up waiting for answers that are ten seconds late: each topic is asked again by itself.</summary>
    private void Expire(DateTimeOffset now)
    {
        foreach (var seat in connections.SelectMany(c => c.Seats()).Where(s => s.AskedAt + Seat.AnswerTimeout <= now).ToArray())
        {
            if (seat.Phase == SeatPhase.Leaving)
            {
                seat.Connection.Remove(seat);
            }
            else if (seat.Phase == SeatPhase.Asked && seat.Link is { } own && own.Spare == seat)
            {
                AskSpareLater(seat, own, "no answer", now);
            }
            else if (seat.Phase == SeatPhase.Asked && seat.Link is { } link)
            {
                var orphan = seat.Connection.Orphans.Find(o => o.CanConcern(seat.Topic));
                seat.Alone = orphan is not null;
                seat.Connection.Orphans.Remove(orphan!);
                AskLater(seat, link, "no answer", TimeSpan.Zero, now);
            }
            else if (seat.Phase == SeatPhase.Asked)
            {
                Leave(seat, now);
            }
        }

        foreach (var link in links.Values.Where(l => l.Parked == LinkState.Blocked && l.ProbeAt <= now))
        {
            (link.Probing, link.ProbeAt) = (true, now + Road.ProbeEvery);
        }
    }

    /// <summary>Finds a socket for each topic that has none, and dials as many as that needs and the road allows.</summary>
    private void Place(DateTimeOffset now)
    {
        var coming = connections.Where(c => c is { State: ConnectionState.Dialling, Relieves: null, TakesTopics: true }).Select(NewRoom).ToList();
        var (dialling, wanted) = (coming.Count, 0);
        foreach (var link in links.Values.Where(l => l.WantsSeat && l.Seat is null))
        {
            (var found, link.IsFull) = (FindSeat(link, out var wait), false);
            if (found is not null)
            {
                (link.Seat, found.Link) = (found, link);
            }
            else if (!wait && !coming.Exists(room => room[(int)link.Topic.Channel]-- > 0))
            {
                // A used-up room counts below zero here; harmless, it is made anew each turn.
                link.IsFull = connections.Count(c => c.Mirrors is null) + wanted >= options.MaxSockets;
                if (!link.IsFull)
                {
                    wanted++;
                    var room = NewRoom();
                    room[(int)link.Topic.Channel]--;
                    coming.Add(room);
                }
            }
        }

        wanted = Math.Max(wanted, started && connections.Count == 0 ? 1 : 0);
        var anyUp = connections.Exists(c => c.IsUp);
        var allowed = now < road.NextDialAt ? 0 : anyUp ? wanted : Math.Min(wanted, dialling == 0 ? 1 : 0);
        dialWaits = wanted > allowed && dialling == 0;
        for (var i = 0; i < allowed; i++)
        {
            MakeRoom();
            Dial(relieves: null);
        }
    }

    private static int[] NewRoom(UpstreamConnection connection) => [.. Enum.GetValues<Channel>().Select(connection.Room)];

    private static int[] NewRoom() => [.. Seat.LimitsPerConnection];

    /// <summary>A seat on a socket that is up: one still being asked for by nobody, or a new one. <paramref name="wait"/>: its old seat is just leaving.</summary>
    private Seat? FindSeat(Link link, out bool wait)
    {
        wait = false;
        foreach (var connection in connections.Where(c => c is { IsUp: true, Retiring: false, TakesTopics: true }))
        {
            if (connection.Find(link.Topic) is { } old)
            {
                // Left before its answer came and followed again: the pending subscribe serves the new follower.
                wait = old.Phase is SeatPhase.Leaving or SeatPhase.Live;
                return old.Link is null && !wait ? old : null;
            }
        }

        return connections.Find(c => c is { IsUp: true, Retiring: false, TakesTopics: true } && c.HasRoom(link.Topic.Channel))?.Add(link.Topic);
    }

    /// <summary>Sends the subscribes that are due: eight in flight, each topic at most once a second, lone ones alone in their channel.</summary>
    private void Ask(UpstreamConnection connection, DateTimeOffset now)
    {
        var seats = connection.Seats();
        var inFlight = seats.Count(s => s.Phase == SeatPhase.Asked);
        foreach (var seat in seats.Where(s => s.Phase == SeatPhase.Queued).OrderBy(s => s.SubscribedAt))
        {
            if (seat.Link is not { } link)
            {
                connection.Remove(seat);
                continue;
            }

            if (inFlight >= Seat.MostInFlight || DueAt(seat, link) > now)
            {
                continue;
            }

            var ofChannel = seats.Where(s => s.Phase == SeatPhase.Asked && s.Topic.Channel == seat.Topic.Channel);
            if (seat.Alone ? ofChannel.Any() : ofChannel.Any(s => s.Alone))
            {
                continue;
            }

            if (link.Spare == seat)
            {
                link.Suffix.Expect(seat);
            }

            inFlight++;
            connection.NoteAttempt(seat, now);
            Send(connection, SubscribeFrames.Subscribe(seat.Topic));
        }
    }

    private static DateTimeOffset DueAt(Seat seat, Link link)
    {
        var paced = seat.SubscribedAt == DateTimeOffset.MinValue ? seat.SubscribedAt : seat.SubscribedAt + Seat.BetweenAttempts;
        var retry = link.Spare == seat ? link.SpareAt : link.RetryAt;
        return retry > paced ? retry : paced;
    }

    /// <summary>Closes sockets that nothing has needed for a while, but the last.</summary>
    private void CloseEmpty(DateTimeOffset now)
    {
        foreach (var connection in connections.Where(c => c.IsUp).ToArray())
        {
            if (connection.SeatCount > 0 || connection.Relieves is not null || !connection.TakesTopics)
            {
                connection.EmptySince = null;
                continue;
            }

            connection.EmptySince ??= now;
            if (connection.EmptySince + EmptyLife <= now && connections.Count(c => c.IsUp && c.Mirrors is null) > 1)
            {
                CloseStandbyOf(connection, "its active socket is empty");
                CloseGently(connection, "empty");
            }
        }
    }

    private void TellAll(DateTimeOffset now)
    {
        var dialling = connections.Exists(c => c.State == ConnectionState.Dialling);
        foreach (var link in links.Values)
        {
            if (Describe(link, dialling, now) && !link.InNews)
            {
                link.InNews = true;
                linkNews.Enqueue(link);
            }
        }
    }

    private bool Describe(Link link, bool dialling, DateTimeOffset now)
    {
        if (link.IsLive)
        {
            return link.Tell(LinkState.Live, 0, null, null, now);
        }

        if (link.Parked is { } parked)
        {
            return link.Tell(parked, 0, parked == LinkState.Blocked ? link.ProbeAt : null, link.Reason, now);
        }

        if (road.State == SocketState.Blocked)
        {
            return link.Tell(LinkState.Blocked, 0, road.NextDialAt, road.Reason, now);
        }

        if (link.IsFull)
        {
            return link.Tell(LinkState.Full, 0, null, LinkReasons.Full, now);
        }

        link.Reason ??= road.IsDown ? road.Reason : null;
        if (link.Reason is null)
        {
            return link.Tell(LinkState.Waiting, 0, null, null, now);
        }

        // Once exhausted a link stays so until it is live: the first data of a neighbour on the new socket must not stop its polling.
        var exhausted = link.Status.State == LinkState.Exhausted;
        var attempt = Math.Max(Math.Max(road.Attempt, link.Retries), exhausted ? link.Status.Attempt : 0);
        DateTimeOffset? next = link.Seat is { } seat ? DueAt(seat, link) : dialling ? null : road.NextDialAt;
        return link.Tell(
            exhausted || attempt >= options.AttemptsBeforePolling ? LinkState.Exhausted : LinkState.Reconnecting,
            attempt,
            next > now ? next : null,
            link.Reason,
            now);
    }

    /// <summary>Sets the timer to the next thing that time alone makes due.</summary>
    private void Arm(DateTimeOffset now)
    {
        var due = DateTimeOffset.MaxValue;
        void By(DateTimeOffset? at) => due = at is { } a && a < due ? a : due;

        By(dialWaits ? road.NextDialAt : null);
        By(standbyWaits ? StandbyDialAt : null);
        By(HomeDueAt);
        foreach (var connection in connections.Where(c => c.IsUp))
        {
            By(connection.HeardAt + options.StaleAfter);
            By(connection.EmptySince + EmptyLife is { } end && end > now ? end : null);
            By(connection.Relieves is null ? null : connection.OpenedAt + MoveTimeout);
            foreach (var seat in connection.Seats())
            {
                By(seat.Phase is SeatPhase.Asked or SeatPhase.Leaving ? seat.AskedAt + Seat.AnswerTimeout : null);
                By(seat is { Phase: SeatPhase.Queued, Link: { } link } && DueAt(seat, link) is var at && at > now ? at : null);
            }
        }

        foreach (var link in links.Values.Where(l => l.Parked == LinkState.Blocked))
        {
            By(link.ProbeAt);
        }

        foreach (var link in links.Values.Where(l => l.Spare is null && l.SpareAt > now))
        {
            By(link.SpareAt);
        }

        // Never zero: a due time that has passed is handled by the next turn, not inside this one.
        var wait = due - now;
        timer.Change(
            due == DateTimeOffset.MaxValue ? Timeout.InfiniteTimeSpan : wait > TimeSpan.FromMilliseconds(1) ? wait : TimeSpan.FromMilliseconds(1),
            Timeout.InfiniteTimeSpan);
    }
}
