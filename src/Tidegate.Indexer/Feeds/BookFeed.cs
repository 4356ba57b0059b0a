using System.Buffers;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Feeds;

/// <summary>One market's book.</summary>
public sealed class BookFeed : Feed
{
    // REST may answer from caches and replicas that lag: compared more than once, far enough apart to outlive them.
    private static readonly TimeSpan[] AfterSubscribe = [TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(6)];
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(1); // as long as the server's cache holds an answer
    private const long ServerLag = 3000;

    // Fewer known levels a side are refreshed within 3 s, and at once where the fifty that are always known are near (contract 2, known_to).
    private const int Deep = OrderBook.SnapshotDepth;
    private const int Shallow = 60;
    private readonly BookChange change = new();
    private readonly FeedOutput output;
    private readonly long epoch;
    private readonly ArrayBufferWriter<byte> joined = new(16);
    private int comparison;
    private int spare;
    private bool holed;

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
        if (!Book.ApplyUpdate(contents, Now, change))
        {
            holed = true;
            AuditIn(TimeSpan.Zero); // what the dropped frame said is only in REST now
            return false;
        }

        Tell(at, ChangeSource.Stream);
        WatchHorizon();
        return true;
    }

    /// <summary>
    /// All that was kept as one step and one difference: readers need not see what lies between. Then compared with REST as after a subscribe.
    /// </summary>
    private protected override void TakeKept(IReadOnlyList<KeptFrame> frames)
    {
        comparison = 0;
        holed = true; // as far as the next answer knows
        AuditIn(AfterSubscribe[0]);
        if (frames.Count == 0)
        {
            return;
        }

        joined.ResetWrittenCount();
        for (var i = 0; i < frames.Count; i++)
        {
            joined.Write(i == 0 ? "["u8 : ","u8);
            joined.Write(frames[i].Contents.Span);
        }

        joined.Write("]"u8);
        if (Book.ApplyUpdates(joined.WrittenSpan, Now, change))
        {
            Tell(frames[^1].At, ChangeSource.Stream);
            return;
        }

        base.TakeKept(frames); // one of them does not parse, or is a batch: the others count
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
            var (knownBid, knownAsk) = (Book.KnownBid, Book.KnownAsk);
            var reachSince = holed ? (long?)null : Now - (long)(Context.Audits.BookInterval - RefreshAfter).TotalMilliseconds;
            if (Status.Mode == FeedMode.Streaming && Book.ApplySnapshot(answer.Body, Now, change, asked - ServerLag, reachSince))
            {
                holed = false;

                // What lies beyond the levels known so far is news, not a difference.
                var differs = change.Bids.Exists(level => !(level.Price < knownBid)) || change.Asks.Exists(level => !(level.Price > knownAsk));
                Repairs += differs ? 1 : 0;
                Tell(answer.ReceivedAt, ChangeSource.Repair);
            }
        }
    }

    private protected override void WriteContents(System.Buffers.IBufferWriter<byte> to) => Book.WriteRest(to, int.MaxValue);

    private protected override TimeSpan NextAuditIn(AuditPolicy policy)
    {
        comparison++;
        var next = LookHowDeep() switch { < Shallow => AgainAfter, < Deep => RefreshAfter, _ => ReachEndsIn(policy.BookInterval) };
        return comparison < AfterSubscribe.Length && AfterSubscribe[comparison] < next ? AfterSubscribe[comparison] : next;
    }

    // An earlier answer that still counts does so for one period: then the book is compared, and known no further than that answer says.
    private TimeSpan ReachEndsIn(TimeSpan period)
    {
        var left = period - TimeSpan.FromMilliseconds(Now - Math.Max(0, Book.KnownSince));
        return left > TimeSpan.Zero ? left : period;
    }

    // The market moved: within 3 s a hundred levels are known again, and never fewer than fifty.
    private void WatchHorizon()
    {
        spare -= change.Removals;
        if (spare >= 0)
        {
            return;
        }

        var depth = LookHowDeep();
        if (depth < Shallow)
        {
            AuditFirst();
        }
        else if (depth < Deep)
        {
            AuditIn(RefreshAfter);
        }
    }

    // Need not be counted again before so many levels were taken away that it may have fallen below the next mark.
    private int LookHowDeep()
    {
        var depth = Math.Min(Book.KnownDepth(bids: true), Book.KnownDepth(bids: false));
        spare = depth >= Deep ? depth - Deep : depth >= Shallow ? depth - Shallow : int.MaxValue;
        return depth;
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

        (CheckedAt, spare) = (at, 0);
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
