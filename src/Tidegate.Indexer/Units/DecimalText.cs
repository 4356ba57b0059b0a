namespace Tidegate.Indexer.Units;

/// <summary>Decimal numbers as the Indexer writes them: exact, culture-invariant, never with an exponent on output (protocol.md 5).</summary>
public static class DecimalText
{
    /// <summary>
    /// Reads digits with an optional sign, point and exponent (<c>5e-7</c>). The scale is kept ("1.50" stays 1.50). False for anything else, and
    /// for a number that a decimal cannot hold exactly: never a rounded value.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out decimal value) => throw new NotImplementedException();

    /// <summary>As the other overload.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out decimal value) => throw new NotImplementedException();

    /// <summary>Writes plain digits, the scale kept; returns the bytes written. 32 bytes always suffice. Negative zero is written as zero.</summary>
    public static int Format(decimal value, Span<byte> to) => throw new NotImplementedException();

    /// <summary>Plain digits, the scale kept.</summary>
    public static string ToText(decimal value) => throw new NotImplementedException();

    /// <summary>Without trailing zeros after the point: the one canonical spelling of a price.</summary>
    public static decimal Canonical(decimal value) => throw new NotImplementedException();

    /// <summary>A quotient rounded half-even at 12 decimals, trailing zeros cut (contract 2); null when the divisor is zero or the quotient too large.</summary>
    public static decimal? Quotient(decimal dividend, decimal divisor) => throw new NotImplementedException();
}
