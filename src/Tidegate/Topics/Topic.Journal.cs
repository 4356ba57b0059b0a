using System.Buffers;
using Tidegate.Journal;

namespace Tidegate.Topics;

/// <summary>
/// Events of accounts are written to the journal before readers get them: numbered and encoded under the gate as ever, then handed over, and put
/// into the ring by the journal's thread. When the journal is given up the topic goes on at once, in a new epoch of its own.
/// </summary>
internal partial class Topic
{
    private EventJournal? journal;
    private JournalSeat? seat;
    private bool isOpen;

    // The position that the last frame handed over will have in the ring.
    private long handedOver;

    /// <summary>Where the ring's head will be once all that was handed over is published.</summary>
    private long HandedOver => seat is null ? Ring.Head : handedOver;

    /// <summary>Opens the topic to readers. With a past it goes on in that epoch: the output is restored already, and what was told is told again to whoever resumes.</summary>
    public void Open(EventJournal? through = null, TopicPast? past = null)
    {
        lock (Gate)
        {
            if (through is { IsUsable: true })
            {
                if (past is not null)
                {
                    Restore(past);
                }

                var into = Ring;
                journal = through;
                seat = through.Take(new JournalSeat(Address.Channel, Address.Id, Epoch, entry => PublishInto(into, entry), BeginAnew), past);
                handedOver = into.Head;
            }

            isOpen = true;
            if (Output.HasState)
            {
                if (past is null)
                {
                    KeepState();
                }

                StartWaiting();
            }
        }

        Output.Attach(this);
    }

    /// <summary>Nobody follows it any more.</summary>
    public void Close()
    {
        Output.Attach(null);
        lock (Gate)
        {
            if (seat is not null)
            {
                journal!.Leave(seat);
            }

            (journal, seat) = (null, null);
        }
    }

    /// <summary>Lets a reader of an epoch that has ended go on in the present one. Called by the reader's writer.</summary>
    public void Renew(Reader reader)
    {
        lock (Gate)
        {
            reader.DropFirst();
            if (!reader.Told)
            {
                Start(reader);
                return;
            }

            Snapshot(reader, "epoch");
            if (statusTold)
            {
                reader.AddFirst(StatusFrame(Output.Feed.Status));
            }
        }
    }

    private void Restore(TopicPast past)
    {
        var frames = past.Frames.Skip(Math.Max(0, past.Frames.Count - RingFrames)).ToList();
        var before = frames.Count > 0 ? frames[0].Seq - 1 : past.Seq;
        Ring = Enter(past.Epoch, before);
        foreach (var frame in frames)
        {
            Ring.AppendWire(frame.Seq, frame.Wire);
            reach?.Add(frame.Seq, frame.Rows);
        }

        (Seq, LastEventAt) = (past.Seq, past.SeenAt);
    }

    // A state as the journal keeps it: with the first one it knows the topic, and each later one lets older batches go.
    private void KeepState()
    {
        if (seat is null)
        {
            return;
        }

        seat.WantsState = false;
        var state = new ArrayBufferWriter<byte>(4096);
        Output.WriteKept(state);
        if (!journal!.Put(seat, Seq, state.WrittenSpan.ToArray()))
        {
            BeginAnew();
        }
    }

    // The payload under construction goes out as a frame; the range is where its data stand.
    private void Publish(long seq, Range body, int rows)
    {
        if (seat is null)
        {
            Ring.Append(seq, payload.WrittenSpan);
            Wake();
            return;
        }

        var header = WireFrame.HeaderLength(payload.WrittenCount);
        var wire = WireFrame.Of(payload.WrittenSpan);
        var taken = seq == 0
            ? journal!.Pass(seat, wire)
            : journal!.Hand(seat, seq, wire, (header + body.Start.Value)..(header + body.End.Value), rows);
        if (!taken)
        {
            // The change is in the state that the new epoch begins with.
            BeginAnew();
            return;
        }

        handedOver++;
        if (seat.WantsState)
        {
            KeepState();
        }
    }

    // The journal's thread, the only writer of this ring. Once the topic has begun anew nobody reads it any more.
    private void PublishInto(Ring into, JournalEntry entry)
    {
        into.AppendWire(entry.Seq, entry.Bytes);

        // A reader that joined meanwhile either sees the frame or is seen here.
        Interlocked.MemoryBarrier();
        Wake();
    }

    private void BeginAnew()
    {
        lock (Gate)
        {
            if (seat is null)
            {
                return;
            }

            (journal, seat) = (null, null);
            Ring = Enter(Guid.NewGuid().ToString("N"), 0);
            Seq = 0;
            Wake();
        }
    }

    private int RingFrames => Output.IsEvent ? Math.Max(limits.ResumeFrames, limits.QueueFrames + 1) : limits.QueueFrames + 1;

    /// <summary>Begins an epoch, or goes on in one: everything that was made for another is made anew. Returns its ring.</summary>
    private Ring Enter(string epoch, long before)
    {
        Epoch = epoch;
        reach = StateRows is { } rows ? new StateReach(rows, before) : null;
        updatePrefix = EnvelopeOf(UpdateType(Output.Kind));
        (snapshotPrefix, subscribedPrefix) = (null, null);
        return new Ring(RingFrames, limits.RingBytes, before);
    }
}
