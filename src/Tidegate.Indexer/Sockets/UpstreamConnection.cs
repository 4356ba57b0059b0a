using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>Where one socket stands.</summary>
internal enum ConnectionState
{
    Dialling,
    Open,
    Flowing,
    Closing,
    Ended,
}

/// <summary>Who owns connections and hears of what they bring, on their reader threads.</summary>
internal interface IConnectionOwner
{
    void OnSubscribed(UpstreamConnection from, Seat seat, in FrameEnvelope frame, DateTimeOffset at);

    void OnData(UpstreamConnection from, Seat seat, in FrameEnvelope frame, DateTimeOffset at);

    void OnUnsubscribed(UpstreamConnection from, Seat seat);

    void OnError(UpstreamConnection from, Refusal refusal);

    /// <summary>A frame that belongs to no seat, of a known type.</summary>
    void OnUnclaimed(UpstreamConnection from, in FrameEnvelope frame, DateTimeOffset at);

    void OnBadFrame(UpstreamConnection from, string fault);

    /// <summary>Data has arrived, and <see cref="OnDrained"/> follows: whether the others wait for that.</summary>
    bool OnBurst(UpstreamConnection from);

    /// <summary>All that had arrived is read; <paramref name="inBurst"/> as <see cref="OnBurst"/> said.</summary>
    void OnDrained(UpstreamConnection from, bool inBurst);

    /// <summary>A burst goes on: its first frames need not wait until the last is read.</summary>
    void OnLongBurst(UpstreamConnection from);

    void OnEnded(UpstreamConnection from, int? code, string? reason);
}

/// <summary>One live socket: its state, the topics that sit on it, and the way of a frame to the seat it is for.</summary>
/// <remarks>State and seats are changed under the owner's gate; the reader looks seats up under a short lock of their own.</remarks>
internal sealed class UpstreamConnection(string id, IndexerEndpoint endpoint, IWire wire, IConnectionOwner owner, TimeProvider time, ILogger logger) : IWireListener
{
    private readonly Lock seatLock = new();
    private readonly Dictionary<string, Seat>[] seats =
        [.. Enum.GetValues<Channel>().Select(_ => new Dictionary<string, Seat>(IdComparer.Instance))];

    private const int RememberedAttempts = 64;

    // A block brings hundreds of frames at once.
    private const int LongBurst = 512;
    private int undrained;
    private bool inBurst;

    private readonly Dictionary<TopicKey, DateTimeOffset> asked = [];
    private readonly int[] limits = [.. Seat.LimitsPerConnection];

    public string Id { get; } = id;

    public IndexerEndpoint Endpoint { get; } = endpoint;

    public IWire Wire { get; } = wire;

    public ConnectionState State { get; private set; } = ConnectionState.Dialling;

    public DateTimeOffset Since { get; private set; } = time.GetUtcNow();

    public DateTimeOffset OpenedAt { get; private set; }

    /// <summary>The last byte, or the moment of opening while none came.</summary>
    public DateTimeOffset HeardAt => Wire.LastByteAt is { } at && at > OpenedAt ? at : OpenedAt;

    /// <summary>Its topics move to another socket.</summary>
    public bool Retiring { get; set; }

    /// <summary>Opened for the topics of this socket only, until they have moved.</summary>
    public UpstreamConnection? Relieves { get; set; }

    /// <summary>The socket whose topics this one carries too, as its standby; null for one that is itself active.</summary>
    public UpstreamConnection? Mirrors { get; set; }

    /// <summary>Opened to see whether its address is well; carries nothing.</summary>
    public bool Probes { get; set; }

    /// <summary>Whether topics are placed on it: neither a standby nor a probe.</summary>
    public bool TakesTopics => Mirrors is null && !Probes;

    /// <summary>When it became the active one of its pair, in place of the other.</summary>
    public DateTimeOffset SwitchedAt { get; set; } = DateTimeOffset.MinValue;

    public DateTimeOffset? EmptySince { get; set; }

    /// <summary>Refusals that named no topic, until it is clear whose they are.</summary>
    public List<Refusal> Orphans { get; } = [];

    public bool IsUp => State is ConnectionState.Open or ConnectionState.Flowing;

    public int SeatCount
    {
        get
        {
            lock (seatLock)
            {
                return seats.Sum(s => s.Count);
            }
        }
    }

    public IReadOnlyList<Seat> Seats()
    {
        lock (seatLock)
        {
            return [.. seats.SelectMany(s => s.Values)];
        }
    }

    public bool HasRoom(Channel channel)
    {
        lock (seatLock)
        {
            return seats[(int)channel].Count < limits[(int)channel];
        }
    }

    /// <summary>How many more of a channel fit.</summary>
    public int Room(Channel channel)
    {
        lock (seatLock)
        {
            return limits[(int)channel] - seats[(int)channel].Count;
        }
    }

    /// <summary>The server's own limit is lower than the documented one: learnt from its refusal.</summary>
    public int LowerLimitToUse(Channel channel)
    {
        lock (seatLock)
        {
            return limits[(int)channel] = Math.Min(limits[(int)channel], seats[(int)channel].Count);
        }
    }

    public Seat? Find(TopicKey topic)
    {
        lock (seatLock)
        {
            return seats[(int)topic.Channel].GetValueOrDefault(topic.Id);
        }
    }

    public Seat Add(TopicKey topic)
    {
        var seat = new Seat(topic, this) { SubscribedAt = asked.GetValueOrDefault(topic, DateTimeOffset.MinValue) };
        lock (seatLock)
        {
            seats[(int)topic.Channel].Add(topic.Id, seat);
        }

        return seat;
    }

    /// <summary>Notes an attempt: the server counts them per topic, and remembers those of seats that have gone (protocol.md 1, subscribe rate).</summary>
    public void NoteAttempt(Seat seat, DateTimeOffset now)
    {
        (seat.Phase, seat.AskedAt, seat.SubscribedAt) = (SeatPhase.Asked, now, now);
        asked[seat.Topic] = now;
        if (asked.Count > RememberedAttempts)
        {
            foreach (var (topic, _) in asked.Where(a => a.Value + Seat.BetweenAttempts <= now).ToArray())
            {
                asked.Remove(topic);
            }
        }
    }

    public void Remove(Seat seat)
    {
        lock (seatLock)
        {
            seats[(int)seat.Topic.Channel].Remove(seat.Topic.Id);
        }
    }

    public void Enter(ConnectionState next, string why)
    {
        Debug.Assert(CanFollow(State, next), $"{State} -> {next}");
        SocketLog.ConnectionEntered(logger, Id, State, next, why);
        (State, Since) = (next, time.GetUtcNow());
        if (next == ConnectionState.Open)
        {
            OpenedAt = Since;
        }
    }

    public void OnFrame(ReadOnlySpan<byte> frame)
    {
        Take(frame);
        if (++undrained % LongBurst == 0)
        {
            owner.OnLongBurst(this);
        }
    }

    public void OnOversize(long bytes) => owner.OnBadFrame(this, "too-long");

    public void OnDrained()
    {
        var ends = inBurst;
        (undrained, inBurst) = (0, false);
        owner.OnDrained(this, ends);
    }

    public void OnEnded(int? code, string? reason)
    {
        OnDrained();
        owner.OnEnded(this, code, reason);
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        if (!FrameReader.TryRead(frame, out var envelope, out var fault))
        {
            owner.OnBadFrame(this, fault ?? "unreadable");
            return;
        }

        var at = time.GetUtcNow();
        switch (envelope.Type)
        {
            case FrameType.ChannelData or FrameType.ChannelBatchData:
                inBurst |= !inBurst && owner.OnBurst(this);
                if (SeatOf(envelope) is { } seat)
                {
                    owner.OnData(this, seat, envelope, at);
                }
                else
                {
                    owner.OnUnclaimed(this, envelope, at);
                }

                break;
            case FrameType.Subscribed:
                OnDrained();
                if (SeatOf(envelope) is { } asked)
                {
                    owner.OnSubscribed(this, asked, envelope, at);
                }
                else
                {
                    owner.OnUnclaimed(this, envelope, at);
                }

                break;
            case FrameType.Unsubscribed:
                if (SeatOf(envelope) is { } left)
                {
                    owner.OnUnsubscribed(this, left);
                }

                break;
            case FrameType.Error:
                var id = envelope.Id.IsEmpty ? null : System.Text.Encoding.UTF8.GetString(envelope.Id);
                owner.OnError(this, Refusal.Read(envelope.Message ?? "", envelope.Channel, id));
                break;
            case FrameType.Connected or FrameType.Pong:
                break;
            default:
                owner.OnBadFrame(this, "unknown-type");
                break;
        }
    }

    private Seat? SeatOf(in FrameEnvelope frame)
    {
        if (frame.Channel is not { } channel)
        {
            return null;
        }

        var ofChannel = seats[(int)channel];
        lock (seatLock)
        {
            if (frame.Id.IsEmpty || !channel.TakesId())
            {
                // A frame without id belongs to the channel's only topic on that socket (protocol.md 6).
                return ofChannel.Count == 1 ? ofChannel.Values.First() : null;
            }

            return ofChannel.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(frame.Id, out var seat) ? seat : null;
        }
    }

    private static bool CanFollow(ConnectionState from, ConnectionState next) => from switch
    {
        ConnectionState.Dialling => next is ConnectionState.Open or ConnectionState.Ended,
        ConnectionState.Open => next is ConnectionState.Flowing or ConnectionState.Closing or ConnectionState.Ended,
        ConnectionState.Flowing => next is ConnectionState.Closing or ConnectionState.Ended,
        ConnectionState.Closing => next is ConnectionState.Ended,
        _ => false,
    };
}
