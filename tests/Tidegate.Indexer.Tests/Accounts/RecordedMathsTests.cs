using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tidegate.Indexer.Accounts;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Tests.Messages;

namespace Tidegate.Indexer.Tests.Accounts;

/// <summary>
/// The account maths on recorded subaccounts. Their oracle prices were not recorded; that of each position's market follows from its own
/// <c>unrealizedPnl</c>: entryPrice + pnl ÷ size. The recorded markets are of other days, so with their prices equity differs, by exactly
/// what the prices differ; only their margin fractions are used.
/// </summary>
public class RecordedMathsTests(ITestOutputHelper output)
{
    [Fact]
    public void Recorded_subaccounts_give_their_own_equity_and_free_collateral()
    {
        var fractions = Fractions();
        var (equal, explained) = (0, 0);
        foreach (var (name, subaccount) in Subaccounts())
        {
            var account = new AccountState("dydx1aaa", 0);
            Assert.True(account.ApplyWhole(subaccount), name);
            var (told, markets) = (subaccount, Markets(subaccount, fractions, out var missing));
            var body = new ArrayBufferWriter<byte>();
            account.Write(body, markets);
            using var document = JsonDocument.Parse(body.WrittenMemory);
            var ours = document.RootElement;
            var equity = Number(ours, "equity") - Number(told, "equity");
            var free = Number(ours, "freeCollateral") - Number(told, "freeCollateral");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: equity {told.GetProperty("equity")} off by {equity}; freeCollateral {told.GetProperty("freeCollateral")} off by {free}{(missing > 0 ? $"; no margin fraction of {missing} recorded" : "")}"));
            if (Reason(name, told) is { } reason)
            {
                output.WriteLine("  " + reason);
                explained++;
                continue;
            }

            // The quotient that gives the price is rounded at 28 digits; and servers before 2024 rounded free collateral to six decimals.
            Assert.True(Math.Abs(equity) < 1e-15m, $"{name}: equity is off by {equity}");
            Assert.True(missing > 0 || Math.Abs(free) < (told.GetProperty("freeCollateral").GetString() == "988.926234" ? 5e-7m : 1e-15m), $"{name}: freeCollateral is off by {free}");
            equal++;
        }

        output.WriteLine($"{equal} equal, {explained} not, with a reason");
        Assert.True(equal >= 12, $"only {equal} were compared");
    }

    // Known by their equity: two recordings have the same name.
    private static string? Reason(string name, JsonElement told) => told.GetProperty("equity").GetString() switch
    {
        "100000000000.000000" or "500.000000" => "written by hand: the same round equity whatever the position",
        "125000.50" => "written by hand: its unrealizedPnl is of no price near its entry",
        "68257.215192" => "an old server's six decimals: prices so rounded, times a size of 106",
        "285.689378002" when name.Contains("unpopulated", StringComparison.Ordinal) => "the recording leaves the child's position out",
        _ => null,
    };

    private static IEnumerable<(string Name, JsonElement Subaccount)> Subaccounts()
    {
        foreach (var (file, name, bytes) in RecordedData.Rows("*subaccount*.jsonl"))
        {
            using var document = JsonDocument.Parse(bytes);
            var number = 0;
            foreach (var whole in Wholes(document.RootElement))
            {
                yield return ($"{file} {name} {number++}", whole.Clone());
            }
        }
    }

    // Whatever has an equity beside positions or assets: subaccounts of snapshots and answers, children of parents.
    private static IEnumerable<JsonElement> Wholes(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object when value.TryGetProperty("equity", out _) && value.TryGetProperty("assetPositions", out _) => [value],
        JsonValueKind.Object => value.EnumerateObject().SelectMany(p => Wholes(p.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Wholes),
        _ => [],
    };

    private static Dictionary<string, (string Initial, string Maintenance)> Fractions()
    {
        var fractions = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var (_, _, bytes) in RecordedData.Rows("ws.subscribed.v4_markets.jsonl"))
        {
            using var document = JsonDocument.Parse(bytes);
            foreach (var market in document.RootElement.GetProperty("contents").GetProperty("markets").EnumerateObject())
            {
                fractions.TryAdd(market.Name, (market.Value.GetProperty("initialMarginFraction").GetString()!, market.Value.GetProperty("maintenanceMarginFraction").GetString()!));
            }
        }

        return fractions;
    }

    // Each open position's market, at the price of the recording's moment.
    private static MarketTable Markets(JsonElement subaccount, Dictionary<string, (string Initial, string Maintenance)> fractions, out int missing)
    {
        var markets = new MarketTable();
        missing = 0;
        if (!subaccount.TryGetProperty("openPerpetualPositions", out var positions))
        {
            return markets;
        }

        foreach (var position in positions.EnumerateObject())
        {
            var size = Math.Abs(Number(position.Value, "size")) * (position.Value.GetProperty("side").GetString() == "SHORT" ? -1 : 1);
            var price = Number(position.Value, "entryPrice") + (Number(position.Value, "unrealizedPnl") / size);
            missing += fractions.ContainsKey(position.Name) ? 0 : 1;
            var (initial, maintenance) = fractions.GetValueOrDefault(position.Name, ("0", "0"));
            using var document = JsonDocument.Parse(string.Create(CultureInfo.InvariantCulture, $"{{\"trading\":{{\"{position.Name}\":{{\"oraclePrice\":\"{price}\",\"initialMarginFraction\":\"{initial}\",\"maintenanceMarginFraction\":\"{maintenance}\"}}}}}}"));
            Assert.True(markets.ApplyUpdate(document.RootElement, new ArrayBufferWriter<byte>()));
        }

        return markets;
    }

    private static decimal Number(JsonElement row, string name) =>
        row.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? decimal.Parse(value.GetString()!, NumberStyles.Float, CultureInfo.InvariantCulture) : 0m;
}
