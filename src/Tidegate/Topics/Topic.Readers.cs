using System.Buffers;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>What a client that comes back says it has.</summary>
internal sealed record ResumePoint(string Epoch, long Seq);

/// <summary>How readers join, leave, and get the state anew.</summary>
internal partial class Topic
{
    private readonly List<BookView> views = [];
    private byte[]? snapshotPrefix;
    private byte[]? subscribedPrefix;

    /// <summary>Adds a reader. Its <c>subscribed</c> comes at once, or with the first full state.</summary>
    public void Join(Reader reader, ResumePoint? resume)
    {
        lock (Gate)
        {
            if (reader.Depth > 0)
            {
                reader.View = ViewOf(reader.Depth);
                reader.View.Readers++;
            }

            readers = readers.Add(reader);
            reader.Resume = resume;
            if (isOpen && Output.HasState)
            {
                Start(reader);
            }
        }
    }

    /// <summary>Removes a reader; true when it was the last.</summary>
    public bool Leave(Reader reader)
    {
        lock (Gate)
        {
            readers = readers.Remove(reader);
            if (reader.View is { } view && --view.Readers == 0)
            {
                views.Remove(view);
            }

            return readers.IsEmpty;
        }
    }

    /// <summary>All readers, to be told that nothing follows.</summary>
    public IReadOnlyList<Reader> TakeReaders()
    {
        lock (Gate)
        {
            var all = readers;
            readers = [];
            views.Clear();
            return all;
        }
    }

    /// <summary>The state anew for one reader, which goes on from it. Called by the reader's writer.</summary>
    public void Snapshot(Reader reader, string reason)
    {
        lock (Gate)
        {
            if (Output.HasState)
            {
                var skipped = Math.Max(0, reader.Ring.Head - reader.Cursor);
                BeginWith(reader, snapshotPrefix ??= EnvelopeOf("snapshot"), reason, skipped);
            }
        }
    }

    /// <summary>The current <c>feed_status</c>, for a reader that still waits for its state.</summary>
    public byte[] CurrentStatus()
    {
        lock (Gate)
        {
            return StatusFrame(Output.Feed.Status);
        }
    }

    private protected void StartWaiting()
    {
        foreach (var reader in readers)
        {
            if (reader.AwaitsState)
            {
                Start(reader);
            }
        }
    }

    private protected virtual void Start(Reader reader)
    {
        var resume = reader.Resume;
        if (resume is not null && Output.IsEvent && resume.Epoch == Epoch && Ring.After(resume.Seq) is { } position)
        {
            reader.Begin(ResumedFrame(resume.Seq), Ring, position, resume.Seq, notBefore: 0);
        }
        else
        {
            BeginWith(reader, subscribedPrefix ??= EnvelopeOf("subscribed"), reason: null, skipped: 0);
            if (resume is not null && Output.IsEvent && resume.Epoch == Epoch && reach is not null && !reach.Covers(resume.Seq))
            {
                reader.AddFirst(LostFrame());
            }
        }

        var status = Output.Feed.Status;
        if (status is not { Mode: FeedMode.Streaming, Complete: true })
        {
            statusTold = true;
            reader.AddFirst(StatusFrame(status));
        }

        reader.MarkDue();
    }

    // What a first state holds (contract 2); every order that matters is in it, so orders always reach back.
    private int? StateRows => Output.Kind switch
    {
        OutputKind.Fills or OutputKind.Tape => 1000,
        OutputKind.Transfers => 100,
        _ => null,
    };

    /// <summary>Lets a reader begin with the full state as it is now.</summary>
    private void BeginWith(Reader reader, byte[] prefix, string? reason, long skipped)
    {
        var view = reader.View;
        var seq = view?.LastSeq ?? Seq;
        var at = view?.Ring.Head ?? HandedOver;
        reader.Begin(StateFrame(view, seq, prefix, reason, skipped), view?.Ring ?? Ring, at, seq, notBefore: at);
    }

    private byte[] StateFrame(BookView? view, long seq, byte[] prefix, string? reason, long skipped)
    {
        BeginEnvelope(prefix, seq);
        if (reason is null)
        {
            payload.Write(",\"resumed\":false"u8);
        }
        else
        {
            payload.Write(",\"reason\":"u8);
            payload.WriteQuoted(reason);
            payload.Write(",\"skipped\":"u8);
            payload.Write(skipped);
        }

        if (Output.Feed is BookFeed feed)
        {
            WriteKnownTo(feed.Book);
            WriteCrc(view is null ? feed.Book.Crc : feed.Book.CrcOf(view.Depth));
            payload.Write(",\"data\":"u8);
            feed.Book.WriteState(payload, view?.Depth ?? int.MaxValue);
        }
        else
        {
            payload.Write(",\"data\":"u8);
            Output.WriteState(payload);
        }

        payload.Write("}"u8);
        return WireFrame.Of(payload.WrittenSpan);
    }

    private byte[] ResumedFrame(long seq)
    {
        BeginEnvelope(subscribedPrefix ??= EnvelopeOf("subscribed"), seq);
        payload.Write(",\"resumed\":true,\"recovered\":"u8);
        payload.Write(Ring.LastSeq - seq);
        payload.Write("}"u8);
        return WireFrame.Of(payload.WrittenSpan);
    }

    // This client's alone: its past is out of reach. Takes no number and is not kept (contract 2, Resume).
    private byte[] LostFrame()
    {
        var now = time.GetUtcNow();
        payload.ResetWrittenCount();
        payload.Write("{\"type\":\"gap\""u8);
        WriteTopic(payload);
        payload.Write(",\"epoch\":"u8);
        payload.WriteQuoted(Epoch);
        payload.Write(",\"ts\":"u8);
        payload.Write(time.ByWall(now));
        payload.Write(",\"source\":\"backfill\",\"data\":"u8);
        payload.Write(GapBody(new FeedGap(now, now, "history-exceeded", 0, Complete: false, now, ChangeSource.Backfill)));
        payload.Write("}"u8);
        return WireFrame.Of(payload.WrittenSpan);
    }

    private BookView ViewOf(int depth)
    {
        var view = views.Find(known => known.Depth == depth);
        if (view is null)
        {
            view = new BookView(depth, ((BookFeed)Output.Feed).Book, limits, Seq);
            views.Add(view);
        }

        return view;
    }

    private void WriteKnownTo(OrderBook book)
    {
        payload.Write(",\"known_to\":{\"bid\":"u8);
        WritePrice(book.KnownBid);
        payload.Write(",\"ask\":"u8);
        WritePrice(book.KnownAsk);
        payload.Write("}"u8);
    }

    private void WritePrice(decimal? price)
    {
        if (price is not { } value)
        {
            payload.Write("null"u8);
            return;
        }

        payload.Write("\""u8);
        var span = payload.GetSpan(32);
        payload.Advance(Indexer.Units.DecimalText.Format(Indexer.Units.DecimalText.Canonical(value), span));
        payload.Write("\""u8);
    }

    private void WriteCrc(uint crc)
    {
        payload.Write(",\"crc\":"u8);
        payload.Write((long)crc);
    }

    /// <summary>A view's frame: the change of its top levels, numbered by the change that caused it.</summary>
    internal void AppendView(BookView view, in FeedChange change, ReadOnlySpan<byte> body, bool knownToMoved)
    {
        BeginEnvelope(updatePrefix, Seq);
        payload.Write(",\"prev_seq\":"u8);
        payload.Write(view.LastSeq);
        payload.Write(",\"ts\":"u8);
        payload.Write(time.ByWall(change.At));
        payload.Write(SourceText(change.Source));
        var book = ((BookFeed)Output.Feed).Book;
        if (knownToMoved)
        {
            WriteKnownTo(book);
        }

        WriteCrc(book.CrcOf(view.Depth));
        payload.Write(",\"data\":"u8);
        payload.Write(body);
        payload.Write("}"u8);
        view.Ring.Append(Seq, payload.WrittenSpan);
        foreach (var reader in readers)
        {
            if (reader.View == view)
            {
                reader.MarkDue();
            }
        }
    }
}
