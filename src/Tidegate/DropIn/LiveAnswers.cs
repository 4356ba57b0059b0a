using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.DropIn;

/// <summary>Answers from the live state, in the Indexer's shape: height, time, the books that are followed, and orders of accounts that are.</summary>
/// <remarks>Thread-safe. Only while the topic streams and is whole: what may have holes is no answer.</remarks>
internal sealed class LiveAnswers(IndexerFeeds feeds, SteadyTime time)
{
    private const string Books = "/orderbooks/perpetualMarket/";
    private const int FewestLevels = 50;

    /// <summary>The body, or null where the state does not hold it and the Indexer has to be asked.</summary>
    public byte[]? For(string pathAndQuery) => pathAndQuery switch
    {
        "/height" => Write(feeds.BlockFeed, static (output, to) => output.WriteState(to)),
        "/time" => feeds.Chain.KnowsIndexer ? TimeNow() : null,
        _ when pathAndQuery.StartsWith(Books, StringComparison.Ordinal) => BookOf(Uri.UnescapeDataString(pathAndQuery[Books.Length..])),
        _ => null,
    };

    /// <summary>An order as merged from all that was heard of it, and whose it is; null where no account that is followed has it.</summary>
    public (string Address, byte[] Body)? Order(string id)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var feed in feeds.All.OfType<AccountFeed>())
        {
            if (feed.TryWriteOrder(id, body))
            {
                return (feed.Address, body.WrittenSpan.ToArray());
            }
        }

        return null;
    }

    private byte[]? BookOf(string ticker) =>
        feeds.Find(new TopicKey(Channel.OrderBook, ticker)) is BookFeed feed
            ? Write(feed, (_, to) => feed.Book.WriteRest(to), () => feed.Book.KnownDepth(bids: true) >= FewestLevels && feed.Book.KnownDepth(bids: false) >= FewestLevels)
            : null;

    // As the Indexer has it: the time, and seconds since 1970 with their milliseconds.
    private byte[] TimeNow()
    {
        var now = feeds.Chain.ByIndexer(time.GetUtcNow());
        var body = new ArrayBufferWriter<byte>(96);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("iso", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteNumber("epoch", now.ToUnixTimeMilliseconds() / 1000m);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static byte[]? Write(Feed feed, Action<FeedOutput, IBufferWriter<byte>> write, Func<bool>? suffices = null)
    {
        var output = feed.Outputs[0];
        lock (output.Gate)
        {
            if (!output.HasState || feed.Status is not { Mode: FeedMode.Streaming, Complete: true } || suffices?.Invoke() == false)
            {
                return null;
            }

            var body = new ArrayBufferWriter<byte>(16 * 1024);
            write(output, body);
            return body.WrittenSpan.ToArray();
        }
    }
}
