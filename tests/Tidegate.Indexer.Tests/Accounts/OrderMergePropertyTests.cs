using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Tidegate.Indexer.Accounts;

namespace Tidegate.Indexer.Tests.Accounts;

public class OrderMergePropertyTests
{
    private static readonly string[] Statuses = ["BEST_EFFORT_OPENED", "OPEN", "BEST_EFFORT_CANCELED", "FILLED", "CANCELED"];

    private static readonly Gen<(int Status, int Block, int Filled, int Height)> Row = Gen.Select(Gen.Int[0, 4], Gen.Int[100, 102], Gen.Int[0, 3], Gen.Int[0, 4]);

    [Fact]
    public void Within_one_incarnation_an_end_is_final_and_nothing_filled_is_lost() => Row.List[1, 12].Sample(
        rows =>
        {
            var table = new OrderTable();
            var (block, filled, ended) = (0, 0, false);
            foreach (var (status, goodTil, amount, height) in rows)
            {
                var body = new ArrayBufferWriter<byte>();
                var text = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"O\",\"orderFlags\":\"0\",\"status\":\"{Statuses[status]}\",\"goodTilBlock\":\"{goodTil}\",\"totalFilled\":\"{amount}\"}}");
                using var document = JsonDocument.Parse(text);
                if (!table.Apply(document.RootElement, 0, body))
                {
                    continue;
                }

                using var told = JsonDocument.Parse(body.WrittenMemory);
                var toldBlock = Number(told, "goodTilBlock");
                var toldFilled = Number(told, "totalFilled");
                var toldEnded = told.RootElement.GetProperty("status").GetString() is "FILLED" or "CANCELED";
                if (toldBlock < block || (toldBlock == block && ((ended && !toldEnded) || toldFilled < filled)))
                {
                    return false;
                }

                (block, filled, ended) = (toldBlock, toldFilled, toldEnded);
            }

            // The last incarnation is the highest told, and repeating it all says nothing that takes it back.
            return block == rows.Max(r => r.Block) && table.Live().Any() == !ended;
        },
        iter: 100_000);

    [Fact]
    public void A_row_repeated_at_once_says_nothing_new() => Row.List[1, 8].Sample(
        rows =>
        {
            var table = new OrderTable();
            foreach (var (status, goodTil, amount, height) in rows)
            {
                var text = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"O\",\"status\":\"{Statuses[status]}\",\"goodTilBlock\":{goodTil},\"totalFilled\":\"{amount}\"{(height == 0 ? "" : $",\"updatedAtHeight\":\"{height}\"")}}}");
                using var document = JsonDocument.Parse(text);
                table.Apply(document.RootElement, 0, new ArrayBufferWriter<byte>());
                if (table.Apply(document.RootElement, 0, new ArrayBufferWriter<byte>()))
                {
                    return false;
                }
            }

            return true;
        },
        iter: 100_000);

    private static int Number(JsonDocument row, string name) => int.Parse(row.RootElement.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
