using System.Buffers;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>
/// The top N levels of a book: a second small ring of its topic, fed only by changes that touch them. One per depth in use (contract 2, Views).
/// </summary>
/// <remarks>Used under the topic's gate.</remarks>
internal sealed class BookView
{
    private readonly OrderBook book;
    private readonly Level[] fresh;
    private readonly BookChange change = new();
    private readonly ArrayBufferWriter<byte> body = new(512);
    private Side bids;
    private Side asks;

    public BookView(int depth, OrderBook book, TopicLimits limits, long seq)
    {
        (Depth, this.book, LastSeq) = (depth, book, seq);
        fresh = new Level[depth];
        (bids, asks) = (new Side(depth), new Side(depth));
        bids.Count = book.CopyTop(bids: true, bids.Levels);
        asks.Count = book.CopyTop(bids: false, asks.Levels);
        Ring = new Ring(limits.QueueFrames + 1, limits.RingBytes);
    }

    public int Depth { get; }

    public Ring Ring { get; }

    /// <summary>The number of the view's last frame; its state is the same since.</summary>
    public long LastSeq { get; private set; }

    public int Readers { get; set; }

    /// <summary>Tells what the change does to the top levels, if anything.</summary>
    public void Take(Topic topic, in FeedChange cause)
    {
        change.Clear();
        Compare(ref bids, isBid: true, change.Bids);
        Compare(ref asks, isBid: false, change.Asks);
        var moved = cause.Book is { KnownToMoved: true };
        if (change.IsEmpty && !moved)
        {
            return;
        }

        body.ResetWrittenCount();
        change.WriteBody(body);
        topic.AppendView(this, cause, body.WrittenSpan, moved);
        LastSeq = topic.Seq;
    }

    private void Compare(ref Side side, bool isBid, List<Level> changes)
    {
        var count = book.CopyTop(isBid, fresh);
        int old = 0, now = 0;
        while (old < side.Count || now < count)
        {
            var order = old == side.Count ? 1 : now == count ? -1 : Better(side.Levels[old].Price, fresh[now].Price, isBid);
            if (order < 0)
            {
                changes.Add(new Level(side.Levels[old++].Price, 0));
            }
            else if (order > 0)
            {
                changes.Add(fresh[now++]);
            }
            else
            {
                if (side.Levels[old].Size != fresh[now].Size)
                {
                    changes.Add(fresh[now]);
                }

                old++;
                now++;
            }
        }

        fresh.AsSpan(0, count).CopyTo(side.Levels);
        side.Count = count;
    }

    // Negative when the left price stands nearer to the touch.
    private static int Better(decimal left, decimal right, bool isBid) => isBid ? right.CompareTo(left) : left.CompareTo(right);

    private struct Side(int depth)
    {
        public readonly Level[] Levels = new Level[depth];
        public int Count = 0;
    }
}
