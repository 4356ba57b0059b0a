using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <summary>The past that a market has when the exchange begins: candles of every resolution from one price path, and hourly funding.</summary>
internal static class Preload
{
    private const int CandlesBack = 320;
    private const int SamplesInside = 6;

    public static DateTimeOffset HourOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    public static Market Prepare(Market market, decimal price, SimulatorOptions options, DateTimeOffset start)
    {
        var path = new PricePath(options.Seed + market.ClobPairId, price, market.TickSize, start);
        market.MidTicks = (long)(price / market.TickSize);
        market.OraclePrice = market.Mid;
        market.PriceDayAgo = path.At(start.AddDays(-1));
        market.OpenInterest = market.ToStep(market.TypicalSize * 4_000);
        market.NextFundingRate = 0.0000125m;
        market.Volume24H = decimal.Round(market.TypicalSize * 22_000 * price, 2);
        market.Trades24H = 21_000;
        if (market.ClobPairId < 8)
        {
            foreach (var series in market.Series) Fill(series, market, path, start);
        }
        for (var hour = 300; hour > 0; hour--)
        {
            var at = HourOf(start).AddHours(1 - hour);
            market.Fundings.Add(new FundingRate(0.0000001m * ((hour * 37 % 200) - 60), path.At(at), at, 30_000_000 - (hour * 3600)));
        }
        market.Sparkline = [.. Enumerable.Range(0, 24).Select(i => path.At(start.AddHours(i - 24)))];
        return market;
    }

    private static void Fill(CandleSeries series, Market market, PricePath path, DateTimeOffset start)
    {
        var current = series.StartOf(start);
        for (var i = CandlesBack; i >= 0; i--)
        {
            var from = current - (i * series.Length);
            var to = from + series.Length < start ? from + series.Length : start;
            if (to <= from) continue;
            var candle = new Candle(from)
            {
                Open = path.At(from),
                Close = path.At(to),
                StartingOpenInterest = market.OpenInterest,
                MidOpen = path.At(from),
                MidClose = i == 0 ? null : path.At(to),
                Trades = (int)Math.Max(1, series.Length.TotalMinutes * (3 + (from.Minute % 5))),
            };
            candle.High = Math.Max(candle.Open, candle.Close);
            candle.Low = Math.Min(candle.Open, candle.Close);
            for (var sample = 1; sample < SamplesInside; sample++)
            {
                var between = path.At(from + ((to - from) / SamplesInside * sample));
                candle.High = Math.Max(candle.High, between);
                candle.Low = Math.Min(candle.Low, between);
            }
            candle.BaseVolume = market.ToStep(market.TypicalSize * candle.Trades * (0.5m + (from.Minute % 7 * 0.2m)));
            candle.UsdVolume = Amount.Trim(candle.BaseVolume * candle.Close);
            series.Candles.Add(candle);
        }
    }
}

/// <summary>A price for every moment of the past, the same for every resolution: noise on many scales, which ends at the price of now.</summary>
internal sealed class PricePath(int seed, decimal end, decimal tick, DateTimeOffset at)
{
    private static readonly (double Minutes, double Height)[] Scales =
        [(2, 0.0006), (9, 0.0012), (41, 0.002), (180, 0.004), (900, 0.009), (4000, 0.02), (20_000, 0.05), (100_000, 0.11)];

    private readonly double origin = Noise(seed, at);

    public decimal At(DateTimeOffset time) => Math.Max(1, decimal.Round(end * (decimal)Math.Exp(Noise(seed, time) - origin) / tick)) * tick;

    private static double Noise(int seed, DateTimeOffset time)
    {
        var minutes = time.ToUnixTimeMilliseconds() / 60_000.0;
        var sum = 0.0;
        for (var i = 0; i < Scales.Length; i++)
        {
            var place = minutes / Scales[i].Minutes;
            var cell = (long)Math.Floor(place);
            var within = place - cell;
            within = within * within * (3 - (2 * within));
            sum += Scales[i].Height * ((Point(seed + i, cell) * (1 - within)) + (Point(seed + i, cell + 1) * within));
        }
        return sum;
    }

    private static double Point(int seed, long cell)
    {
        var mixed = ((ulong)cell * 0x9E3779B97F4A7C15) ^ ((ulong)(uint)seed * 0xBF58476D1CE4E5B9);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return ((mixed ^ (mixed >> 31)) / (double)ulong.MaxValue * 2) - 1;
    }
}
