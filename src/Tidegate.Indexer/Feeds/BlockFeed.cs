using System.Globalization;
using System.Text.Json;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Feeds;

/// <summary>
/// The chain's height, and the watch over it: a chain that stands still while the socket lives is not a dead socket, and a socket without
/// blocks while REST knows newer ones is (contract 2, <c>reason</c>).
/// </summary>
public sealed class BlockFeed : Feed
{
    private const double TrailsAfterMs = 30_000;
    private static readonly TimeSpan QuietAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SynchroniseEvery = TimeSpan.FromMinutes(1);
    private readonly FeedOutput output;
    private readonly ITimer watch;
    private DateTimeOffset? synchronised;
    private int watching;
    private long risen;

    internal BlockFeed(FeedContext context)
        : base(new TopicKey(Channel.BlockHeight, ""), context)
    {
        output = new FeedOutput(this, OutputKind.Blocks, "v4_block_height", "", to => Write(to));
        Outputs = [output];
        watch = context.Time.CreateTimer(_ => _ = WatchAsync(), null, TimeSpan.FromSeconds(1), WatchEvery);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeedOutput> Outputs { get; }

    private ChainClock Chain => Context.Chain;

    private protected override bool TakeSnapshot(ReadOnlySpan<byte> contents, DateTimeOffset at) => Take(contents, at, ChangeSource.Repair);

    private protected override bool TakeUpdate(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at) => Take(contents, at, ChangeSource.Stream);

    private protected override void AfterFrame()
    {
        var height = Chain.Height;
        if (Interlocked.Exchange(ref risen, height) != height)
        {
            Context.RaiseHeightRose(height);
        }
    }

    private protected override async Task PollAsync(CancellationToken cancellationToken)
    {
        var answer = await AskHeightAsync(RestPriority.Poll, cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            Take(answer.Body, answer.ReceivedAt, ChangeSource.Poll);
        }

        AfterFrame();
    }

    private protected override void OnStop() => watch.Dispose();

    private async Task<RestAnswer> AskHeightAsync(RestPriority priority, CancellationToken cancellationToken)
    {
        var answer = await Context.Rest.GetAsync(IndexerPaths.Height, priority, cancellationToken).ConfigureAwait(false);
        return answer.IsOk ? answer : throw new IndexerRestException($"the height answered {answer.Status}");
    }

    private bool Take(ReadOnlySpan<byte> contents, DateTimeOffset at, ChangeSource source)
    {
        if (!TryRead(contents, out var height, out var time))
        {
            return false;
        }

        if (!Chain.Advance(height, time, at))
        {
            return true;
        }

        // A snapshot's height is a cached one: only blocks that come one after the other tell an Indexer that trails.
        Chain.State = source != ChangeSource.Repair && Chain.LagMs > TrailsAfterMs ? ChainState.Trailing : ChainState.Live;
        Restate();
        if (output.HasState)
        {
            Body.ResetWrittenCount();
            Write(Body);
            output.Tell(source, at, Body.WrittenSpan);
        }
        else
        {
            output.Complete();
        }

        return true;
    }

    // Snapshot and REST say "height", updates say "blockHeight" (protocol.md 2).
    private static bool TryRead(ReadOnlySpan<byte> contents, out long height, out string time)
    {
        using var document = JsonSlice.TryParse(contents);
        (height, time) = (-1, "");
        if (document is null || document.RootElement.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        var root = document.RootElement;
        height = Math.Max(JsonSlice.Whole(JsonSlice.Member(root, "height")), JsonSlice.Whole(JsonSlice.Member(root, "blockHeight")));
        var written = JsonSlice.Member(root, "time");
        time = written.ValueKind == JsonValueKind.String ? written.GetString()! : "";
        return height >= 0;
    }

    private protected override void WriteContents(System.Buffers.IBufferWriter<byte> to) => Write(to);

    internal override void TellContents(FeedOutput of, ChangeSource source, DateTimeOffset at, ReadOnlySpan<byte> body, Books.BookChange? book)
    {
        Body.ResetWrittenCount();
        Write(Body, "blockHeight");
        Contents.Tell(source, at, Body.WrittenSpan);
    }

    private void Write(System.Buffers.IBufferWriter<byte> to, string name = "height")
    {
        using var writer = new Utf8JsonWriter(to);
        writer.WriteStartObject();
        writer.WriteString(name, Chain.Height.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("time", Chain.BlockTime);
        writer.WriteEndObject();
    }

    private async Task WatchAsync()
    {
        if (Interlocked.Exchange(ref watching, 1) == 1)
        {
            return;
        }

        await ContainAsync(LookAsync, Stopping).ConfigureAwait(false);
        Volatile.Write(ref watching, 0);
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = Context.Time.GetUtcNow();
        if (synchronised is null || now - synchronised > SynchroniseEvery)
        {
            await SynchroniseAsync(cancellationToken).ConfigureAwait(false);
            synchronised = now;
        }

        if (Status.Mode == FeedMode.Streaming && Chain.Age > QuietAfter)
        {
            var before = Chain.Height;
            var answer = await AskHeightAsync(RestPriority.Backfill, cancellationToken).ConfigureAwait(false);
            if (TryRead(answer.Body, out var height, out _) && Chain.Height == before)
            {
                Judge(height > before);
            }
        }
    }

    private void Judge(bool rises)
    {
        if (rises)
        {
            Context.Pool.Abandon(Key, "upstream-silent");
            return;
        }

        lock (Gate)
        {
            Chain.State = ChainState.Halted;
            Restate();
        }

        Context.RaiseDrained();
    }

    private async Task SynchroniseAsync(CancellationToken cancellationToken)
    {
        var answer = await Context.Rest.GetAsync(IndexerPaths.Time, RestPriority.Audit, cancellationToken).ConfigureAwait(false);
        using var document = JsonDocument.Parse(answer.Body);
        var iso = JsonSlice.Member(document.RootElement, "iso");
        if (iso.ValueKind == JsonValueKind.String && iso.TryGetDateTimeOffset(out var theirs))
        {
            Chain.Synchronise(theirs, answer.RequestedAt, answer.ReceivedAt);
        }
    }
}
