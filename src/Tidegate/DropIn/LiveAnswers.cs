using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.DropIn;

/// <summary>
/// Answers from the live state, in the Indexer's shape: height, time, markets, the books that are followed, and value and orders of accounts that are.
/// </summary>
/// <remarks>Thread-safe. Only while the topic streams and is whole: what may have holes is no answer.</remarks>
internal sealed partial class LiveAnswers(IndexerFeeds feeds, SteadyTime time)
{
    private const string Books = "/orderbooks/perpetualMarket/";
    private const int FewestLevels = 50;
    private readonly ConditionalWeakTable<Feed, Written> written = [];
    private static readonly string[] LiveStatuses = ["OPEN", "UNTRIGGERED", "BEST_EFFORT_OPENED"];

    /// <summary>The body, or null where the state does not hold it and the Indexer has to be asked.</summary>
    public byte[]? For(string pathAndQuery) => pathAndQuery switch
    {
        "/height" => Write(feeds.BlockFeed),
        "/perpetualMarkets" => Write(feeds.MarketsFeed),
        "/time" => feeds.Chain.KnowsIndexer ? TimeNow() : null,
        _ when pathAndQuery.StartsWith(Books, StringComparison.Ordinal) => BookOf(Uri.UnescapeDataString(pathAndQuery[Books.Length..])),
        _ when Subaccount().Match(pathAndQuery) is { Success: true } match => ValueOf(match),
        _ when OpenOrders().Match(pathAndQuery) is { Success: true } match => OrdersOf(match),
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

    private byte[]? BookOf(string ticker)
    {
        if (feeds.Find(new TopicKey(Channel.OrderBook, ticker)) is not BookFeed feed)
        {
            return null;
        }

        return Write(feed, feed.Book.WriteRest, () => feed.Book.KnownDepth(bids: true) >= FewestLevels && feed.Book.KnownDepth(bids: false) >= FewestLevels);
    }

    private byte[]? ValueOf(Match path)
    {
        var channel = path.Groups["parent"].Success ? Channel.ParentSubaccounts : Channel.Subaccounts;
        var body = new ArrayBufferWriter<byte>(4096);
        return AccountOf(channel, path) is { } feed && feed.TryWriteRest(body) ? body.WrittenSpan.ToArray() : null;
    }

    private byte[]? OrdersOf(Match query)
    {
        var statuses = query.Groups["status"].Value.Split(["%2C", "%2c", ","], StringSplitOptions.None);
        var body = new ArrayBufferWriter<byte>(4096);
        return statuses.All(status => LiveStatuses.Contains(status, StringComparer.Ordinal)) && AccountOf(Channel.Subaccounts, query) is { } feed && feed.TryWriteOpenOrders(statuses, body)
            ? body.WrittenSpan.ToArray()
            : null;
    }

    private AccountFeed? AccountOf(Channel channel, Match named) =>
        feeds.Find(new TopicKey(channel, $"{named.Groups["address"].Value}/{named.Groups["number"].Value}")) as AccountFeed;

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

    // The contents of a snapshot are what REST answers. Told again until something changes: many programs ask for the same.
    private byte[]? Write(Feed feed) => Write(feed, feed.Contents.WriteState, null);

    private byte[]? Write(Feed feed, Action<IBufferWriter<byte>> write, Func<bool>? suffices)
    {
        if (IsLive(feed) && written.TryGetValue(feed, out var last) && last.Version == feed.Outputs[0].Version)
        {
            return last.Body;
        }

        lock (feed.Gate)
        {
            if (!IsLive(feed) || suffices?.Invoke() == false)
            {
                return null;
            }

            var body = new ArrayBufferWriter<byte>(16 * 1024);
            write(body);
            var made = new Written(feed.Outputs[0].Version, body.WrittenSpan.ToArray());
            written.AddOrUpdate(feed, made);
            return made.Body;
        }
    }

    private static bool IsLive(Feed feed) => feed.Contents.HasState && feed.Status is { Mode: FeedMode.Streaming, Complete: true };

    private sealed record Written(long Version, byte[] Body);

    [GeneratedRegex(@"\A/addresses/(?<address>[a-z0-9]+)/((?<parent>parentSubaccountNumber)|subaccountNumber)/(?<number>[0-9]+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Subaccount();

    // Just these three parameters: every other one narrows the answer or sorts it otherwise.
    [GeneratedRegex(@"\A/orders\?(?=.*\baddress=(?<address>[a-z0-9]+))(?=.*\bsubaccountNumber=(?<number>[0-9]+))(?=.*\bstatus=(?<status>[A-Z_,%2cC]+))((address|subaccountNumber|status)=[^&]*(&|\z)){3}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OpenOrders();
}
