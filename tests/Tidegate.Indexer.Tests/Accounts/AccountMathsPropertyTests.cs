using System.Buffers;
using System.Globalization;
using System.Text.Json;
using CsCheck;
using Tidegate.Indexer.Accounts;
using Tidegate.Indexer.Markets;

namespace Tidegate.Indexer.Tests.Accounts;

/// <summary>Whole answers, frames new and repeated, oracle prices and margin fractions in any order, against sums on exact fractions.</summary>
public class AccountMathsPropertyTests
{
    private static readonly string[] Tickers = ["BTC-USD", "ETH-USD", "LINK,uniswap_v3,0x5-USD"];

    private static readonly Gen<Step> Any = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 2], Gen.Bool, Gen.Long[0, 99_999], Gen.Long[1, 99_999], Gen.Int[0, 5], Gen.Int[0, 5], Gen.Int[0, 4])
        .Select((kind, market, isLong, left, right, leftScale, rightScale, back) => new Step(kind, Tickers[market], isLong, left, leftScale, right, rightScale, back == 4));

    [Fact]
    public void Every_computed_number_is_exact_to_its_last_digit() => Any.List[1, 8].Sample(Run, iter: 100_000);

    private static void Run(List<Step> steps)
    {
        var (account, markets, model) = (new AccountState("dydx1aaa", 0), new MarketTable(), new AccountMathsModel());
        var (height, processed, applied) = (10L, 0L, 0L);
        foreach (var step in steps)
        {
            // A repeated or late one carries the height of before: it must change nothing.
            var at = step.IsOld ? processed : ++height;
            switch (step.Kind)
            {
                case 0 or 1:
                    Market($"{{\"oraclePrices\":{{\"{step.Ticker}\":{{\"oraclePrice\":\"{step.RightText}\"}}}}}}");
                    model.Markets[step.Ticker] = model.Markets.GetValueOrDefault(step.Ticker) with { Oracle = step.Right };
                    break;
                case 2:
                    Market($"{{\"trading\":{{\"{step.Ticker}\":{{\"initialMarginFraction\":\"{step.FractionText}\",\"maintenanceMarginFraction\":\"0.03\"}}}}}}");
                    model.Markets[step.Ticker] = model.Markets.GetValueOrDefault(step.Ticker) with { Initial = step.Fraction, Maintenance = Exact.Of(3, 2) };
                    break;
                case 3:
                    Frame("null", step.Asset, at, () => model.Quote = step.SignedLeft);
                    break;
                case 4 or 5:
                    Frame($"[{step.Position}]", "null", at, () => Hold(model.Positions, step));
                    break;
                default:
                    var whole = $"{{\"openPerpetualPositions\":{{\"{step.Ticker}\":{step.Position}}},\"assetPositions\":{{\"USDC\":{{\"symbol\":\"USDC\",\"side\":\"LONG\",\"size\":\"{step.RightText}\"}}}},\"latestProcessedBlockHeight\":\"{at}\"}}";
                    var isNew = at >= applied;
                    Assert.Equal(isNew, account.ApplyWhole(Json(whole)));
                    if (isNew)
                    {
                        (processed, applied, model.Quote, model.Positions) = (at, at, step.Right, []);
                        Hold(model.Positions, step);
                    }

                    break;
            }
        }

        Check(account, markets, model);

        void Market(string json) => markets.ApplyUpdate(Json(json), new ArrayBufferWriter<byte>());

        void Frame(string positions, string assets, long at, Action apply)
        {
            // A frame without a height says nothing of its age and is taken; one at or below the processed height is not.
            var isTaken = at == 0 || at > processed;
            Assert.Equal(isTaken, account.ApplyFrame(Json(positions), Json(assets), at));
            if (isTaken)
            {
                applied = Math.Max(applied, at);
                apply();
            }
        }
    }

    private static void Hold(Dictionary<string, (Exact Size, Exact Entry)> positions, Step step)
    {
        positions.Remove(step.Ticker);
        if (step.LeftDigits != 0)
        {
            positions[step.Ticker] = (step.SignedLeft, step.Right);
        }
    }

    private static void Check(AccountState account, MarketTable markets, AccountMathsModel model)
    {
        var body = new ArrayBufferWriter<byte>();
        account.Write(body, markets);
        using var document = JsonDocument.Parse(body.WrittenMemory);
        var told = document.RootElement;
        Equal(model.Equity, told, "equity");
        Equal(model.InitialMargin, told, "initialMargin");
        Equal(model.InitialMargin, told, "marginUsed");
        Equal(model.Equity - model.InitialMargin, told, "freeCollateral");
        Equal(model.MaintenanceMargin, told, "maintenanceMargin");
        Equal(model.UnrealizedPnl, told, "unrealizedPnl");
        Equal(model.MarginUsage, told, "marginUsage");
        Equal(model.Leverage, told, "leverage");
        var positions = told.GetProperty("openPerpetualPositions");
        Assert.Equal(model.Positions.Keys.Order(StringComparer.Ordinal), positions.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        foreach (var position in positions.EnumerateObject())
        {
            Equal(model.Notional(position.Name), position.Value, "notional");
            Equal(model.Pnl(position.Name), position.Value, "unrealizedPnl");
            Equal(model.Maintenance(position.Name), position.Value, "maintenanceMargin");
            Equal(model.LiquidationPrice(position.Name), position.Value, "liquidationPrice");
        }
    }

    private static void Equal(Exact? expected, JsonElement told, string name) =>
        Assert.Equal((name, expected?.ToString()), (name, told.GetProperty(name).GetString()));

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    /// <summary>Left is a size (0 closes), right a price; as sizes of USDC too.</summary>
    private sealed record Step(int Kind, string Ticker, bool IsLong, long LeftDigits, int LeftScale, long RightDigits, int RightScale, bool IsOld)
    {
        public Exact SignedLeft => Exact.Of(IsLong ? LeftDigits : -LeftDigits, LeftScale);

        public Exact Right => Exact.Of(RightDigits, RightScale);

        public Exact Fraction => Exact.Of(RightDigits % 1000, 3);

        public string RightText => Text(RightDigits, RightScale);

        public string FractionText => Text(RightDigits % 1000, 3);

        public string Side => IsLong ? "LONG" : "SHORT";

        public string Asset => $"[{{\"symbol\":\"USDC\",\"side\":\"{Side}\",\"size\":\"{Text(LeftDigits, LeftScale)}\"}}]";

        public string Position =>
            $"{{\"market\":\"{Ticker}\",\"side\":\"{Side}\",\"status\":\"{(LeftDigits == 0 ? "CLOSED" : "OPEN")}\",\"size\":\"{(IsLong ? "" : "-")}{Text(LeftDigits, LeftScale)}\",\"entryPrice\":\"{RightText}\"}}";

        // Small ones now and then with an exponent, as the server prints sums below 1e-6.
        private static string Text(long digits, int scale) => digits % 7 == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{digits}e-{scale}")
            : Exact.Of(digits, scale).ToString();
    }
}
