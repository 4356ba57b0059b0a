using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>What can be asked of a pool.</summary>
public sealed partial class SocketPool
{
    /// <summary>The upstream address in use.</summary>
    public Uri CurrentUrl
    {
        get
        {
            lock (gate)
            {
                return (connections.Find(c => c is { IsUp: true, TakesTopics: true })?.Endpoint ?? road.Current).WebSocketUrl;
            }
        }
    }

    /// <summary>The last byte from any socket.</summary>
    public DateTimeOffset? LastByteAt
    {
        get
        {
            lock (gate)
            {
                return connections.Select(c => c.Wire.LastByteAt).Append(lastByteOfEnded).Max();
            }
        }
    }

    /// <summary>Whether a socket is up.</summary>
    public bool IsConnected
    {
        get
        {
            lock (gate)
            {
                return connections.Exists(c => c.IsUp);
            }
        }
    }

    /// <summary>Losses from which a socket came back.</summary>
    public long ReconnectCount => Interlocked.Read(ref reconnects);

    /// <summary>Times that a standby socket took over.</summary>
    public long Failovers => Interlocked.Read(ref failovers);

    /// <summary>Frames that could not be used, by cause.</summary>
    public long DroppedFrames => Interlocked.Read(ref dropped);

    /// <summary>Where the road stands, all sockets together.</summary>
    public SocketState State
    {
        get
        {
            lock (gate)
            {
                return road.State;
            }
        }
    }

    internal (SocketState State, DateTimeOffset Since, int Attempt, DateTimeOffset? Next, string? Reason) RoadStatus
    {
        get
        {
            lock (gate)
            {
                return (road.State, road.Since, road.Attempt, road.IsDown || road.State == SocketState.Blocked ? road.NextDialAt : null, road.Reason);
            }
        }
    }

    /// <summary>The sockets.</summary>
    public IReadOnlyList<SocketInfo> Sockets()
    {
        lock (gate)
        {
            return [.. connections.Select(c => new SocketInfo(c.Id, NameOf(c), c.Since, c.SeatCount, c.Wire.LastByteAt, c.Mirrors is not null))];
        }
    }

    /// <summary>The number of the socket that carries the topic, null when none does.</summary>
    public string? CarrierOf(TopicKey topic)
    {
        lock (gate)
        {
            return links.TryGetValue(topic, out var link) && link.Seat is { Phase: SeatPhase.Live } seat ? seat.Connection.Id : null;
        }
    }

    /// <summary>What the Indexer said when it refused the topic, null when it did not.</summary>
    public string? RefusalOf(TopicKey topic)
    {
        lock (gate)
        {
            return links.TryGetValue(topic, out var link) && link.Parked is not null ? link.RefusalText : null;
        }
    }

    private static string NameOf(UpstreamConnection connection) => connection.State switch
    {
        ConnectionState.Dialling => "connecting",
        ConnectionState.Open => "connected",
        ConnectionState.Flowing => connection.Retiring ? "retiring" : "streaming",
        _ => "closing",
    };
}
