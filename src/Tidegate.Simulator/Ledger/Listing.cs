using System.Globalization;

namespace Tidegate.Simulator.Ledger;

/// <summary>The markets of the exchange and the prices they start from.</summary>
internal static class Listing
{
    /// <summary>The first markets by name, then as many others as asked for.</summary>
    public static List<(Market Market, decimal Price)> Of(int count)
    {
        var all = new List<(Market, decimal)>
        {
            (Perpetual("BTC-USD", 0, -10, -9, 1_000_000, 100_000, 0.02m, 0.012m, 0.08m), 61_250m),
            (Perpetual("ETH-USD", 1, -9, -9, 1_000_000, 100_000, 0.02m, 0.012m, 1.5m), 2_940m),
            // Sizes down to 1e-18 and ticks of 1e-13: what breaks anything that is not exact.
            (Perpetual("MEME-USD", 2, -18, -28, 1_000_000_000_000, 1_000, 0.2m, 0.1m, 25_000_000m, grid: 1_000), 0.0000100000123m),
            (Perpetual("ISO-USD", 3, -6, -9, 100_000, 100_000, 0.2m, 0.1m, 800m, isolated: true), 1.42m),
        };
        for (var i = 0; all.Count < count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"T{i}-USD");
            all.Add((Perpetual(name, 4 + i, -8, -9, 1_000_000, 10_000, 0.05m, 0.03m, 40m), 10m + i));
        }
        return all.GetRange(0, Math.Max(1, count));
    }

    /// <summary>A market that is listed later.</summary>
    public static Market New(string ticker, int pair) => Perpetual(ticker, pair, -8, -9, 1_000_000, 10_000, 0.05m, 0.03m, 40m);

    private static Market Perpetual(
        string ticker, int pair, int resolution, int exponent, long step, int subticks, decimal initial, decimal maintenance, decimal size, bool isolated = false, long grid = 1) => new()
        {
            Ticker = ticker,
            ClobPairId = pair,
            AtomicResolution = resolution,
            QuantumConversionExponent = exponent,
            StepBaseQuantums = step,
            SubticksPerTick = subticks,
            InitialMarginFraction = initial,
            MaintenanceMarginFraction = maintenance,
            TypicalSize = size,
            Isolated = isolated,
            Grid = grid,
        };
}
