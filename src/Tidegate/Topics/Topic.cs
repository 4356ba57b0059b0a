using System.Buffers;
using System.Collections.Immutable;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>
/// Numbers the changes of one output, keeps the last ones, and encodes each once for all its readers (contract 2, Numbers, Epoch).
/// </summary>
/// <remarks>
/// Changes come under the output's gate, one after the other; the ring is read without it. Events of accounts go through the journal first
/// (Topic.Journal.cs).
/// </remarks>
internal partial class Topic : IFeedListener
{
    private protected readonly ArrayBufferWriter<byte> payload = new(1024);
    private byte[] updatePrefix = [];
    private StateReach? reach;
    private readonly TopicLimits limits;
    private readonly SteadyTime time;
    private ImmutableArray<Reader> readers = [];
    private bool statusTold;

    public Topic(TopicAddress address, FeedOutput output, TopicLimits limits, SteadyTime time)
    {
        Address = address;
        Output = output;
        this.limits = limits;
        this.time = time;
        Ring = Enter(Guid.NewGuid().ToString("N"), 0);
    }

    /// <summary>Where it is found.</summary>
    public TopicAddress Address { get; }

    /// <summary>What it tells.</summary>
    public FeedOutput Output { get; }

    /// <summary>The last frames.</summary>
    public Ring Ring { get; private set; }

    /// <summary>Opaque, never used by another topic, nor by another start that does not go on where it ended.</summary>
    public string Epoch { get; private set; } = "";

    /// <summary>The number of the last update.</summary>
    public long Seq { get; private set; }

    /// <summary>When the last change was told.</summary>
    public DateTimeOffset? LastEventAt { get; private set; }

    /// <summary>How many read it.</summary>
    public int ReaderCount => readers.Length;

    /// <summary>Who reads it.</summary>
    public IEnumerable<IReaderOwner> ReaderOwners => readers.Select(reader => reader.Owner);

    /// <summary>The Indexer refused it; raised under the gate.</summary>
    public event Action<Topic, FeedRefusal, string>? Refused;

    private Lock Gate => Output.Gate;

    void IFeedListener.OnState()
    {
        KeepState();
        StartWaiting();
    }

    void IFeedListener.OnChange(in FeedChange change)
    {
        Seq++;
        LastEventAt = change.At;
        if (readers.IsEmpty && !Output.IsEvent)
        {
            return; // whoever joins begins with the state
        }

        BeginEnvelope(updatePrefix, Seq);
        payload.Write(",\"ts\":"u8);
        payload.Write(time.ByWall(change.At));
        payload.Write(SourceText(change.Source));
        if (Output.Feed is BookFeed book)
        {
            if (change.Book is { KnownToMoved: true })
            {
                WriteKnownTo(book.Book);
            }

            WriteCrc(book.Book.Crc);
        }

        reach?.Add(Seq, change.Rows);
        Append(Seq, change.Body, change.Rows);
        foreach (var view in views)
        {
            view.Take(this, change);
        }
    }

    void IFeedListener.OnGap(FeedGap gap)
    {
        Seq++;
        BeginEnvelope(EnvelopeOf("gap"), Seq);
        payload.Write(",\"ts\":"u8);
        payload.Write(time.ByWall(gap.At));
        payload.Write(SourceText(gap.Source));
        Append(Seq, GapBody(gap), rows: 0);
    }

    void IFeedListener.OnStatus(FeedStatus status)
    {
        // A topic that was told nothing streams: only what differs from that has to be said.
        if (!statusTold && status is { Mode: FeedMode.Streaming, Complete: true, Reason: null })
        {
            return;
        }

        if (!Output.HasState)
        {
            return;
        }

        statusTold = true;
        WriteStatus(status);
        Publish(0, default, rows: 0);
        foreach (var view in views)
        {
            view.Ring.Append(0, payload.WrittenSpan);
        }
    }

    void IFeedListener.OnRefused(FeedRefusal refusal, string message) => Refused?.Invoke(this, refusal, message);

    /// <summary>The <c>feed_status</c> frame of a state of things.</summary>
    public byte[] StatusFrame(FeedStatus status)
    {
        WriteStatus(status);
        return WireFrame.Of(payload.WrittenSpan);
    }

    private void WriteStatus(FeedStatus status)
    {
        payload.ResetWrittenCount();
        payload.Write(StatusEnvelope());
        payload.Write(",\"ts\":"u8);
        payload.Write(time.ByWall(time.GetUtcNow()));
        payload.Write(",\"data\":"u8);
        StatusBody.Write(payload, status, Output.Feed, time);
        payload.Write("}"u8);
    }

    private void Append(long seq, ReadOnlySpan<byte> body, int rows)
    {
        payload.Write(",\"data\":"u8);
        var start = payload.WrittenCount;
        payload.Write(body);
        payload.Write("}"u8);
        Publish(seq, start..(start + body.Length), rows);
    }

    /// <summary>The lowest position that some reader has come to; the head where there is none.</summary>
    public long LowestCursor => readers.IsEmpty ? Ring.Head : readers.Min(reader => reader.AwaitsState ? Ring.Head : reader.Cursor);

    private protected void Wake()
    {
        foreach (var reader in readers)
        {
            if (reader.View is null)
            {
                reader.MarkDue();
            }
        }
    }

    private void BeginEnvelope(ReadOnlySpan<byte> prefix, long seq)
    {
        payload.ResetWrittenCount();
        payload.Write(prefix);
        payload.Write(seq);
    }

    // {"type":"…","channel":"…","id":"…","epoch":"…","seq":
    private byte[] EnvelopeOf(string type)
    {
        var text = new ArrayBufferWriter<byte>(160);
        text.Write("{\"type\":"u8);
        text.WriteQuoted(type);
        WriteTopic(text);
        text.Write(",\"epoch\":"u8);
        text.WriteQuoted(Epoch);
        text.Write(",\"seq\":"u8);
        return text.WrittenSpan.ToArray();
    }

    private byte[] StatusEnvelope()
    {
        var text = new ArrayBufferWriter<byte>(160);
        text.Write("{\"type\":\"feed_status\""u8);
        WriteTopic(text);
        return text.WrittenSpan.ToArray();
    }

    private void WriteTopic(ArrayBufferWriter<byte> text)
    {
        text.Write(",\"channel\":"u8);
        text.WriteQuoted(Address.Channel);
        if (Address.Id.Length > 0)
        {
            text.Write(",\"id\":"u8);
            text.WriteQuoted(Address.Id);
        }
    }

    private static ReadOnlySpan<byte> SourceText(ChangeSource source) => source switch
    {
        ChangeSource.Stream => ",\"source\":\"stream\""u8,
        ChangeSource.Backfill => ",\"source\":\"backfill\""u8,
        ChangeSource.Poll => ",\"source\":\"poll\""u8,
        _ => ",\"source\":\"repair\""u8,
    };

    private byte[] GapBody(FeedGap gap)
    {
        var body = new ArrayBufferWriter<byte>(128);
        body.Write("{\"from\":"u8);
        body.Write(time.ByWall(gap.From));
        body.Write(",\"to\":"u8);
        body.Write(time.ByWall(gap.To));
        body.Write(",\"reason\":"u8);
        body.WriteQuoted(gap.Reason);
        body.Write(",\"recovered\":"u8);
        body.Write(gap.Recovered);
        body.Write(gap.Complete ? ",\"complete\":true}"u8 : ",\"complete\":false}"u8);
        return body.WrittenSpan.ToArray();
    }

    private static string UpdateType(OutputKind kind) => kind switch
    {
        OutputKind.Account or OutputKind.ParentAccount => "account_update",
        OutputKind.Orders => "order_update",
        OutputKind.Fills or OutputKind.Tape => "trade_update",
        OutputKind.Transfers => "transfer_update",
        OutputKind.Candles => "candle_update",
        OutputKind.Book => "orderbook_update",
        OutputKind.Markets => "market_update",
        _ => "block_update",
    };
}
