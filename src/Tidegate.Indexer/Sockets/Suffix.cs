using System.Buffers;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>
/// Makes two sockets that carry one topic count as one: a frame passes once, whichever socket brings it, and what the standby brought before the
/// active socket did is kept, unparsed, until the active one has delivered it too (docs/decisions/0009-standby.md).
/// </summary>
/// <remarks>
/// Thread-safe by a short lock of its own, inside all other locks. Both sockets bring the broker's one order, so a frame of one is that of the other by
/// its contents (their hash), and all before it is behind both: a frame that only one of them brought, such as a repeated one, is let go then.
/// Bounded: what is kept lives 5 s and holds at most 512 KiB. Where that did not suffice the suffix is not whole, and the topic is subscribed anew.
/// </remarks>
internal sealed partial class Suffix
{
    /// <summary>How long frames are kept, and how long one that a socket brought is looked for on the other.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(5);

    /// <summary>A frame that the standby had so long before has fallen behind (issue: 250 ms, three in a row).</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMilliseconds(250);

    private const int InARow = 3;

    // One frame that only the standby has says as much as three once it is so old: quiet topics have no three.
    private static readonly TimeSpan Overdue = TimeSpan.FromSeconds(2);

    // A standby is trusted after this, for the active socket has passed its beginning then; right after a subscribe frames that its snapshot holds are still under way.
    private static readonly TimeSpan Trial = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly List<Entry> kept = [];
    private readonly FrameTrail ahead = new(); // delivered, still to come on the standby
    private readonly FrameTrail again = new(); // delivered by the former active socket, still to come on this one
    private readonly List<KeptFrame> pending = [];
    private volatile bool switched;
    private bool switchedByLoss;
    private volatile bool engaged;
    private Seat? active;
    private Seat? spare;
    private bool open;
    private bool holed;
    private int bytes;
    private int late;
    private int fresh;
    private int missed;
    private DateTimeOffset trustedAt;
    private DateTimeOffset settledAt;

    /// <summary>The active socket's subscribe was answered.</summary>
    public void Lead(Seat seat, DateTimeOffset now)
    {
        lock (gate)
        {
            active = seat;
            again.Clear();
            settledAt = now + Settling;
            (late, fresh) = (0, 0);
        }
    }

    /// <summary>The standby's subscribe goes out: what the active socket delivers from now on may come on the standby too.</summary>
    public void Expect(Seat seat)
    {
        lock (gate)
        {
            Reset();
            spare = seat;
            engaged = true;
        }
    }

    /// <summary>The standby's subscribe was answered.</summary>
    public void Open(DateTimeOffset now)
    {
        lock (gate)
        {
            open = spare is not null;
            trustedAt = now + Trial;
            settledAt = now + Settling;
        }
    }

    /// <summary>There is no standby any more.</summary>
    public void Close()
    {
        lock (gate)
        {
            Reset();
        }
    }

    /// <summary>A frame of a seat that may be the standby's: true when it was, and nothing more is to be done about it.</summary>
    public bool Keep(Seat seat, in FrameEnvelope frame, DateTimeOffset at)
    {
        if (!engaged)
        {
            return false;
        }

        var hash = HashOf(frame);
        lock (gate)
        {
            if (seat != spare)
            {
                return false;
            }

            Store(frame, hash, at);
            return true;
        }
    }

    /// <summary>A frame of the seat that is taken for the active one: whether the subscriber has to have it.</summary>
    public bool Passes(Seat seat, in FrameEnvelope frame, DateTimeOffset at)
    {
        if (!engaged)
        {
            return true;
        }

        var hash = HashOf(frame);
        lock (gate)
        {
            if (seat == spare)
            {
                Store(frame, hash, at); // the sockets changed places a moment ago
            }

            if (seat != active)
            {
                return false;
            }

            Expire(at);
            if (again.Count > 0)
            {
                if (again.Take(hash, frame.SubaccountNumber))
                {
                    return false;
                }

                again.Forget(frame.SubaccountNumber); // in order: what did not come by now comes no more
            }

            if (spare is not null)
            {
                Meet(hash, frame.SubaccountNumber, at);
            }
            else
            {
                engaged = again.Count > 0;
            }

            return true;
        }
    }

    /// <summary>Whether the standby could take over now without anything missing.</summary>
    public bool IsWhole(DateTimeOffset now)
    {
        lock (gate)
        {
            Expire(now);
            return open && !holed && now >= trustedAt;
        }
    }

    /// <summary>Whether the active socket has fallen behind the standby.</summary>
    public bool IsBehind(DateTimeOffset now)
    {
        lock (gate)
        {
            return open && (late >= InARow
                || (fresh >= InARow && now - kept[^(fresh - InARow + 1)].At >= Late)
                || (fresh > 0 && now - kept[^fresh].At >= Overdue));
        }
    }

    /// <summary>Whether the standby has not brought what the active socket did for <see cref="Life"/>, three in a row.</summary>
    public bool IsMissing(DateTimeOffset now)
    {
        lock (gate)
        {
            Expire(now);
            return open && missed >= InARow;
        }
    }

    /// <summary>The standby becomes the active socket, and the active one the standby where it lives on. What was kept is to be delivered next.</summary>
    public void TurnOver(Seat? next, DateTimeOffset now)
    {
        lock (gate)
        {
            switchedByLoss |= next is null;
            Expire(now);
            (active, spare) = (spare, next);
            again.CopyFrom(ahead);
            ahead.Clear();
            foreach (var entry in kept)
            {
                pending.Add(new KeptFrame(entry.Type, entry.SubaccountNumber, entry.Contents.AsMemory(0, entry.Length), entry.At));
                if (next is not null)
                {
                    ahead.Add(entry.Hash, entry.SubaccountNumber, now);
                }
            }

            kept.Clear(); // their bytes go back once they are delivered
            (bytes, late, fresh, missed, holed) = (0, 0, 0, 0, false);
            open = next is not null;
            (trustedAt, settledAt) = (now, now + Settling);
            (engaged, switched) = (true, true);
        }
    }

    /// <summary>What is to be delivered before anything else, null when the sockets did not change places; give it back by <see cref="Return"/>.</summary>
    public List<KeptFrame>? TakeSwitch(out bool lost)
    {
        lost = false;
        if (!switched)
        {
            return null;
        }

        lock (gate)
        {
            List<KeptFrame> taken = [.. pending];
            pending.Clear();
            (lost, switched, switchedByLoss) = (switchedByLoss, false, false);
            return taken;
        }
    }

    /// <summary>Gives the bytes of delivered frames back.</summary>
    public static void Return(List<KeptFrame> frames)
    {
        foreach (var frame in frames)
        {
            if (System.Runtime.InteropServices.MemoryMarshal.TryGetArray(frame.Contents, out var segment))
            {
                ArrayPool<byte>.Shared.Return(segment.Array!);
            }
        }
    }

    // The active socket delivers a frame: either the standby had it before, or it is still to come there.
    private void Meet(ulong hash, int child, DateTimeOffset at)
    {
        fresh = 0;
        var index = kept.Count == 0 ? -1 : kept.FindIndex(entry => entry.Hash == hash && entry.SubaccountNumber == child);
        if (index < 0)
        {
            late = 0;
            ahead.Add(hash, child, at);
            return;
        }

        late = at - kept[index].At >= Late && kept[index].At >= settledAt ? late + 1 : 0;
        Drop(child, index + 1);
        ahead.Forget(child);
        Met(at);
    }

    // The standby brings a frame: either the active socket delivered it before, or it is kept until it does.
    private void Store(in FrameEnvelope frame, ulong hash, DateTimeOffset at)
    {
        Expire(at);
        if (!open)
        {
            return;
        }

        if (ahead.Take(hash, frame.SubaccountNumber))
        {
            fresh = 0;
            Drop(frame.SubaccountNumber, kept.Count);
            Met(at);
            return;
        }

        Add(frame, hash, at);
        fresh += at >= settledAt && kept.Count > 0 ? 1 : 0;
    }

    private void Met(DateTimeOffset at)
    {
        (missed, holed) = (0, false); // what was let go before lay behind this place
        trustedAt = trustedAt == DateTimeOffset.MaxValue ? at + Trial : trustedAt;
    }
}
