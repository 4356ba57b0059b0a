using System.Buffers;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>What a client that comes back says it has.</summary>
internal sealed record ResumePoint(string Epoch, long Seq);

/// <summary>How readers join, leave, and get the state anew.</summary>
internal sealed partial class Topic
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
            if (Output.HasState)
            {
                Start(reader, resume);
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

    /// <summary>The state anew for one reader, which then goes on from it. Null before the first state.</summary>
    public byte[]? Snapshot(Reader reader, string reason, long skipped)
    {
        lock (Gate)
        {
            return Output.HasState ? StateFrame(reader, snapshotPrefix ??= EnvelopeOf("snapshot"), reason, skipped) : null;
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

    private void Start(Reader reader, ResumePoint? resume)
    {
        if (resume is not null && Output.IsEvent && resume.Epoch == Epoch && resume.Seq <= Seq && Ring.After(resume.Seq) is { } position)
        {
            reader.Begin(ResumedFrame(resume.Seq), position, resume.Seq);
        }
        else
        {
            var frame = StateFrame(reader, subscribedPrefix ??= EnvelopeOf("subscribed"), reason: null, skipped: 0);
            reader.Begin(frame, reader.Cursor, reader.LastSeq);
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

    /// <summary>A frame with the full state; sets the reader's cursor to it.</summary>
    private byte[] StateFrame(Reader reader, byte[] prefix, string? reason, long skipped)
    {
        var view = reader.View;
        var seq = view?.LastSeq ?? Seq;
        reader.Cursor = (view?.Ring ?? Ring).Head;
        reader.LastSeq = seq;
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
        payload.Write(Seq - seq);
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
        payload.Write(now);
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
            view = new BookView(depth, ((BookFeed)Output.Feed).Book, limits.QueueFrames + 1, Seq);
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
        payload.Write(change.At);
        payload.Write(SourceText(change.Source));
        var book = ((BookFeed)Output.Feed).Book;
        if (knownToMoved)
        {
            WriteKnownTo(book);
        }

        WriteCrc(book.CrcOf(view.Depth));
        payload.Write(",\"data\":"u8);
        var start = payload.WrittenCount;
        payload.Write(body);
        payload.Write("}"u8);
        var at = WireFrame.HeaderLength(payload.WrittenCount) + start;
        view.Ring.Append(Seq, WireFrame.Of(payload.WrittenSpan), at..(at + body.Length));
        foreach (var reader in readers)
        {
            if (reader.View == view)
            {
                reader.MarkDue();
            }
        }
    }
}
