using System.Buffers;
using System.Text.Json;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Feeds;

/// <summary>All markets; also what the account maths take oracle prices and margin fractions from.</summary>
public sealed class MarketsFeed : Feed
{
    private readonly FeedOutput output;
    private long termsTold;

    internal MarketsFeed(FeedContext context)
        : base(new TopicKey(Channel.Markets, ""), context)
    {
        output = new FeedOutput(this, OutputKind.Markets, "v4_markets", "", context.Markets.WriteState);
        Outputs = [output];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeedOutput> Outputs { get; }

    private protected override bool TakeSnapshot(ReadOnlySpan<byte> contents, DateTimeOffset at) => Take(contents, at, snapshot: true, ChangeSource.Repair);

    private protected override bool TakeUpdate(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at) =>
        Take(contents, at, snapshot: false, ChangeSource.Stream);

    private protected override void AfterFrame() => TellTerms();

    private protected override async Task PollAsync(CancellationToken cancellationToken)
    {
        var answer = await Context.Rest.GetAsync(IndexerPaths.Markets, RestPriority.Poll, cancellationToken).ConfigureAwait(false);
        if (!answer.IsOk)
        {
            throw new IndexerRestException($"the markets answered {answer.Status}");
        }

        lock (Gate)
        {
            if (WantsPoll)
            {
                Take(answer.Body, answer.ReceivedAt, snapshot: true, ChangeSource.Poll);
            }
        }

        TellTerms();
    }

    private bool Take(ReadOnlySpan<byte> contents, DateTimeOffset at, bool snapshot, ChangeSource source)
    {
        using var document = JsonSlice.TryParse(contents);
        if (document is null)
        {
            return false;
        }

        Body.ResetWrittenCount();
        var changed = snapshot
            ? Context.Markets.ApplySnapshot(document.RootElement, Body)
            : Context.Markets.ApplyUpdate(document.RootElement, Body);
        if (snapshot && !output.HasState && Context.Markets.Count > 0)
        {
            output.Complete();
        }
        else if (changed)
        {
            output.Tell(source, at, Body.WrittenSpan);
            if (!snapshot)
            {
                Contents.Tell(source, at, contents);
            }
        }

        return changed || document.RootElement.ValueKind == JsonValueKind.Object;
    }

    private protected override void WriteContents(IBufferWriter<byte> to) => Context.Markets.WriteRest(to);

    // Updates of the stream go on as they came; a difference becomes an update of what differs, prices too.
    internal override void TellContents(FeedOutput of, ChangeSource source, DateTimeOffset at, ReadOnlySpan<byte> body, Books.BookChange? book)
    {
        if (source != ChangeSource.Stream)
        {
            using var document = JsonSlice.TryParse(body);
            var update = new ArrayBufferWriter<byte>(body.Length);
            MarketTable.WriteDifference(document!.RootElement, update);
            Contents.Tell(source, at, update.WrittenSpan);
        }
    }

    private void TellTerms()
    {
        var version = Context.Markets.TermsVersion;
        if (Interlocked.Exchange(ref termsTold, version) != version)
        {
            Context.RaiseTermsMoved();
        }
    }
}
