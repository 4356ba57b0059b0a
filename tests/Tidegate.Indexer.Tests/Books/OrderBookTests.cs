using System.Buffers;
using System.IO.Hashing;
using System.Text;
using Tidegate.Indexer.Books;

namespace Tidegate.Indexer.Tests.Books;

public class OrderBookTests
{
    private readonly OrderBook book = new();
    private readonly BookChange change = new();

    private string Update(string json, long at)
    {
        Assert.True(book.ApplyUpdate(Encoding.UTF8.GetBytes(json), at, change));
        return Told();
    }

    private string Snapshot(string json, long at, long? notBefore = null, long? reachSince = null)
    {
        Assert.True(book.ApplySnapshot(Encoding.UTF8.GetBytes(json), at, change, notBefore, reachSince));
        return Told();
    }

    private string Told()
    {
        var body = new ArrayBufferWriter<byte>();
        change.WriteBody(body);
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }

    private string State(int depth = int.MaxValue)
    {
        var body = new ArrayBufferWriter<byte>();
        book.WriteState(body, depth);
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }

    [Fact]
    public void A_cross_shows_the_newer_and_the_audit_repairs_what_is_gone_upstream()
    {
        // cases.md 1
        Snapshot("""{"bids":[["100","5"]],"asks":[["101","4"]]}""", 0);
        Assert.Equal("""{"bids":[["100","0"]],"asks":[["99.5","1"]]}""", Update("""{"asks":[["99.5","1"]]}""", 2_000));
        Assert.Equal("""{"bids":[["99","3"]],"asks":[]}""", Snapshot("""{"bids":[["99","3"]],"asks":[["99.5","1"],["101","4"]]}""", 30_000, 27_000));
        Assert.Equal("""{"bids":[],"asks":[["99.5","0"]]}""", Update("""{"asks":[["99.5","0"]]}""", 40_000));
        Assert.Equal(new Level(99m, 3m), book.BestBid);
    }

    [Fact]
    public void A_comparison_during_a_cross_does_not_flip_back_and_forth()
    {
        // cases.md 2
        Update("""{"bids":[["100","5"]]}""", 10_000);
        Update("""{"asks":[["99.5","1"]]}""", 12_000);
        Assert.Equal("""{"bids":[],"asks":[]}""", Snapshot("""{"bids":[{"price":"100","size":"5"}],"asks":[]}""", 13_000, 9_000));
        Assert.Equal(new Level(99.5m, 1m), book.BestAsk);
        book.Expire(22_500);
        Assert.Equal(0, book.HiddenLevels);
        Assert.Equal("""{"bids":[],"asks":[]}""", Snapshot("""{"bids":[],"asks":[{"price":"99.5","size":"1"}]}""", 30_000, 27_000));
    }

    [Fact]
    public void A_comparison_believes_what_it_shows_in_a_cross_but_not_what_it_lacks()
    {
        // The frames that took the bids 102 and 101 away and the one that made ask 100.5 larger were lost, and the one that brought ask 101.5.
        Update("""{"bids":[["102","1"],["101","1"],["99","1"]],"asks":[["103","1"]]}""", 0);
        Update("""{"asks":[["100.5","1"]]}""", 5_000);
        const string Asks = """[["100.5","2"],["101.5","3"],["103","1"]]""";
        Assert.Equal("""{"bids":[],"asks":[["100.5","2"],["101.5","3"]]}""", Snapshot($$"""{"bids":[["99","1"]],"asks":{{Asks}}}""", 9_000, 6_000));
        Assert.Equal(2, book.HiddenLevels);

        // And of the cross itself the younger still shows: neither bid 102, which the server's rule might choose, nor a bid that only the answer knows.
        Assert.Equal("""{"bids":[],"asks":[]}""", Snapshot("""{"bids":[["102","1"],["101.8","1"],["101","1"],["99","1"]],"asks":[["103","1"]]}""", 10_000, 7_000));
        Assert.Equal("""{"bids":[],"asks":[["101.5","0"]]}""", Snapshot($$"""{"bids":[["99","1"]],"asks":[["100.5","2"],["103","1"]]}""", 16_000, 13_000));
    }

    [Fact]
    public void A_level_hidden_by_a_cross_comes_back_when_the_other_side_gives_way_in_time()
    {
        Snapshot("""{"bids":[["100","5"]],"asks":[["101","4"]]}""", 0);
        Update("""{"asks":[["99.5","1"]]}""", 2_000);
        Assert.Null(book.BestBid);
        Assert.Equal("""{"bids":[["100","5"]],"asks":[["99.5","0"]]}""", Update("""{"asks":[["99.5","0"]]}""", 12_000));
    }

    [Fact]
    public void A_level_hidden_too_long_does_not_come_back()
    {
        Snapshot("""{"bids":[["100","5"]],"asks":[["101","4"]]}""", 0);
        Update("""{"asks":[["99.5","1"]]}""", 2_000);
        Assert.Equal("""{"bids":[],"asks":[["99.5","0"]]}""", Update("""{"asks":[["99.5","0"]]}""", 12_001));
        Assert.Null(book.BestBid);
    }

    [Fact]
    public void One_sided_updates_never_serve_a_cross()
    {
        // cases.md 5
        Snapshot("""{"bids":[["100","1"]],"asks":[["101","1"],["102","1"]]}""", 0);
        Assert.Equal("""{"bids":[["101","2"]],"asks":[["101","0"]]}""", Update("""{"bids":[["101","2"]]}""", 1_000));
        Assert.Equal("""{"bids":[],"asks":[]}""", Update("""{"asks":[["101","0"]]}""", 1_005));
        Assert.Equal(new Level(101m, 2m), book.BestBid);
        Assert.Equal(new Level(102m, 1m), book.BestAsk);
    }

    [Fact]
    public void In_one_frame_the_later_entry_is_newer()
    {
        Assert.Equal("""{"bids":[],"asks":[["99","1"]]}""", Update("""{"bids":[["100","1"]],"asks":[["99","1"]]}""", 0));
        var other = new OrderBook();
        other.ApplyUpdate("""{"asks":[["99","1"]],"bids":[["100","1"]]}"""u8, 0, change);
        Assert.Equal("""{"bids":[["100","1"]],"asks":[]}""", Told());
    }

    [Fact]
    public void A_price_has_one_spelling_and_a_size_keeps_its_digits()
    {
        // cases.md 6
        Assert.Equal("""{"bids":[["1.1","5.00"],["0.0000001","2"]],"asks":[]}""", Snapshot("""{"bids":[{"price":"1.10","size":"5.00"},{"price":"1e-7","size":"2"}],"asks":[]}""", 0));
        Assert.Equal("""{"bids":[],"asks":[]}""", Update("""{"bids":[["1.100","5"]]}""", 1));
        Assert.Equal("""{"bids":[["1.1","5.00"],["0.0000001","2"]],"asks":[]}""", State());
        Assert.Equal("""{"bids":[["1.1","0"]],"asks":[]}""", Update("""{"bids":[["1.1","0"]]}""", 2));
    }

    [Fact]
    public void Zero_in_any_spelling_removes_and_a_level_that_was_not_there_tells_nothing()
    {
        // cases.md 3
        Assert.Equal("""{"bids":[["99","1"]],"asks":[["101","3"]]}""", Snapshot("""{"bids":[{"price":"100","size":"0"},{"price":"99","size":"1"}],"asks":[["101","3"]]}""", 0));
        Assert.Equal("""{"bids":[],"asks":[["101","0"]]}""", Update("""{"asks":[["101","0.0"],["102","-0"],["103","0.000"]]}""", 1));
        Assert.Equal("""{"bids":[["99","1"]],"asks":[]}""", State());
    }

    [Theory]
    [InlineData("""{"bids":[["100"]]}""")]
    [InlineData("""{"bids":[["100","1"],["99","-1"]]}""")]
    [InlineData("""{"bids":[["0","1"]]}""")]
    [InlineData("""{"bids":[["-5","1"]]}""")]
    [InlineData("""{"bids":[["100",""]]}""")]
    [InlineData("""{"bids":[["100",null]]}""")]
    [InlineData("""{"bids":[["100","1.5x"]]}""")]
    [InlineData("""{"bids":[["100","123456789012345678901234567890"]]}""")]
    [InlineData("""{"bids":{"100":"1"}}""")]
    [InlineData("""{"bids":["100","1"]}""")]
    [InlineData("""{"bids":[{"price":"100"}]}""")]
    [InlineData("""{"bids":[["100","1"]""")]
    [InlineData("""[]""")]
    [InlineData("")]
    public void What_does_not_parse_changes_nothing(string json)
    {
        Snapshot("""{"bids":[["98","1"]],"asks":[["101","1"]]}""", 0);
        var (state, crc) = (State(), book.Crc);
        Assert.False(book.ApplyUpdate(Encoding.UTF8.GetBytes(json), 1, change));
        Assert.False(book.ApplySnapshot(Encoding.UTF8.GetBytes(json), 1, change));
        Assert.True(change.IsEmpty);
        Assert.Equal((state, crc), (State(), book.Crc));
    }

    [Fact]
    public void The_checksum_is_that_of_the_ten_best_levels_in_turn()
    {
        Snapshot("""{"bids":[["100","1.50"],["99","2"]],"asks":[["101","3"]]}""", 0);
        Assert.Equal(Crc32.HashToUInt32("100:1.50:101:3:99:2"u8), book.Crc);
        Assert.Equal(Crc32.HashToUInt32("100:1.50:101:3"u8), book.CrcOf(1));
        Assert.Equal("""{"bids":[["100","1.50"]],"asks":[["101","3"]]}""", State(depth: 1));
        Assert.Equal(0u, new OrderBook().Crc);
    }

    [Fact]
    public void A_full_side_is_known_to_its_hundredth_level_and_what_lies_beyond_stays()
    {
        var bids = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"price":"{{1000 - i}}","size":"1"}"""));
        Snapshot($$"""{"bids":[{{bids}}],"asks":[{"price":"1001","size":"1"}]}""", 0);
        Assert.True(change.KnownToMoved);
        Assert.Equal(901m, book.KnownBid);
        Assert.Null(book.KnownAsk);
        Update("""{"bids":[["850","7"],["950","0"]]}""", 1);
        Assert.False(change.KnownToMoved);

        // The next answer begins ten higher: 850 and the ten lowest are beyond it now, 950 is back.
        bids = string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"price":"{{1000 - i}}","size":"1"}"""));
        Assert.Equal("""{"bids":[["950","1"]],"asks":[]}""", Snapshot($$"""{"bids":[{{bids}}],"asks":[{"price":"1001","size":"1"}]}""", 10_000, 5_000));
        Assert.False(change.KnownToMoved);
        Assert.Contains("[\"850\",\"7\"]", State(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_earlier_answer_that_reached_further_counts_while_it_is_young()
    {
        string Bids(int best) => $$"""{"bids":[{{string.Join(',', Enumerable.Range(0, 100).Select(i => $$"""{"price":"{{best - i}}","size":"1"}"""))}}],"asks":[]}""";
        Snapshot(Bids(1000), 0);
        Snapshot(Bids(1010), 20_000, 17_000, reachSince: 0);
        Assert.Equal((901m, 110), (book.KnownBid, book.KnownDepth(bids: true)));
        Assert.False(change.KnownToMoved);
        Assert.Equal(0, book.KnownSince);
        Snapshot(Bids(1010), 30_000, 27_000, reachSince: 10_000);
        Assert.Equal((911m, 100), (book.KnownBid, book.KnownDepth(bids: true)));
        Assert.True(change.KnownToMoved);

        // A whole side reaches further than any price, and after a new subscribe nothing earlier counts.
        Snapshot("""{"bids":[{"price":"1010","size":"1"}],"asks":[]}""", 31_000, 28_000, reachSince: 0);
        Snapshot(Bids(1010), 32_000, 29_000, reachSince: 0);
        Assert.Null(book.KnownBid);
        Snapshot(Bids(1010), 33_000);
        Assert.Equal(911m, book.KnownBid);
    }

    [Fact]
    public void An_older_answer_does_not_take_back_what_the_stream_told_since()
    {
        Snapshot("""{"bids":[["100","1"],["99","1"]],"asks":[]}""", 0);
        Update("""{"bids":[["100","0"],["99","5"],["98","2"]]}""", 10_000);
        Assert.Equal("""{"bids":[],"asks":[]}""", Snapshot("""{"bids":[["100","1"],["99","1"]],"asks":[]}""", 11_000, 9_000));
        Assert.Equal("""{"bids":[["100","1"],["99","1"],["98","0"]],"asks":[]}""", Snapshot("""{"bids":[["100","1"],["99","1"]],"asks":[]}""", 20_000, 17_000));
    }

    [Fact]
    public void Updates_and_checksums_allocate_nothing_crossed_or_not()
    {
        var frames = Enumerable.Range(0, 64).Select(i => Encoding.UTF8.GetBytes($$"""{"{{(i % 2 == 0 ? "bids" : "asks")}}":[["{{990 + (i % 2 == 0 ? i / 3 : 24 - (i / 4))}}.5","{{i % 5}}"]]}""")).ToArray();
        var at = 0L;
        Run(10_000); // Over a minute of the book's clock: the ring of removals has its size by then.
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sum = Run(20_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0u, sum);

        uint Run(int rounds)
        {
            var crcs = 0u;
            for (var i = 0; i < rounds; i++)
            {
                book.ApplyUpdate(frames[i % frames.Length], at += 7, change);
                crcs += book.Crc;
            }

            return crcs;
        }
    }
}
