using System.Globalization;

namespace Tidegate.Simulator.Ledger;

/// <summary>Exact amounts as the Indexer prints them.</summary>
internal static class Amount
{
    /// <summary>The same value without trailing zeros, so that products keep as many digits as they need and no more.</summary>
    public static decimal Trim(decimal value) => value / 1.0000000000000000000000000000m;

    /// <summary>Plain digits, never an exponent.</summary>
    public static string Text(decimal value) => Trim(value).ToString(CultureInfo.InvariantCulture);

    /// <summary>How the sums of a parent are printed: below 1e-6 with an exponent (protocol.md 5).</summary>
    public static string SumText(decimal value)
    {
        if (value == 0 || Math.Abs(value) >= 0.000001m) return Text(value);
        var exponent = 0;
        while (Math.Abs(value) < 1)
        {
            value *= 10;
            exponent++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{Text(value)}e-{exponent}");
    }

    /// <summary>An amount of USDC, which has six digits.</summary>
    public static decimal Usdc(decimal value) => decimal.Round(value, 6, MidpointRounding.ToZero);

    /// <summary>A mean price, cut to the digits that the ledger keeps.</summary>
    public static decimal Mean(decimal value) => Trim(decimal.Round(value, 15));
}
