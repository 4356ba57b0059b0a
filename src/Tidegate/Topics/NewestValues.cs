using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Tidegate.Indexer.Books;
using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>
/// Of a topic that tells states: what changed last at which position, so that a client that cannot keep up is told the newest values alone, however far
/// behind it is (contract 4).
/// </summary>
/// <remarks>Used under the topic's gate.</remarks>
internal abstract class NewestValues
{
    /// <summary>Whether all that changed after a position is known.</summary>
    public virtual bool Covers(long position) => true;

    /// <summary>Takes a change that got this position.</summary>
    public virtual void Take(long position, in FeedChange change, ContentsTopic topic)
    {
    }

    /// <summary>The contents that lead from a position to now.</summary>
    public abstract IEnumerable<byte[]> Since(long position);

    /// <summary>What a feed's topic needs; null where every change counts.</summary>
    public static NewestValues? Of(Feed feed) => feed switch
    {
        BookFeed => new OfBook(),
        CandleFeed => new OfCandles(),
        MarketsFeed => new OfMarkets(feed.Contents),
        BlockFeed => new OfBlocks(),
        _ => null,
    };

    /// <summary>Last values by key. What every reader has is forgotten from time to time.</summary>
    private sealed class Touched<TKey, TValue>
        where TKey : notnull
    {
        private const int Most = 65_536;
        private const int LookAgainAfter = 4096;
        private readonly Dictionary<TKey, (long Position, TValue Value)> last = [];
        private long knownAfter;
        private int lookAt = LookAgainAfter;

        public bool Covers(long position) => position >= knownAfter;

        public void Set(TKey key, TValue value, long position, ContentsTopic topic)
        {
            last[key] = (position, value);
            if (last.Count >= lookAt)
            {
                Forget(topic.LowestCursor);
                if (last.Count > Most)
                {
                    Forget(position);
                }

                lookAt = last.Count + LookAgainAfter;
            }
        }

        public IEnumerable<(TKey Key, TValue Value)> Since(long position) =>
            last.Where(pair => pair.Value.Position > position).OrderBy(pair => pair.Value.Position).Select(pair => (pair.Key, pair.Value.Value));

        private void Forget(long upTo)
        {
            knownAfter = Math.Max(knownAfter, upTo);
            foreach (var (key, (position, _)) in last)
            {
                if (position <= upTo)
                {
                    last.Remove(key);
                }
            }
        }
    }

    private sealed class OfBook : NewestValues
    {
        private readonly Touched<(bool IsBid, decimal Price), decimal> levels = new();

        public override bool Covers(long position) => levels.Covers(position);

        public override void Take(long position, in FeedChange change, ContentsTopic topic)
        {
            if (change.Book is { } book)
            {
                Take(book.Bids, isBid: true, position, topic);
                Take(book.Asks, isBid: false, position, topic);
            }
        }

        public override IEnumerable<byte[]> Since(long position)
        {
            var merged = new BookChange();
            foreach (var ((isBid, price), size) in levels.Since(position))
            {
                (isBid ? merged.Bids : merged.Asks).Add(new Level(price, size));
            }

            if (merged.IsEmpty)
            {
                return [];
            }

            var body = new ArrayBufferWriter<byte>(1024);
            merged.WriteBody(body);
            return [body.WrittenSpan.ToArray()];
        }

        private void Take(List<Level> changed, bool isBid, long position, ContentsTopic topic)
        {
            foreach (ref readonly var level in CollectionsMarshal.AsSpan(changed))
            {
                levels.Set((isBid, level.Price), level.Size, position, topic);
            }
        }
    }

    // Each frame holds one candle, whole.
    private sealed class OfCandles : NewestValues
    {
        private readonly Touched<string, byte[]> candles = new();

        public override bool Covers(long position) => candles.Covers(position);

        public override void Take(long position, in FeedChange change, ContentsTopic topic)
        {
            var reader = new Utf8JsonReader(change.Body);
            if (JsonElement.TryParseValue(ref reader, out var candle) && candle is { ValueKind: JsonValueKind.Object } one
                && one.TryGetProperty("startedAt", out var startedAt) && startedAt.ValueKind == JsonValueKind.String)
            {
                candles.Set(startedAt.GetString()!, change.Body.ToArray(), position, topic);
            }
        }

        public override IEnumerable<byte[]> Since(long position) => candles.Since(position).Select(candle => candle.Value);
    }

    // All markets whole: an update of every field.
    private sealed class OfMarkets(FeedOutput contents) : NewestValues
    {
        public override IEnumerable<byte[]> Since(long position)
        {
            var state = new ArrayBufferWriter<byte>(64 * 1024);
            contents.WriteState(state);
            return [[.. "{\"trading\""u8, .. state.WrittenSpan["{\"markets\""u8.Length..]]];
        }
    }

    private sealed class OfBlocks : NewestValues
    {
        private byte[] block = [];

        public override void Take(long position, in FeedChange change, ContentsTopic topic) => block = change.Body.ToArray();

        public override IEnumerable<byte[]> Since(long position) => block.Length > 0 ? [block] : [];
    }
}
