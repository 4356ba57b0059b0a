using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Tests.Sockets;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>What a feed makes of the frames that the standby had brought when it took over.</summary>
public sealed class FailoverFeedTests
{
    private static readonly TopicKey Book = new(Channel.OrderBook, "BTC-USD");
    private static readonly TopicKey Tape = new(Channel.Trades, "BTC-USD");

    private static async Task<(FeedHearer Hearer, FakeWire Active, FakeWire Standby)> PairAsync(FeedWorld world, TopicKey topic, string snapshot)
    {
        await world.StartAsync();
        var hearer = new FeedHearer(world, topic, snapshot);
        await hearer.UntilReadyAsync();
        await world.PassAsync(4);
        Assert.Equal(2, world.Net.Wires.Count);
        return (hearer, world.Net.Wires[0], world.Net.Wires[1]);
    }

    [Fact]
    public async Task A_book_takes_what_was_kept_as_one_difference_and_is_compared_with_REST()
    {
        await using var world = new FeedWorld(standby: true);
        const string Snapshot = """{"bids":[{"price":"100","size":"1"},{"price":"99","size":"1"}],"asks":[{"price":"101","size":"1"}]}""";
        world.Answer = path => path.StartsWith("/orderbooks", StringComparison.Ordinal) ? Snapshot : "{}";
        var (hearer, active, standby) = await PairAsync(world, Book, Snapshot);
        string[] frames =
        [
            """{"bids":[["100","5"]]}""", """{"bids":[["100","7"]]}""", """{"asks":[["101","0"]]}""", """{"bids":[["100","5"]]}""", """{"asks":[["102","3"]]}""", """{"bids":[["98","0"]]}""",
        ];
        active.Data(Book, frames[0]);
        foreach (var frame in frames)
        {
            standby.Data(Book, frame);
        }

        var told = hearer.Of(OutputKind.Book).Count;
        var asked = world.Asked.Count(path => path.StartsWith("/orderbooks", StringComparison.Ordinal));
        active.End(1006, "gone");
        await FeedWorld.UntilAsync(() => hearer.Of(OutputKind.Book).Count > told, "the difference");
        var (source, body) = Assert.Single(hearer.Of(OutputKind.Book).Skip(told));
        Assert.Equal(ChangeSource.Stream, source);
        Assert.Equal("""{"bids":[],"asks":[["101","0"],["102","3"]]}""", body.GetRawText());
        Assert.Equal((FeedMode.Streaming, 1L), (hearer.Feed.Status.Mode, hearer.Feed.ReconnectCount));
        await world.PassUntilAsync(() => world.Asked.Count(path => path.StartsWith("/orderbooks", StringComparison.Ordinal)) > asked, "a comparison");
    }

    [Fact]
    public async Task A_frame_that_does_not_parse_costs_the_others_nothing()
    {
        await using var world = new FeedWorld(standby: true);
        const string Snapshot = """{"bids":[{"price":"100","size":"1"}],"asks":[{"price":"101","size":"1"}]}""";
        world.Answer = path => path.StartsWith("/orderbooks", StringComparison.Ordinal) ? Snapshot : "{}";
        var (hearer, active, standby) = await PairAsync(world, Book, Snapshot);
        standby.Data(Book, """{"bids":[["100","5"]]}""");
        standby.Data(Book, """{"bids":"zzz"}""");
        standby.Data(Book, """{"asks":[["101","6"]]}""");
        active.End(1006, "gone");
        await FeedWorld.UntilAsync(() => hearer.Of(OutputKind.Book).Count == 2, "both differences");
        Assert.Equal(1, hearer.Feed.BadFrames);
    }

    [Fact]
    public async Task Trades_come_once_and_in_order_over_both_sockets()
    {
        await using var world = new FeedWorld(standby: true);
        var (hearer, active, standby) = await PairAsync(world, Tape, """{"trades":[]}""");
        active.Data(Tape, Trades(1));
        active.Data(Tape, Trades(2, 3));
        standby.Data(Tape, Trades(1));
        active.End(1006, "gone");
        standby.Data(Tape, Trades(2, 3));
        standby.Data(Tape, Trades(4));
        await FeedWorld.UntilAsync(() => hearer.Rows(OutputKind.Tape, "trades", "size").Count == 4, "four trades");
        Assert.Equal(["Stream 1", "Stream 2", "Stream 3", "Stream 4"], hearer.Rows(OutputKind.Tape, "trades", "size"));
    }

    private static string Trades(params int[] numbers) =>
        $$"""{"trades":[{{string.Join(',', numbers.Select(n => string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"id":"{{n:x8}}0000000200000001","side":"BUY","size":"{{n}}","price":"5","createdAt":"2026-01-01T00:00:00.000Z","createdAtHeight":"{{n}}","type":"LIMIT"}""")))}}]}""";
}
