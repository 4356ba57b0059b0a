namespace Tidegate.Indexer.Sockets;

/// <summary>The steps that change ledger and sockets. All under the gate but the two async ones.</summary>
public sealed partial class SocketPool
{
    private void Dial(UpstreamConnection? relieves, UpstreamConnection? mirrors = null, bool probes = false)
    {
        var id = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"s{++lastSocket}");
        var endpoint = probes ? options.Endpoints[0] : road.Current;
        var connection = new UpstreamConnection(id, endpoint, dial(endpoint.WebSocketUrl, id), this, time, logger) { Relieves = relieves, Mirrors = mirrors, Probes = probes };
        Join(connection);
        if (mirrors is null && !probes)
        {
            road.Dialling();
        }

        deeds.Add(() => _ = DialAsync(connection));
    }

    private async Task DialAsync(UpstreamConnection connection)
    {
        try
        {
            using var timeout = new CancellationTokenSource(DialTimeout, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping.Token);
            await connection.Wire.OpenAsync(both.Token);
        }
#pragma warning disable CA1031 // the edge of a dial: whatever it is, the road goes on
        catch (Exception e)
        {
            DialFailed(connection, e);
            connection.Wire.Dispose();
            Turn();
            return;
        }
#pragma warning restore CA1031

        var abandoned = false;
        lock (gate)
        {
            abandoned = closed || connection.State == ConnectionState.Ended;
            if (!abandoned)
            {
                connection.Enter(ConnectionState.Open, "upgraded");
                road.Opened();
            }
        }

        if (abandoned)
        {
            connection.Wire.Dispose();
            return;
        }

        connection.Wire.Read(connection);
        Turn();
    }

    private void DialFailed(UpstreamConnection connection, Exception error)
    {
        lock (gate)
        {
            Leave(connection);
            if (closed || connection.State == ConnectionState.Ended)
            {
                return;
            }

            connection.Enter(ConnectionState.Ended, error.Message);
            connection.Relieves?.Retiring = false;
            if (error is WireRefusedException refused)
            {
                BlockRoad(refused.Reason, refused.Message);
                return;
            }

            if (connection.Probes)
            {
                return;
            }

            if (connection.Mirrors is not null)
            {
                StandbyFailed(connection, (error.InnerException ?? error).Message);
                return;
            }

            road.Failed(connections.Exists(c => c.IsUp), LinkReasons.Closed);
            SocketLog.DialFailed(logger, connection.Endpoint.WebSocketUrl, (error.InnerException ?? error).Message, road.Attempt, road.NextDialAt);
        }
    }

    /// <summary>A socket is over, by the peer or by us. Its topics, and no others, are without a seat now.</summary>
    private void End(UpstreamConnection connection, int? code, string? detail, string reason)
    {
        var (wasFlowing, wasClosing) = (connection.State == ConnectionState.Flowing, connection.State == ConnectionState.Closing);
        Leave(connection);
        connection.Enter(ConnectionState.Ended, detail ?? reason);
        lastByteOfEnded = new[] { lastByteOfEnded, connection.Wire.LastByteAt }.Max();
        connection.Relieves?.Retiring = false;
        var seats = connection.Seats();
        PromoteStandbyOf(connection, seats);
        foreach (var link in seats.Select(s => s.Link).OfType<Link>())
        {
            if (link.NextSeat?.Connection == connection)
            {
                link.NextSeat = null;
            }
            else if (link.Spare?.Connection == connection)
            {
                DropSpare(link);
            }
            else if (link.Seat?.Connection == connection)
            {
                // In the midst of a move the new seat takes over, answered or not.
                (link.Seat, link.NextSeat, link.Reason) = (link.NextSeat, null, reason);
            }
        }

        deeds.Add(connection.Wire.Dispose);
        if (wasClosing)
        {
            return;
        }

        if (connection.Probes)
        {
            return;
        }

        if (connection.Mirrors is not null)
        {
            StandbyFailed(connection, detail ?? reason);
            return;
        }

        var othersUp = connections.Exists(c => c.IsUp);
        if (wasFlowing)
        {
            road.Lost(othersUp, restarting: code == 1012, reason);
        }
        else
        {
            road.Failed(othersUp, reason);
        }

        SocketLog.Lost(logger, connection.Id, connection.Endpoint.WebSocketUrl, code, detail, seats.Count, road.NextDialAt);
    }

    private void CloseGently(UpstreamConnection connection, string why)
    {
        connection.Enter(ConnectionState.Closing, why);
        deeds.Add(() => _ = CloseAsync(connection));
    }

    private async Task CloseAsync(UpstreamConnection connection)
    {
        await connection.Wire.CloseAsync(stopping.Token);
        EndedBy(connection, null, "closed by us");
    }

    private void BlockRoad(string reason, string cause)
    {
        road.Block(reason);
        SocketLog.Blocked(logger, road.Current.WebSocketUrl, reason, cause, road.NextDialAt);
        foreach (var connection in connections.ToArray())
        {
            foreach (var link in connection.Seats().Select(s => s.Link).OfType<Link>())
            {
                (link.Seat, link.NextSeat) = (null, null);
                DropSpare(link);
            }

            Leave(connection);
            connection.Enter(ConnectionState.Ended, reason);
            deeds.Add(connection.Wire.Dispose);
        }
    }

    /// <summary>Opens a socket to which all topics of <paramref name="old"/> move; the limit of sockets may be passed by one for that time.</summary>
    private void Relieve(UpstreamConnection old)
    {
        old.Retiring = true;
        Dial(relieves: old);
    }

    /// <summary>Gives the topics of a retiring socket seats on its successor, and closes it when all have moved or took too long.</summary>
    private void MoveOn(DateTimeOffset now)
    {
        foreach (var next in connections.Where(c => c.IsUp && c.Relieves is not null).ToArray())
        {
            var old = next.Relieves!;
            var staying = old.Seats().Where(s => s.Link is not null && s.Link.Seat == s).ToArray();
            if (old.IsUp && staying.Length > 0 && now < next.OpenedAt + MoveTimeout)
            {
                foreach (var seat in staying.Where(s => s.Link!.NextSeat is null && next.Find(s.Topic) is null && next.HasRoom(s.Topic.Channel)))
                {
                    var link = seat.Link!;
                    link.NextSeat = next.Add(seat.Topic);
                    link.NextSeat.Link = link;
                }

                continue;
            }

            next.Relieves = null;
            if (!old.IsUp)
            {
                continue;
            }

            foreach (var seat in staying)
            {
                var link = seat.Link!;
                (link.Seat, link.NextSeat, link.Reason) = (link.NextSeat, null, LinkReasons.SubscribeFailed);
            }

            SocketLog.Relieving(logger, next.Id, old.Id, next.SeatCount);
            StandbyOf(old)?.Mirrors = next;
            CloseGently(old, "relieved");
        }
    }

    /// <summary>Takes a topic off its sockets, after the answer that may be pending.</summary>
    private void Unseat(Link link)
    {
        foreach (var seat in new[] { link.Seat, link.NextSeat, link.Spare }.OfType<Seat>())
        {
            Release(seat);
        }

        (link.Seat, link.NextSeat) = (null, null);
        DropSpare(link);
    }

    private void Release(Seat seat)
    {
        seat.Link = null;
        if (seat.Phase == SeatPhase.Queued)
        {
            seat.Connection.Remove(seat);
        }
        else if (seat.Phase == SeatPhase.Live)
        {
            Leave(seat, time.GetUtcNow());
        }

        // Asked: unsubscribing now would be answered at once and the subscription would stay (protocol.md 1, Subscribe races).
    }

    private void Leave(Seat seat, DateTimeOffset now)
    {
        (seat.Phase, seat.AskedAt) = (SeatPhase.Leaving, now);
        Send(seat.Connection, SubscribeFrames.Unsubscribe(seat.Topic));
    }

    private void AskLater(Seat seat, Link link, string cause, TimeSpan wait, DateTimeOffset now)
    {
        seat.Phase = SeatPhase.Queued;
        link.Retries++;
        link.RetryAt = now + wait;
        if (!link.IsLive)
        {
            link.Reason = LinkReasons.SubscribeFailed;
        }

        SocketLog.SubscribeFailed(logger, seat.Topic, seat.Connection.Id, cause, link.RetryAt, link.Retries);
    }

    private void Park(Link link, LinkState state, string reason)
    {
        (link.Parked, link.Reason, link.Probing) = (state, reason, false);
        link.ProbeAt = time.GetUtcNow() + Road.ProbeEvery;
    }

    private static void Unpark(Link link)
    {
        if (link.Parked is not null)
        {
            (link.Parked, link.Reason, link.Probing, link.Retries) = (null, null, false, 0);
        }

        link.RetryAt = DateTimeOffset.MinValue;
    }

    private void Send(UpstreamConnection connection, byte[] frame) => deeds.Add(() => _ = SendAsync(connection, frame));

    private async Task SendAsync(UpstreamConnection connection, byte[] frame)
    {
        try
        {
            await connection.Wire.SendAsync(frame, stopping.Token);
        }
#pragma warning disable CA1031 // the edge of a send: a socket that cannot send is over, and its reader tells so
        catch (Exception e)
        {
            SocketLog.SendFailed(logger, connection.Id, e.Message);
            connection.Wire.Abort();
        }
#pragma warning restore CA1031
    }
}
