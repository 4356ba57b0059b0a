using Tidegate.Indexer.Books;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Feeds;

/// <summary>One market's book.</summary>
public sealed class BookFeed : Feed
{
    private readonly BookChange change = new();
    private readonly FeedOutput output;
    private readonly long epoch;

    internal BookFeed(string ticker, FeedContext context)
        : base(new TopicKey(Channel.OrderBook, ticker), context)
    {
        epoch = context.Time.GetTimestamp();
        output = new FeedOutput(this, OutputKind.Book, "v4_orderbook", ticker, to => Book.WriteState(to));
        Outputs = [output];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FeedOutput> Outputs { get; }

    /// <summary>The book; read it under the gate.</summary>
    public OrderBook Book { get; } = new();

    // Milliseconds of a clock that never falls: arrivals decide which of two crossed levels shows.
    private long Now => (long)Context.Time.GetElapsedTime(epoch).TotalMilliseconds;

    private protected override bool TakeSnapshot(ReadOnlySpan<byte> contents, DateTimeOffset at) => Replace(contents, at, ChangeSource.Repair);

    private protected override bool TakeUpdate(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at)
    {
        change.Clear();
        if (!Book.ApplyUpdate(contents, Now, change))
        {
            return false;
        }

        Tell(at, ChangeSource.Stream);
        return true;
    }

    private protected override async Task PollAsync(CancellationToken cancellationToken)
    {
        var answer = await Context.Rest.GetAsync(IndexerPaths.OrderBook(Key.Id), RestPriority.Poll, cancellationToken).ConfigureAwait(false);
        if (!answer.IsOk)
        {
            throw new IndexerRestException($"the book answered {answer.Status}");
        }

        lock (Gate)
        {
            if (WantsPoll && !Replace(answer.Body, answer.ReceivedAt, ChangeSource.Poll))
            {
                throw new IndexerRestException("the book's answer does not parse");
            }
        }
    }

    private bool Replace(ReadOnlySpan<byte> contents, DateTimeOffset at, ChangeSource source)
    {
        change.Clear();
        if (!Book.ApplySnapshot(contents, Now, change))
        {
            return false;
        }

        CheckedAt = at;
        if (output.HasState)
        {
            Tell(at, source);
        }
        else
        {
            output.Complete();
        }

        return true;
    }

    private void Tell(DateTimeOffset at, ChangeSource source)
    {
        if (change.IsEmpty)
        {
            return;
        }

        Body.ResetWrittenCount();
        change.WriteBody(Body);
        output.Tell(source, at, Body.WrittenSpan, change);
    }
}
