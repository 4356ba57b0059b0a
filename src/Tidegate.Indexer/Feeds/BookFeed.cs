using Tidegate.Indexer.Books;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Feeds;

/// <summary>One market's book.</summary>
public sealed class BookFeed : Feed
{
    // REST may answer from caches and replicas that lag: compared more than once, far enough apart to outlive them.
    private static readonly TimeSpan[] AfterSubscribe = [TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(6)];
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(2);
    private const long DepthLookEvery = 250;
    private const long ServerLag = 3000;
    private readonly BookChange change = new();
    private readonly FeedOutput output;
    private readonly long epoch;
    private long depthLookedAt;
    private int comparison;

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

    private protected override bool TakeSnapshot(ReadOnlySpan<byte> contents, DateTimeOffset at)
    {
        comparison = 0;
        AuditIn(AfterSubscribe[0]);
        return Replace(contents, at, ChangeSource.Repair);
    }

    private protected override bool TakeUpdate(ReadOnlySpan<byte> contents, int subaccountNumber, DateTimeOffset at)
    {
        change.Clear();
        var now = Now;
        if (!Book.ApplyUpdate(contents, now, change))
        {
            AuditIn(TimeSpan.Zero); // what the dropped frame said is only in REST now
            return false;
        }

        Tell(at, ChangeSource.Stream);
        if (now - depthLookedAt >= DepthLookEvery)
        {
            depthLookedAt = now;
            WatchHorizon();
        }

        return true;
    }

    /// <summary>
    /// Closes the lost-update window and the horizon: levels that the stream changed since the request went out, less the server's lag, are left as
    /// they are (protocol.md 3).
    /// </summary>
    private protected override async Task AuditAsync(CancellationToken cancellationToken)
    {
        long asked;
        lock (Gate)
        {
            asked = Now;
        }

        var answer = await Context.Rest.GetAsync(IndexerPaths.OrderBook(Key.Id), RestPriority.Audit, cancellationToken).ConfigureAwait(false);
        if (!answer.IsOk)
        {
            throw new IndexerRestException($"the book answered {answer.Status}");
        }

        lock (Gate)
        {
            change.Clear();
            if (Status.Mode == FeedMode.Streaming && Book.ApplySnapshot(answer.Body, Now, change, asked - ServerLag))
            {
                Repairs += change.Bids.Count + change.Asks.Count > 0 ? 1 : 0;
                Tell(answer.ReceivedAt, ChangeSource.Repair);
            }
        }
    }

    private protected override TimeSpan NextAuditIn(AuditPolicy policy)
    {
        comparison++;
        return comparison < AfterSubscribe.Length ? AfterSubscribe[comparison] : Shallow(100) ? RefreshAfter : policy.BookInterval;
    }

    // The market moved: within 3 s a hundred levels are known again, and never fewer than fifty (contract 2, known_to).
    private void WatchHorizon()
    {
        if (Shallow(60))
        {
            AuditIn(TimeSpan.Zero);
        }
        else if (Shallow(100))
        {
            AuditIn(RefreshAfter);
        }
    }

    private bool Shallow(int levels) => Book.KnownDepth(bids: true) < levels || Book.KnownDepth(bids: false) < levels;

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
