using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tidegate.Indexer.Candles;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Feeds;

/// <summary>One series of candles.</summary>
public sealed class CandleFeed : Feed
{
    private static readonly TimeSpan FirstAudit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseAfter = TimeSpan.FromSeconds(5);
    private readonly CandleSeries series = new();
    private readonly FeedOutput output;
    private readonly ITimer closer;
    private readonly TimeSpan interval;
    private bool closing;
    private bool closingOnly;

    // Where the interval of the chain's newest block began, written as the Indexer writes startedAt.
    private string blockInterval = "";
    private DateTimeOffset nextInterval;

    internal CandleFeed(string id, FeedContext context)
        : base(new TopicKey(Channel.Candles, id), context)
    {
        output = new FeedOutput(this, OutputKind.Candles, "v4_candles", id, series.WriteState);
        Outputs = [output];
        closer = context.Time.CreateTimer(_ => _ = CloseOverdueAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        interval = IntervalOf(Resolution);
        context.HeightRose += OnHeightRose;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeedOutput> Outputs { get; }

    private string Ticker => Key.Id[..Key.Id.LastIndexOf('/')];

    private string Resolution => Key.Id[(Key.Id.LastIndexOf('/') + 1)..];

    private protected override bool TakeSnapshot(ReadOnlySpan<byte> contents, DateTimeOffset at)
    {
        using var document = JsonSlice.TryParse(contents);
        return document is not null && Take(JsonSlice.Member(document.RootElement, "candles"), at, ChangeSource.Repair, whole: true);
    }

    private protected override bool TakeUpdate(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at)
    {
        using var document = JsonSlice.TryParse(contents);
        return document is not null && Take(document.RootElement, at, ChangeSource.Stream, whole: false);
    }

    private protected override async Task PollAsync(CancellationToken cancellationToken) =>
        await AskAsync(RestPriority.Poll, ChangeSource.Poll, cancellationToken).ConfigureAwait(false);

    private protected override Task AuditAsync(CancellationToken cancellationToken) => AskAsync(RestPriority.Audit, ChangeSource.Repair, cancellationToken);

    private protected override void OnStop()
    {
        Context.HeightRose -= OnHeightRose;
        closer.Dispose();
    }

    private static TimeSpan IntervalOf(string resolution) => resolution switch
    {
        "1MIN" => TimeSpan.FromMinutes(1),
        "5MINS" => TimeSpan.FromMinutes(5),
        "15MINS" => TimeSpan.FromMinutes(15),
        "30MINS" => TimeSpan.FromMinutes(30),
        "1HOUR" => TimeSpan.FromHours(1),
        "4HOURS" => TimeSpan.FromHours(4),
        "1DAY" => TimeSpan.FromDays(1),
        _ => TimeSpan.Zero,
    };

    private async Task AskAsync(RestPriority priority, ChangeSource source, CancellationToken cancellationToken)
    {
        var path = IndexerPaths.Candles(Ticker, Resolution, output.HasState ? 100 : 1000);
        var answer = await Context.Rest.GetAsync(path, priority, cancellationToken).ConfigureAwait(false);
        if (!answer.IsOk)
        {
            throw new IndexerRestException($"the candles answered {answer.Status}");
        }

        using var document = JsonDocument.Parse(answer.Body);
        lock (Gate)
        {
            Take(JsonSlice.Member(document.RootElement, "candles"), answer.ReceivedAt, source, whole: !output.HasState);
        }
    }

    private bool Take(JsonElement candles, DateTimeOffset at, ChangeSource source, bool whole)
    {
        if (candles.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object))
        {
            return false;
        }

        Body.ResetWrittenCount();
        if (series.Apply(candles, Body))
        {
            Repairs += source == ChangeSource.Repair && output.HasState ? 1 : 0;
            output.Tell(source, at, Body.WrittenSpan);
            if (source == ChangeSource.Stream)
            {
                Contents.Tell(source, at, System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(candles));
            }
        }

        if (whole)
        {
            output.Complete();
            AuditIn(FirstAudit);
        }

        CloseLater();
        return true;
    }

    private protected override void WriteContents(IBufferWriter<byte> to) => series.WriteRest(to);

    // Updates of the stream go on as they came; what else differs becomes one update a candle. That one is closed is no field of the Indexer's.
    internal override void TellContents(FeedOutput of, ChangeSource source, DateTimeOffset at, ReadOnlySpan<byte> body, Books.BookChange? book)
    {
        if (source == ChangeSource.Stream || closingOnly)
        {
            return;
        }

        using var document = JsonSlice.TryParse(body);
        var update = new ArrayBufferWriter<byte>(512);
        foreach (var candle in JsonSlice.Items(JsonSlice.Member(document!.RootElement, "candles")))
        {
            update.ResetWrittenCount();
            CandleSeries.WriteRest(candle, update);
            Contents.Tell(source, at, update.WrittenSpan);
        }
    }

    // By the chain's own time: without blocks no interval ends.
    private void OnHeightRose(long height)
    {
        if (interval == TimeSpan.Zero
            || !DateTimeOffset.TryParse(Context.Chain.BlockTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return;
        }

        lock (Gate)
        {
            if (time < nextInterval)
            {
                return;
            }

            var start = new DateTimeOffset(time.Ticks - (time.Ticks % interval.Ticks), TimeSpan.Zero);
            (blockInterval, nextInterval) = (start.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture), start + interval);
            CloseLater();
        }
    }

    // What started before the newest candle or the newest block's interval is over.
    private string OverBefore() =>
        series.NewestStartedAt is { } newest && string.CompareOrdinal(newest, blockInterval) > 0 ? newest : blockInterval;

    // An interval that ended without its closing frame is closed 5 s later with REST's answer (protocol.md 2, v4_candles). Under the gate.
    private void CloseLater()
    {
        if (!closing && series.HasOpenBefore(OverBefore()))
        {
            closing = true;
            closer.Change(CloseAfter, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task CloseOverdueAsync()
    {
        string over;
        lock (Gate)
        {
            over = OverBefore();
            if (!series.HasOpenBefore(over))
            {
                closing = false;
                return;
            }
        }

        var asked = await ContainAsync(token => AskAsync(RestPriority.Audit, ChangeSource.Repair, token), Stopping).ConfigureAwait(false);
        lock (Gate)
        {
            closing = false;
            Body.ResetWrittenCount();
            if (asked && series.CloseBefore(over, Body))
            {
                closingOnly = true;
                output.Tell(ChangeSource.Repair, Context.Time.GetUtcNow(), Body.WrittenSpan);
                closingOnly = false;
            }

            CloseLater();
        }

        Context.RaiseDrained();
    }
}
