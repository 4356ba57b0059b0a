using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Tidegate.Indexer.Candles;

namespace Tidegate.Indexer.Tests.Candles;

/// <summary>
/// A market trades through up to five intervals; its frames come as the Indexer sends them (protocol.md 2, v4_candles): two at each roll, one
/// a trade, some lost at the source, some in repeated runs; between them REST answers, and the keeper's own closing.
/// </summary>
public class CandleRollPropertyTests
{
    // The prices of an interval's trades; and what happens to a frame: 0 lost, 1 a repeated run after it, 2 a REST answer, 3 the keeper closes, else nothing.
    private static readonly Gen<(List<int> Prices, int[] Fates)> Case = Gen.Select(Gen.Int[-1, 9].List[1, 10], Gen.Int[0, 9].Array[4, 12]);

    [Fact]
    public void Each_interval_ends_as_it_truly_was_and_closes_once() => Case.Sample(one => Run(one.Prices, one.Fates), iter: 100_000);

    private static void Run(List<int> prices, int[] fates)
    {
        var (series, sent, mirror, lost) = (new CandleSeries(), new List<Candle>(), new SortedDictionary<string, JsonElement>(StringComparer.Ordinal), new HashSet<int>());
        var truth = new List<Candle> { new(0, 50, 50, 50, 50, 0, false) };
        var turn = 0;
        Hear(body => series.Apply(Json(truth[0].Text), body));
        foreach (var price in prices)
        {
            if (price < 0)
            {
                // The roll: the one that ended once more, with its closing mid price, and an empty one at its close.
                var last = truth[^1];
                truth[^1] = last with { HasMid = true };
                truth.Add(new Candle(last.At + 1, last.Close, last.Close, last.Close, last.Close, 0, false));
                Send(truth[^2]);
            }
            else
            {
                var (open, paid) = (truth[^1], 45 + price);
                truth[^1] = open.Trades == 0
                    ? new Candle(open.At, paid, paid, paid, paid, 1, false)
                    : open with { High = Math.Max(open.High, paid), Low = Math.Min(open.Low, paid), Close = paid, Trades = open.Trades + 1 };
            }

            Send(truth[^1]);
        }

        // Whose last frame came is right without any help; the comparison mends the others.
        Check(truth.Where(c => !lost.Contains(c.At)), closed: false);
        Answer();
        Hear(body => series.CloseBefore(truth[^1].Key, body));
        Check(truth, closed: true);

        void Send(Candle candle)
        {
            var fate = fates[turn++ % fates.Length];
            if (fate == 0)
            {
                lost.Add(candle.At);
                return;
            }

            lost.Remove(candle.At);
            sent.Add(candle);
            Hear(body => series.Apply(Json(candle.Text), body));
            switch (fate)
            {
                case 1:
                    sent.TakeLast(3).ToList().ForEach(again => Hear(body => series.Apply(Json(again.Text), body)));
                    break;
                case 2:
                    Answer();
                    break;
                case 3:
                    Hear(body => series.CloseBefore(truth[^1].Key, body));
                    break;
                default:
                    break;
            }
        }

        void Answer()
        {
            lost.Clear();
            Hear(body => series.Apply(Json($"{{\"candles\":[{string.Join(',', truth.AsEnumerable().Reverse().Select(c => c.Text))}]}}"), body));
        }

        void Hear(Func<IBufferWriter<byte>, bool> act)
        {
            var body = new ArrayBufferWriter<byte>();
            if (act(body))
            {
                foreach (var row in Json(body.WrittenSpan).GetProperty("candles").EnumerateArray())
                {
                    var wasClosed = mirror.TryGetValue(Text(row, "startedAt"), out var before) && Text(before, "closed") == "True";
                    Assert.Equal(wasClosed, Text(row, "revised") == "True");
                    Assert.True(!wasClosed || Text(row, "closed") == "True", "a closed candle opened again");
                    mirror[Text(row, "startedAt")] = row;
                }
            }
        }

        void Check(IEnumerable<Candle> candles, bool closed)
        {
            foreach (var candle in candles)
            {
                var row = mirror[candle.Key];
                Assert.Equal(candle.Say, $"{Text(row, "open")} {Text(row, "high")} {Text(row, "low")} {Text(row, "close")} {Text(row, "trades")} {Text(row, "orderbookMidPriceClose")}");
                Assert.True(!closed || Text(row, "closed") == (candle.At < truth[^1].At ? "True" : "False"));
            }

            var state = new ArrayBufferWriter<byte>();
            series.WriteState(state);
            Assert.Equal(Json(state.WrittenSpan).GetProperty("candles").EnumerateArray().Select(Summary), mirror.Values.Select(Summary));
        }
    }

    private static string Summary(JsonElement row) => $"{Text(row, "startedAt")} {Text(row, "open")} {Text(row, "high")} {Text(row, "low")} {Text(row, "close")} {Text(row, "trades")} {Text(row, "closed")}";

    private static string Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static JsonElement Json(string text) => Json(System.Text.Encoding.UTF8.GetBytes(text));

    private static JsonElement Json(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        return JsonElement.ParseValue(ref reader);
    }

    private sealed record Candle(int At, int Open, int High, int Low, int Close, int Trades, bool HasMid)
    {
        public string Key => $"2026-01-01T12:0{At}:00.000Z";

        public string Say => string.Create(CultureInfo.InvariantCulture, $"{Open} {High} {Low} {Close} {Trades} {(HasMid ? "50.5" : "")}");

        public string Text => string.Create(CultureInfo.InvariantCulture, $"{{\"startedAt\":\"{Key}\",\"open\":\"{Open}\",\"high\":\"{High}\",\"low\":\"{Low}\",\"close\":\"{Close}\",\"trades\":{Trades}{(HasMid ? ",\"orderbookMidPriceClose\":\"50.5\"" : "")}}}");
    }
}
