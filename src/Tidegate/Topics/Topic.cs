using System.Buffers;
using System.Collections.Immutable;
using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>
/// Numbers the changes of one output, keeps the last ones, and encodes each once for all its readers (contract 2, Numbers, Epoch).
/// </summary>
/// <remarks>Writes come under the output's gate, one after the other; the ring is read without it.</remarks>
internal sealed partial class Topic : IFeedListener
{
    private readonly ArrayBufferWriter<byte> payload = new(1024);
    private readonly byte[] updatePrefix;
    private readonly StateReach? reach;
    private readonly TopicLimits limits;
    private readonly TimeProvider time;
    private ImmutableArray<Reader> readers = [];
    private bool statusTold;

    public Topic(TopicAddress address, FeedOutput output, TopicLimits limits, TimeProvider time)
    {
        Address = address;
        Output = output;
        this.limits = limits;
        this.time = time;
        Epoch = Guid.NewGuid().ToString("N");
        Ring = new Ring(output.IsEvent ? Math.Max(limits.ResumeFrames, limits.QueueFrames + 1) : limits.QueueFrames + 1);
        reach = StateRows is { } rows ? new StateReach(rows) : null;
        updatePrefix = EnvelopeOf(UpdateType(output.Kind));
    }

    /// <summary>Where it is found.</summary>
    public TopicAddress Address { get; }

    /// <summary>What it tells.</summary>
    public FeedOutput Output { get; }

    /// <summary>The last frames.</summary>
    public Ring Ring { get; }

    /// <summary>Opaque, never used by another start or topic.</summary>
    public string Epoch { get; }

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
        foreach (var reader in readers)
        {
            if (reader.AwaitsState)
            {
                Start(reader, resume: null);
            }
        }
    }

    void IFeedListener.OnChange(in FeedChange change)
    {
        Seq++;
        LastEventAt = change.At;
        BeginEnvelope(updatePrefix, Seq);
        payload.Write(",\"ts\":"u8);
        payload.Write(change.At);
        payload.Write(SourceText(change.Source));
        if (Output.Feed is BookFeed book)
        {
            if (change.Book is { KnownToMoved: true })
            {
                WriteKnownTo(book.Book);
            }

            WriteCrc(book.Book.Crc);
        }

        Append(Seq, change.Body);
        reach?.Add(Seq, change.Rows);
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
        payload.Write(gap.At);
        payload.Write(SourceText(gap.Source));
        Append(Seq, GapBody(gap));
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
        Ring.Append(0, StatusFrame(status), default);
        Wake();
        foreach (var view in views)
        {
            view.Pass(StatusFrame(status));
        }
    }

    void IFeedListener.OnRefused(FeedRefusal refusal, string message) => Refused?.Invoke(this, refusal, message);

    /// <summary>The <c>feed_status</c> frame of a state of things.</summary>
    public byte[] StatusFrame(FeedStatus status)
    {
        payload.ResetWrittenCount();
        payload.Write(StatusEnvelope());
        payload.Write(",\"ts\":"u8);
        payload.Write(time.GetUtcNow());
        payload.Write(",\"data\":"u8);
        StatusBody.Write(payload, status, Output.Feed);
        payload.Write("}"u8);
        return WireFrame.Of(payload.WrittenSpan);
    }

    private void Append(long seq, ReadOnlySpan<byte> body)
    {
        payload.Write(",\"data\":"u8);
        var start = payload.WrittenCount;
        payload.Write(body);
        payload.Write("}"u8);
        var wire = WireFrame.Of(payload.WrittenSpan);
        var at = WireFrame.HeaderLength(payload.WrittenCount) + start;
        Ring.Append(seq, wire, at..(at + body.Length));
        Wake();
    }

    private void Wake()
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

    private static byte[] GapBody(FeedGap gap)
    {
        var body = new ArrayBufferWriter<byte>(128);
        body.Write("{\"from\":"u8);
        body.Write(gap.From);
        body.Write(",\"to\":"u8);
        body.Write(gap.To);
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
