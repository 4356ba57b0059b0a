using System.Numerics;

namespace Tidegate.Indexer.Units;

/// <summary>The chain's integers (quantums, subticks) against human units for one market, exact for any resolution (protocol.md 5).</summary>
/// <param name="AtomicResolution">size = quantums × 10^this.</param>
/// <param name="QuantumConversionExponent">price = subticks × 10^(this − 6 − AtomicResolution).</param>
public readonly record struct MarketUnits(int AtomicResolution, int QuantumConversionExponent)
{
    /// <summary>USDC = quote quantums × 10^−6.</summary>
    public const int QuoteResolution = -6;

    private int PriceExponent => QuantumConversionExponent + QuoteResolution - AtomicResolution;

    /// <summary>The size of so many quantums; false where a decimal cannot hold it exactly.</summary>
    public bool TrySize(BigInteger quantums, out decimal size) => DecimalText.TryJoin(quantums, AtomicResolution, out size);

    /// <summary>The quantums of a size; false where they are no whole number.</summary>
    public bool TryQuantums(decimal size, out BigInteger quantums) => TryUnscale(size, AtomicResolution, out quantums);

    /// <summary>The price of so many subticks; false where a decimal cannot hold it exactly.</summary>
    public bool TryPrice(BigInteger subticks, out decimal price) => DecimalText.TryJoin(subticks, PriceExponent, out price);

    /// <summary>The subticks of a price; false where they are no whole number.</summary>
    public bool TrySubticks(decimal price, out BigInteger subticks) => TryUnscale(price, PriceExponent, out subticks);

    /// <summary>The smallest step of a size: <c>stepBaseQuantums</c> in base units; null where a decimal cannot hold it.</summary>
    public decimal? StepSize(BigInteger stepBaseQuantums) => TrySize(stepBaseQuantums, out var size) ? size : null;

    /// <summary>The smallest step of a price: <c>subticksPerTick</c> as a price; null where a decimal cannot hold it.</summary>
    public decimal? TickSize(BigInteger subticksPerTick) => TryPrice(subticksPerTick, out var price) ? price : null;

    /// <summary>The USDC of so many quote quantums; false where a decimal cannot hold it.</summary>
    public static bool TryUsdc(BigInteger quoteQuantums, out decimal usdc) => DecimalText.TryJoin(quoteQuantums, QuoteResolution, out usdc);

    private static bool TryUnscale(decimal value, int exponent, out BigInteger whole)
    {
        var (mantissa, scale) = DecimalText.Split(value);
        var power = -scale - exponent;
        if (power >= 0)
        {
            whole = mantissa * BigInteger.Pow(10, power);
            return true;
        }

        whole = BigInteger.DivRem(mantissa, BigInteger.Pow(10, -power), out var rest);
        return rest.IsZero;
    }
}
