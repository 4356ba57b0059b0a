using System.Globalization;
using System.Numerics;

namespace Tidegate.Indexer.Units;

/// <summary>Decimal numbers as the Indexer writes them: exact, culture-invariant, never with an exponent on output (protocol.md 5).</summary>
public static partial class DecimalText
{
    /// <summary>The longest text that <see cref="Format"/> writes.</summary>
    public const int MaxLength = 32;

    private const int MaxScale = 28;

    // A larger exponent cannot be held exactly anyway (unless the number is zero), and the sum of lengths stays far from overflow.
    private const int ExponentCap = 100_000;

    private static readonly UInt128 MaxMantissa = (UInt128.One << 96) - 1;

    /// <summary>
    /// Reads digits with an optional sign, point and exponent (<c>5e-7</c>). The scale is kept ("1.50" stays 1.50). False for anything else, and
    /// for a number that a decimal cannot hold exactly: never a rounded value.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out decimal value)
    {
        value = 0m;
        var at = 0;
        var negative = false;
        if (utf8.Length > 0 && (utf8[0] == '-' || utf8[0] == '+'))
        {
            negative = utf8[0] == '-';
            at = 1;
        }

        var digits = utf8[at..];
        return (ReadPlain(digits, negative, out value) is > 0 and var read && read == digits.Length) || TryParseLong(digits, negative, out value);
    }

    /// <summary>
    /// Reads the digits that a text begins with, a point among them, as far as they surely fit into a ulong: nearly every number, without UInt128.
    /// Returns how many characters that were; 0 when there are none, or when they end with the point.
    /// </summary>
    internal static int ReadPlain(ReadOnlySpan<byte> utf8, bool negative, out decimal value)
    {
        const int Most = 19;
        var (small, point, i) = (0UL, -1, 0);
        for (; i < utf8.Length && i < Most; i++)
        {
            var digit = (uint)(utf8[i] - '0');
            if (digit <= 9)
            {
                small = (small * 10) + digit;
            }
            else if (utf8[i] == '.' && point < 0 && i > 0)
            {
                point = i;
            }
            else
            {
                break;
            }
        }

        if (i == 0 || point == i - 1)
        {
            value = 0m;
            return 0;
        }

        value = new decimal((int)small, (int)(small >> 32), 0, negative && small != 0, (byte)(point < 0 ? 0 : i - point - 1));
        return i;
    }

    /// <summary>As the other overload.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out decimal value)
    {
        Span<byte> utf8 = text.Length <= 256 ? stackalloc byte[256] : new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] > '\x7f')
            {
                value = 0m;
                return false;
            }

            utf8[i] = (byte)text[i];
        }

        return TryParse(utf8[..text.Length], out value);
    }

    /// <summary>Writes plain digits, the scale kept; returns the bytes written. 32 bytes always suffice. Negative zero is written as zero.</summary>
    public static int Format(decimal value, Span<byte> to)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var scale = (bits[3] >> 16) & 0xff;
        var mantissa = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
        if (bits[2] != 0)
        {
            value.TryFormat(to, out var written, default, CultureInfo.InvariantCulture);
            return written;
        }

        var at = 0;
        if (bits[3] < 0 && mantissa != 0)
        {
            to[at++] = (byte)'-';
        }

        // All digits without the point, then moved apart: an integer is formatted two digits at a time.
        Span<byte> digits = stackalloc byte[20];
        mantissa.TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
        if (scale == 0)
        {
            digits[..count].CopyTo(to[at..]);
            return at + count;
        }

        var whole = count - scale;
        if (whole <= 0)
        {
            to[at++] = (byte)'0';
        }
        else
        {
            digits[..whole].CopyTo(to[at..]);
            at += whole;
        }

        to[at++] = (byte)'.';
        for (; whole < 0; whole++)
        {
            to[at++] = (byte)'0';
        }

        digits[whole..count].CopyTo(to[at..]);
        return at + count - whole;
    }

    /// <summary>Plain digits, the scale kept.</summary>
    public static string ToText(decimal value)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        return System.Text.Encoding.ASCII.GetString(text[..Format(value, text)]);
    }

    /// <summary>Without trailing zeros after the point: the one canonical spelling of a price.</summary>
    public static decimal Canonical(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var scale = (bits[3] >> 16) & 0xff;
        if (scale == 0)
        {
            return value == 0m ? 0m : value;
        }

        if (bits[2] == 0)
        {
            var small = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
            if (small % 10 != 0)
            {
                return value;
            }

            if (small == 0)
            {
                return 0m;
            }

            while (scale > 0 && small % 10 == 0)
            {
                small /= 10;
                scale--;
            }

            return new decimal((int)small, (int)(small >> 32), 0, bits[3] < 0, (byte)scale);
        }

        var mantissa = new UInt128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
        while (scale > 0 && mantissa % 10 == 0)
        {
            mantissa /= 10;
            scale--;
        }

        return Make(mantissa, bits[3] < 0, scale);
    }

    /// <summary>A quotient rounded half-even at 12 decimals, trailing zeros cut (contract 2); null when the divisor is zero or the quotient too large.</summary>
    public static decimal? Quotient(decimal dividend, decimal divisor)
    {
        const decimal Tie = 0.0000000000005m;
        if (divisor == 0m)
        {
            return null;
        }

        decimal quotient;
        try
        {
            quotient = dividend / divisor;
        }
        catch (OverflowException)
        {
            return null;
        }

        // The division has rounded at about 28 digits. Rounding again is wrong only where its result sits exactly on a tie of the twelfth
        // decimal, or is so large that fewer than thirteen decimals were left.
        if (Math.Abs(quotient) < 1e14m)
        {
            var cut = Math.Round(quotient, 12, MidpointRounding.ToZero);
            if (Math.Abs(quotient - cut) != Tie)
            {
                return Canonical(Math.Round(quotient, 12, MidpointRounding.ToEven));
            }
        }

        return ExactQuotient(dividend, divisor);
    }

    /// <summary>The integer mantissa and the scale of a decimal: value = mantissa ÷ 10^scale.</summary>
    internal static (BigInteger Mantissa, int Scale) Split(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        BigInteger mantissa = new UInt128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
        return (bits[3] < 0 ? -mantissa : mantissa, (bits[3] >> 16) & 0xff);
    }

    /// <summary>mantissa × 10^exponent as a decimal without trailing zeros; false where a decimal cannot hold it exactly.</summary>
    internal static bool TryJoin(BigInteger mantissa, int exponent, out decimal value)
    {
        value = 0m;
        if (mantissa.IsZero)
        {
            return true;
        }

        if (Math.Abs(exponent) > 1000)
        {
            return false;
        }

        var negative = mantissa.Sign < 0;
        mantissa = BigInteger.Abs(mantissa);
        while (exponent < 0)
        {
            var (rest, digit) = BigInteger.DivRem(mantissa, 10);
            if (!digit.IsZero)
            {
                break;
            }

            mantissa = rest;
            exponent++;
        }

        if (exponent > 0)
        {
            mantissa *= BigInteger.Pow(10, exponent);
            exponent = 0;
        }

        if (exponent < -MaxScale || mantissa > (BigInteger)MaxMantissa)
        {
            return false;
        }

        value = Make((UInt128)mantissa, negative, -exponent);
        return true;
    }

    private static decimal? ExactQuotient(decimal dividend, decimal divisor)
    {
        var (top, topScale) = Split(dividend);
        var (bottom, bottomScale) = Split(divisor);
        top *= BigInteger.Pow(10, 12 + bottomScale);
        bottom *= BigInteger.Pow(10, topScale);
        var negative = top.Sign * bottom.Sign < 0;
        var (whole, rest) = BigInteger.DivRem(BigInteger.Abs(top), BigInteger.Abs(bottom));
        var side = (rest * 2).CompareTo(BigInteger.Abs(bottom));
        if (side > 0 || (side == 0 && !whole.IsEven))
        {
            whole++;
        }

        return TryJoin(negative ? -whole : whole, -12, out var value) ? value : null;
    }

    private static decimal Make(UInt128 mantissa, bool negative, int scale) =>
        new((int)(uint)(ulong)mantissa, (int)(uint)(ulong)(mantissa >> 32), (int)(uint)(ulong)(mantissa >> 64), negative, (byte)scale);
}
