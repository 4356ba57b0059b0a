using System.Buffers;
using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Accounts;

namespace Tidegate.Indexer.Tests.Accounts;

public class OrderTableTests
{
    private readonly OrderTable table = new();

    private string? Apply(string json)
    {
        var row = new ArrayBufferWriter<byte>();
        using var document = JsonDocument.Parse(json);
        var told = table.Apply(document.RootElement, 0, row);
        Assert.Equal(told, row.WrittenCount > 0);
        return told ? Encoding.UTF8.GetString(row.WrittenSpan) : null;
    }

    private static string? Field(string? row, string name)
    {
        Assert.NotNull(row);
        using var document = JsonDocument.Parse(row);
        return document.RootElement.TryGetProperty(name, out var value) ? value.ToString() : null;
    }

    [Fact]
    public void A_best_effort_cancel_may_still_fill()
    {
        // Rule 1, cases.md 29
        Assert.NotNull(Apply("""{"id":"O","status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":"1000","size":"1","price":"5"}"""));
        Assert.NotNull(Apply("""{"id":"O","status":"BEST_EFFORT_CANCELED","removalReason":"X"}"""));
        Assert.Equal(["O"], table.Live());
        Assert.Equal("FILLED", Field(Apply("""{"id":"O","status":"FILLED","totalFilled":"1","updatedAtHeight":"990"}"""), "status"));
        Assert.Empty(table.Live());
    }

    [Fact]
    public void An_ended_order_is_revived_only_as_a_new_incarnation_with_nothing_of_the_old()
    {
        // Rule 2
        Apply("""{"id":"O","status":"CANCELED","orderFlags":"0","goodTilBlock":"100","size":"1","price":"5","removalReason":"X","totalOptimisticFilled":"1","updatedAt":"t","updatedAtHeight":"90"}""");
        Assert.Null(Apply("""{"id":"O","status":"BEST_EFFORT_OPENED","goodTilBlock":"100","size":"1"}"""));
        Assert.Null(Apply("""{"id":"O","status":"OPEN","goodTilBlock":"100","updatedAtHeight":"89"}"""));
        Assert.Null(Apply("""{"id":"O","status":"OPEN","goodTilBlock":"99","updatedAtHeight":"95"}"""));
        var row = Apply("""{"id":"O","status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":120,"size":"2","price":"6"}""");
        Assert.Equal("""{"id":"O","status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":120,"size":"2","price":"6","subaccountNumber":0}""", row);
        Apply("""{"id":"L","status":"CANCELED","goodTilBlockTime":"2026-01-01T00:00:00.000Z","removalReason":"X"}""");
        Assert.Null(Field(Apply("""{"id":"L","status":"OPEN","goodTilBlockTime":"2026-02-01T00:00:00.000Z"}"""), "removalReason"));
        Apply("""{"id":"H","status":"CANCELED","updatedAtHeight":"5","removalReason":"X"}""");
        Assert.Null(Field(Apply("""{"id":"H","status":"OPEN","updatedAtHeight":"6"}"""), "removalReason"));
    }

    [Fact]
    public void A_later_life_keeps_nothing_of_the_last_whichever_of_its_frames_comes_first()
    {
        // Found by OrderLifePropertyTests: the fill of a re-placed order overtakes its placement; a removal of one whose placement was never seen.
        Apply("""{"id":"O","status":"OPEN","orderFlags":"0","goodTilBlock":"100","size":"3","price":"10","totalFilled":"2"}""");
        var fill = Apply("""{"id":"O","status":"OPEN","orderFlags":"0","goodTilBlock":"200","size":"3","price":"11","totalFilled":"1","updatedAtHeight":"110"}""");
        Assert.Equal(("1", "11"), (Field(fill, "totalFilled"), Field(fill, "price")));
        Apply("""{"id":"P","status":"BEST_EFFORT_CANCELED","orderFlags":"0","goodTilBlock":"100","size":"2","removalReason":"X"}""");
        Assert.Null(Field(Apply("""{"id":"P","status":"FILLED","orderFlags":"0","goodTilBlock":"200","size":"1","totalFilled":"1"}"""), "removalReason"));
        Apply("""{"id":"Q","status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":"100","size":"2"}""");
        Assert.Null(Field(Apply("""{"id":"Q","status":"BEST_EFFORT_CANCELED","orderFlags":"0","goodTilBlock":"200","removalReason":"X"}"""), "size"));
    }

    [Fact]
    public void A_short_term_order_is_over_three_blocks_after_its_last_and_gives_way_to_more_filled()
    {
        // Rule 3, cases.md 30
        Apply("""{"id":"O","status":"OPEN","orderFlags":"0","goodTilBlock":"1000","size":"2","price":"5","totalFilled":"1"}""");
        Apply("""{"id":"L","status":"OPEN","orderFlags":"64","goodTilBlockTime":"2026-01-01T00:00:00.000Z","size":"2","price":"5"}""");
        Assert.Empty(table.Expired(1002));
        Assert.Equal([("O", "OPEN")], table.Expired(1003));
        var row = new ArrayBufferWriter<byte>();
        Assert.True(table.Conclude("O", row));
        Assert.Equal("CANCELED", table.StatusOf("O"));
        Assert.False(table.Conclude("O", row));
        Assert.Null(Apply("""{"id":"O","status":"OPEN","totalFilled":"1"}"""));
        Assert.Equal("FILLED", Field(Apply("""{"id":"O","status":"FILLED","totalFilled":"2"}"""), "status"));
    }

    [Fact]
    public void A_concluded_end_gives_way_to_a_living_row_with_more_filled()
    {
        Apply("""{"id":"O","status":"OPEN","orderFlags":"0","goodTilBlock":"1000","size":"3","totalFilled":"1"}""");
        Assert.True(table.Conclude("O", new ArrayBufferWriter<byte>()));
        Assert.Equal("OPEN", Field(Apply("""{"id":"O","status":"OPEN","totalFilled":"2"}"""), "status"));
        Assert.Equal([("O", "OPEN")], table.Expired(1003));
    }

    [Fact]
    public void A_wholly_filled_order_is_concluded_as_filled()
    {
        Apply("""{"id":"O","status":"OPEN","orderFlags":"0","goodTilBlock":"1","size":"1.0","totalFilled":"1"}""");
        table.Conclude("O", new ArrayBufferWriter<byte>());
        Assert.Equal("FILLED", table.StatusOf("O"));
    }

    [Fact]
    public void A_removal_of_an_order_never_seen_is_told_without_invented_fields()
    {
        // Rule 4, cases.md 32
        var row = Apply("""{"id":"O","subaccountId":"S","clientId":"7","orderFlags":"0","status":"CANCELED","removalReason":"X"}""");
        Assert.Equal("""{"id":"O","subaccountId":"S","clientId":"7","orderFlags":"0","status":"CANCELED","removalReason":"X","subaccountNumber":0}""", row);
        Assert.True(table.IsPartial("O"));
        Assert.False(table.IsPartial("unknown"));
    }

    [Fact]
    public void What_was_filled_is_not_lowered_and_the_last_status_stays()
    {
        // Rule 5, cases.md 28
        Apply("""{"id":"O","status":"OPEN","size":"2","totalFilled":"1"}""");
        var row = Apply("""{"id":"O","status":"CANCELED","totalFilled":"0","removalReason":"R"}""");
        Assert.Equal("CANCELED", Field(row, "status"));
        Assert.Equal("1", Field(row, "totalFilled"));
        Assert.Null(Apply("""{"id":"O","status":"CANCELED","totalFilled":"1"}"""));
    }

    [Fact]
    public void A_twap_suborder_tells_only_how_much_of_its_parent_is_filled()
    {
        // Rule 6
        Apply("""{"id":"T","status":"OPEN","orderFlags":"128","type":"LIMIT","size":"10","price":"5"}""");
        var row = Apply("""{"id":"T","status":"FILLED","orderFlags":"256","type":"TWAP_SUBORDER","size":"2","price":"6","totalFilled":"4"}""");
        Assert.Equal(("OPEN", "128", "10", "5", "4"), (Field(row, "status"), Field(row, "orderFlags"), Field(row, "size"), Field(row, "price"), Field(row, "totalFilled")));
        Assert.Equal("FILLED", Field(Apply("""{"id":"T","status":"FILLED","orderFlags":"256","size":"2","totalFilled":"10"}"""), "status"));
        Assert.Equal("OPEN", Field(Apply("""{"id":"U","status":"FILLED","orderFlags":"256","size":"2","totalFilled":"2"}"""), "status"));
        Assert.True(table.IsPartial("U"));
    }

    [Fact]
    public void A_late_best_effort_opening_does_not_take_an_opening_back()
    {
        Apply("""{"id":"O","status":"OPEN","orderFlags":"0","goodTilBlock":"10","totalFilled":"1","updatedAtHeight":"5"}""");
        var row = Apply("""{"id":"O","status":"BEST_EFFORT_OPENED","orderFlags":"0","goodTilBlock":"10","size":"2","price":"7"}""");
        Assert.Equal(("OPEN", "2", "7"), (Field(row, "status"), Field(row, "size"), Field(row, "price")));
    }

    [Fact]
    public void Unknown_words_pass_and_nulls_take_nothing_away()
    {
        // cases.md 43
        var row = Apply("""{"id":"O","status":"SOMETHING_NEW","orderFlags":"512","type":"TWAP_SUBORDER","size":"1","triggerPrice":null}""");
        Assert.Contains("\"triggerPrice\":null", row, StringComparison.Ordinal);
        Assert.Null(Apply("""{"id":"O","size":null}"""));
        Assert.Equal(["O"], table.Live());
    }

    [Theory]
    [InlineData("""{"status":"OPEN"}""")]
    [InlineData("""{"id":"","status":"OPEN"}""")]
    [InlineData("""{"id":"O","size":"x"}""")]
    [InlineData("""{"id":"O","totalFilled":"123456789012345678901234567890"}""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    public void A_row_that_does_not_fit_is_refused(string json)
    {
        Assert.Null(Apply(json));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void A_state_shows_all_that_live_and_the_hundred_last_ended()
    {
        Apply("""{"id":"live","status":"OPEN"}""");
        for (var i = 0; i < 150; i++)
        {
            Apply($$"""{"id":"e{{i}}","status":"FILLED"}""");
        }

        var body = new ArrayBufferWriter<byte>();
        table.WriteState(body);
        using var state = JsonDocument.Parse(body.WrittenMemory);
        var ids = state.RootElement.GetProperty("orders").EnumerateArray().Select(o => o.GetProperty("id").GetString()).ToList();
        Assert.Equal(101, ids.Count);
        Assert.Equal(("live", "e50", "e149"), (ids[0], ids[1], ids[^1]));
    }

    [Fact]
    public void An_ended_order_that_was_forgotten_is_no_new_one()
    {
        for (var height = 1; height <= 1001; height++)
        {
            Assert.NotNull(Apply(Ended(height)));
        }

        Assert.Null(Apply(Ended(1)));
        Assert.Null(Apply(Ended(1001)));
        Assert.NotNull(Apply(Ended(1002)));
        Assert.NotNull(Apply("""{"id":"live","status":"OPEN","updatedAtHeight":"1"}"""));
        Assert.NotNull(Apply("""{"id":"unseen","status":"CANCELED","removalReason":"X"}"""));
    }

    [Fact]
    public void Nor_is_one_that_was_forgotten_before_a_restart()
    {
        for (var height = 2; height <= 1001; height++)
        {
            using var document = JsonDocument.Parse(Ended(height));
            Assert.True(table.Restore(document.RootElement));
        }

        Assert.Null(Apply(Ended(1)));
        Assert.NotNull(Apply(Ended(1002)));
    }

    private static string Ended(int height) => $$"""{"id":"E{{height}}","status":"FILLED","size":"1","totalFilled":"1","goodTilBlockTime":"2027-01-01T00:00:00.000Z","updatedAtHeight":"{{height}}"}""";
}
