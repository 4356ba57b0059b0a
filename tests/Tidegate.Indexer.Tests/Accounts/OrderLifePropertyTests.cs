using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Tidegate.Indexer.Accounts;

namespace Tidegate.Indexer.Tests.Accounts;

/// <summary>
/// One order id lives through up to three true lives; what becomes of them is told by two senders as the Indexer has them (protocol.md 1
/// and 2): on-chain and off-chain frames, each in its own order and repeated in runs, in no order between them. Whatever comes first, the
/// record must end as the last life did.
/// </summary>
public class OrderLifePropertyTests
{
    private static readonly Gen<Life> AnyLife = Gen.Select(Gen.Int[1, 4], Gen.Int[1, 2].List[0, 3], Gen.Bool, Gen.Bool, Gen.Int[0, 4])
        .Select((size, fills, cancels, places, lacks) => new Life(size, fills, cancels, places || (fills.Count == 0 && !cancels), lacks));

    [Fact]
    public void Whatever_order_the_two_senders_come_in_the_last_life_is_what_stays() =>
        Gen.Select(Gen.Bool, AnyLife.List[1, 3], Gen.Int[0, 9].List[4, 16]).Sample((isLong, lives, turns) => Run(isLong, lives, turns), iter: 100_000);

    private static void Run(bool isLong, List<Life> lives, List<int> turns)
    {
        var offChain = lives.SelectMany((life, k) => life.OffChain(k, isLong)).ToList();
        var onChain = lives.SelectMany((life, k) => life.OnChain(k, isLong)).ToList();
        var table = new OrderTable();
        var (off, on, turn, isOn) = (0, 0, 0, false);
        var (life, filled) = ("", 0m);
        while (off < offChain.Count || on < onChain.Count)
        {
            var what = turns[turn++ % turns.Count];
            if (what == 8)
            {
                // The keeper takes the order for over, rightly or too early.
                Conclude();
            }
            else if (what == 9)
            {
                // A redelivered batch: the last frames of one sender once more, in their order.
                var (sender, count) = isOn ? (onChain, on) : (offChain, off);
                sender.Take(count).TakeLast(3).ToList().ForEach(Tell);
            }

            isOn = off == offChain.Count || (on < onChain.Count && what % 2 == 1);
            Tell(isOn ? onChain[on++] : offChain[off++]);
        }

        Conclude();
        var state = new ArrayBufferWriter<byte>();
        table.WriteState(state);
        using var document = JsonDocument.Parse(state.WrittenMemory);
        var order = Assert.Single(document.RootElement.GetProperty("orders").EnumerateArray());
        lives[^1].Check(order, lives.Count - 1, isLong);

        void Conclude()
        {
            foreach (var (id, _) in table.Expired(int.MaxValue))
            {
                Hear(body => table.Conclude(id, body));
            }
        }

        void Tell(string json)
        {
            using var row = JsonDocument.Parse(json);
            Hear(body => table.Apply(row.RootElement, 0, body));
        }

        void Hear(Func<IBufferWriter<byte>, bool> act)
        {
            var body = new ArrayBufferWriter<byte>();
            if (!act(body))
            {
                return;
            }

            using var told = JsonDocument.Parse(body.WrittenMemory);
            var (heardLife, heardFilled) = (Text(told.RootElement, "goodTilBlock") + Text(told.RootElement, "goodTilBlockTime"), decimal.Parse(Text(told.RootElement, "totalFilled") ?? "0", CultureInfo.InvariantCulture));
            Assert.False(heardLife == life && heardFilled < filled, "what was filled was taken back");
            Assert.True(string.CompareOrdinal(heardLife, life) >= 0, "an earlier life came back");
            (life, filled) = (heardLife, heardFilled);
        }
    }

    private static string? Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.ToString() : null;

    /// <summary>What truly became of an order: how much of it was filled, and whether it was cancelled (a short-term one only best-effort).</summary>
    private sealed record Life(int Size, List<int> Fills, bool Cancels, bool Places, int Lacks)
    {
        private int Filled => Math.Min(Size, Fills.Sum());

        public IEnumerable<string> OffChain(int k, bool isLong)
        {
            if (Places)
            {
                // A first frame may lack price or size; on-chain frames are whole.
                var (size, price) = (Lacks == 1 ? "" : $",\"size\":\"{Size}\"", Lacks == 2 ? "" : $",\"price\":\"{10 + k}\"");
                yield return Row(k, isLong, "BEST_EFFORT_OPENED", size + price);
            }

            if (Cancels && !isLong)
            {
                yield return Row(k, isLong, "BEST_EFFORT_CANCELED", $",\"totalOptimisticFilled\":\"{Filled}\",\"removalReason\":\"R{k}\"");
            }
        }

        public IEnumerable<string> OnChain(int k, bool isLong)
        {
            if (isLong)
            {
                yield return Whole(k, isLong, "OPEN", 0, 0);
            }

            var total = 0;
            for (var i = 0; i < Fills.Count && total < Size; i++)
            {
                total = Math.Min(Size, total + Fills[i]);
                yield return Whole(k, isLong, total == Size ? "FILLED" : "OPEN", total, i + 1);
            }

            if (isLong && Cancels && total < Size)
            {
                yield return Whole(k, isLong, "CANCELED", total, 9, $",\"removalReason\":\"R{k}\"");
            }
        }

        public void Check(JsonElement order, int k, bool isLong)
        {
            Assert.Equal(Filled == Size ? "FILLED" : isLong && !Cancels ? "OPEN" : "CANCELED", Text(order, "status"));
            Assert.Equal(Filled, decimal.Parse(Text(order, "totalFilled") ?? "0", CultureInfo.InvariantCulture));
            var isWhole = isLong || Fills.Count > 0;
            Assert.Equal(isWhole || (Places && Lacks != 1) ? Size.ToString(CultureInfo.InvariantCulture) : null, Text(order, "size"));
            Assert.Equal(isWhole || (Places && Lacks != 2) ? (10 + k).ToString(CultureInfo.InvariantCulture) : null, Text(order, "price"));
            Assert.Equal(End(k, isLong), (isLong ? "goodTilBlockTime" : "goodTilBlock", Text(order, isLong ? "goodTilBlockTime" : "goodTilBlock")!));

            // Nothing of an earlier life survives.
            Assert.True(Text(order, "removalReason") is null || (Cancels && Text(order, "removalReason") == $"R{k}"));
            Assert.True(Text(order, "totalOptimisticFilled") is null || Cancels);
            Assert.True(Text(order, "updatedAtHeight") is null || isWhole);
        }

        public override string ToString() => $"[size {Size} fills {string.Join('+', Fills)}{(Places ? " placed" : "")}{(Cancels ? " cancelled" : "")} lacks {Lacks}]";

        private static (string Name, string Value) End(int k, bool isLong) => isLong ? ("goodTilBlockTime", $"2026-0{k + 1}-01T00:00:00.000Z") : ("goodTilBlock", $"{k + 1}00");

        private static string Row(int k, bool isLong, string status, string more)
        {
            var (name, value) = End(k, isLong);
            return $"{{\"id\":\"O\",\"orderFlags\":\"{(isLong ? 64 : 0)}\",\"{name}\":\"{value}\",\"status\":\"{status}\"{more}}}";
        }

        private string Whole(int k, bool isLong, string status, int total, int after, string more = "") =>
            Row(k, isLong, status, $",\"size\":\"{Size}\",\"price\":\"{10 + k}\",\"totalFilled\":\"{total}\",\"updatedAtHeight\":\"{(100 * k) + 10 + after}\"{more}");
    }
}
