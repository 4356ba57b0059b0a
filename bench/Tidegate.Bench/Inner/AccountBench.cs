using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tidegate.Indexer.Accounts;
using Tidegate.Indexer.Markets;

namespace Tidegate.Bench.Inner;

/// <summary>The recompute of an account after an oracle price: all sums and the whole value written.</summary>
internal static class AccountBench
{
    private const int Steps = 500;

    public static IEnumerable<Bar> Run(bool quick)
    {
        var rows = new List<string[]>();
        var bars = new List<Bar>();
        foreach (var positions in (int[])[1, 20])
        {
            var (account, markets) = (Account(positions), Markets(positions));
            var body = new ArrayBufferWriter<byte>(64 * 1024);
            var (nanoseconds, bytes) = Passes.Measure(Steps, quick, () =>
            {
                for (var i = 0; i < Steps; i++)
                {
                    body.ResetWrittenCount();
                    account.Write(body, markets);
                }
            });
            rows.Add([$"{positions} position{(positions > 1 ? "s" : "")}, {body.WrittenCount} B written", Report.Number(nanoseconds), bytes.ToString("0", Report.Culture)]);
            if (positions == 20)
            {
                bars.Add(new Bar("an account with 20 positions recomputed and written", nanoseconds / 1000, " us", 40, AtLeast: false));
            }
        }

        Report.Table("account: recomputed and written, one core (medians)", ["account", "ns", "B"], rows);
        return bars;
    }

    private static AccountState Account(int positions)
    {
        var open = string.Join(',', Enumerable.Range(0, positions).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $"\"{Ticker(i)}\":{{\"market\":\"{Ticker(i)}\",\"status\":\"OPEN\",\"side\":\"{(i % 2 == 0 ? "LONG" : "SHORT")}\",\"size\":\"{(i % 2 == 0 ? "" : "-")}{i + 1}.2345\",\"maxSize\":\"9\",\"entryPrice\":\"43{i:00}.25\",\"realizedPnl\":\"-12.5\",\"createdAt\":\"2026-01-01T00:00:00.000Z\",\"sumOpen\":\"9.5\",\"sumClose\":\"1\",\"netFunding\":\"-0.25\",\"subaccountNumber\":0}}")));
        using var document = JsonDocument.Parse($"{{\"openPerpetualPositions\":{{{open}}},\"assetPositions\":{{\"USDC\":{{\"symbol\":\"USDC\",\"side\":\"LONG\",\"size\":\"250000.123456\"}}}},\"latestProcessedBlockHeight\":\"7\"}}");
        var account = new AccountState("dydx1aaa", 0);
        return account.ApplyWhole(document.RootElement) ? account : throw new InvalidOperationException("the bench's account does not parse");
    }

    private static MarketTable Markets(int count)
    {
        var rows = string.Join(',', Enumerable.Range(0, count).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $"\"{Ticker(i)}\":{{\"oraclePrice\":\"43{i:00}.98765\",\"initialMarginFraction\":\"0.05\",\"maintenanceMarginFraction\":\"0.03\"}}")));
        using var document = JsonDocument.Parse($"{{\"markets\":{{{rows}}}}}");
        var markets = new MarketTable();
        return markets.ApplySnapshot(document.RootElement, new ArrayBufferWriter<byte>()) ? markets : throw new InvalidOperationException("the bench's markets do not parse");
    }

    private static string Ticker(int market) => string.Create(CultureInfo.InvariantCulture, $"MARKET{market}-USD");
}
