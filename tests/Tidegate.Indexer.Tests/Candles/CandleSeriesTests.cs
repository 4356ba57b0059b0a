using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Tidegate.Indexer.Candles;

namespace Tidegate.Indexer.Tests.Candles;

public class CandleSeriesTests
{
    private static readonly Gen<(int Minute, int Trades, bool Mid)> Frame = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 6], Gen.Bool);

    private readonly CandleSeries series = new();

    private static List<JsonElement>? Apply(CandleSeries series, string json)
    {
        var body = new ArrayBufferWriter<byte>();
        using var document = JsonDocument.Parse(json);
        return series.Apply(document.RootElement, body) ? Rows(body) : null;
    }

    private static List<JsonElement> Rows(ArrayBufferWriter<byte> body)
    {
        using var document = JsonDocument.Parse(body.WrittenMemory);
        return [.. document.RootElement.GetProperty("candles").EnumerateArray().Select(c => c.Clone())];
    }

    private static string Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.ToString() : "absent";

    [Fact]
    public void A_candle_closes_once_with_its_closing_mid_price_and_an_empty_one_is_replaced_by_its_first_trade()
    {
        // cases.md 48
        Assert.Equal("False", Text(Apply(series, """{"startedAt":"12:00","open":"9","low":"9","high":"10","close":"10","trades":3}""")![0], "closed"));
        var closing = Apply(series, """{"startedAt":"12:00","open":"9","low":"9","high":"10","close":"10","trades":3,"orderbookMidPriceClose":"10.05"}""");
        Assert.Equal(("True", "10.05", "absent"), (Text(closing![0], "closed"), Text(closing[0], "orderbookMidPriceClose"), Text(closing[0], "revised")));
        Apply(series, """{"startedAt":"12:01","open":"10","low":"10","high":"10","close":"10","trades":0}""");
        var first = Apply(series, """{"startedAt":"12:01","open":"11","low":"11","high":"11","close":"11","trades":1}""");
        Assert.Equal(("11", "11", "False"), (Text(first![0], "open"), Text(first[0], "low"), Text(first[0], "closed")));
        Assert.Null(series.OldestOpenBeforeNewest);
        Assert.Equal("12:01", series.NewestStartedAt);
    }

    [Fact]
    public void A_correction_after_the_close_is_told_as_revised_and_a_repeated_frame_not_at_all()
    {
        const string Closed = """{"startedAt":"12:00","close":"10","trades":3,"orderbookMidPriceClose":"10.05"}""";
        Apply(series, Closed);
        Assert.Null(Apply(series, Closed));
        Assert.Null(Apply(series, """{"startedAt":"12:00","close":"9","trades":2}"""));
        var revised = Apply(series, """{"startedAt":"12:00","close":"11","trades":4}""");
        Assert.Equal(("True", "True", "10.05"), (Text(revised![0], "closed"), Text(revised[0], "revised"), Text(revised[0], "orderbookMidPriceClose")));
    }

    [Fact]
    public void All_of_a_first_snapshot_but_its_newest_are_closed()
    {
        var rows = Apply(series, """{"candles":[{"startedAt":"12:02","trades":1},{"startedAt":"12:01","trades":1},{"startedAt":"12:00","trades":1}]}""");
        Assert.Equal(["12:00 True", "12:01 True", "12:02 False"], rows!.Select(r => $"{Text(r, "startedAt")} {Text(r, "closed")}"));
    }

    [Fact]
    public void A_snapshot_goes_on_where_history_ended_whatever_interval_began_between_them()
    {
        // cases.md 50: history asked for at 12:04:59.9, the subscribe answered at 12:05:00.3
        Apply(series, """{"candles":[{"startedAt":"12:03","trades":3},{"startedAt":"12:02","trades":2}]}""");
        var joined = Apply(series, """{"candles":[{"startedAt":"12:05","trades":0},{"startedAt":"12:04","trades":4}]}""");
        Assert.Equal(["12:04 4", "12:05 0"], joined!.Select(row => $"{Text(row, "startedAt")} {Text(row, "trades")}"));
        var body = new ArrayBufferWriter<byte>();
        series.WriteState(body);
        Assert.Equal(["12:02", "12:03", "12:04", "12:05"], Rows(body).Select(row => Text(row, "startedAt")));
        body.ResetWrittenCount();
        Assert.True(series.CloseBefore(series.NewestStartedAt!, body));
        Assert.Equal(["12:03 True", "12:04 True"], Rows(body).Select(row => $"{Text(row, "startedAt")} {Text(row, "closed")}"));
    }

    [Fact]
    public void What_no_frame_closed_is_closed_by_the_keeper()
    {
        Apply(series, """[{"startedAt":"12:00","trades":1}]""");
        Apply(series, """{"startedAt":"12:01","trades":0}""");
        Assert.Equal("12:00", series.OldestOpenBeforeNewest);
        var body = new ArrayBufferWriter<byte>();
        Assert.True(series.CloseBefore("12:01", body));
        Assert.Equal("True", Text(Assert.Single(Rows(body)), "closed"));
        Assert.False(series.CloseBefore("12:01", body));
    }

    [Theory]
    [InlineData("""{"open":"1"}""")]
    [InlineData("""[{"startedAt":"12:00"},{"startedAt":5,"open":"x"}]""")]
    [InlineData("""{"candles":{}}""")]
    [InlineData("""null""")]
    [InlineData("""[[]]""")]
    public void What_does_not_fit_changes_nothing(string json)
    {
        Assert.Null(Apply(series, json));
        Assert.Equal(0, series.Count);
    }

    [Fact]
    public void Only_the_newest_thousand_are_kept()
    {
        for (var i = 0; i < 1010; i++)
        {
            Apply(series, string.Create(CultureInfo.InvariantCulture, $"{{\"startedAt\":\"{i:0000}\",\"trades\":1}}"));
        }

        Assert.Equal(1000, series.Count);
        Assert.Null(Apply(series, """{"startedAt":"0001","trades":1}"""));
    }

    [Fact]
    public void Any_order_of_frames_gives_the_last_word_of_each_interval_and_closes_it_once() => Frame.List[1, 12].Sample(
        frames =>
        {
            var one = new CandleSeries();
            var model = new SortedDictionary<int, (int Trades, bool Closed)>();
            var closed = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (var (minute, trades, mid) in frames)
            {
                var rows = Apply(one, $$"""{"startedAt":"{{minute}}","trades":{{trades}}{{(mid ? ",\"orderbookMidPriceClose\":\"1\"" : "")}}}""");
                var known = model.TryGetValue(minute, out var before);
                if (!known || trades >= before.Trades)
                {
                    model[minute] = (trades, before.Closed || mid);
                }

                foreach (var row in rows ?? [])
                {
                    if (Text(row, "closed") == "True" && Text(row, "revised") == "absent")
                    {
                        closed[Text(row, "startedAt")] = closed.GetValueOrDefault(Text(row, "startedAt")) + 1;
                    }
                }
            }

            var state = new ArrayBufferWriter<byte>();
            one.WriteState(state);
            return closed.Values.All(count => count == 1)
                && Rows(state).Select(r => $"{Text(r, "startedAt")} {Text(r, "trades")} {Text(r, "closed")}").SequenceEqual(model.Select(m => $"{m.Key} {m.Value.Trades} {m.Value.Closed}"));
        },
        iter: 100_000);
}
