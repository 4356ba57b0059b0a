namespace Tidegate.Indexer.Units;

// The rare texts: long ones and those with an exponent.
public static partial class DecimalText
{
    private static bool TryParseLong(ReadOnlySpan<byte> text, bool negative, out decimal value)
    {
        value = 0m;
        UInt128 mantissa = 0;
        var (zeros, decimals, digits, i) = (0, 0, 0, 0);
        var pointAt = -1;
        for (; i < text.Length; i++)
        {
            var digit = (uint)(text[i] - '0');
            if (digit > 9)
            {
                if (text[i] != '.' || pointAt >= 0 || digits == 0)
                {
                    break;
                }

                pointAt = i;
                continue;
            }

            digits++;
            decimals += pointAt >= 0 ? 1 : 0;
            if (digit == 0)
            {
                zeros += mantissa == 0 ? 0 : 1;
                continue;
            }

            // Trailing zeros are held back, so that only a number with too many significant digits is refused.
            for (; zeros >= 0; zeros--)
            {
                mantissa = zeros > 0 ? mantissa * 10 : (mantissa * 10) + digit;
                if (mantissa > MaxMantissa)
                {
                    return false;
                }
            }

            zeros = 0;
        }

        if (digits == 0 || (pointAt >= 0 && decimals == 0) || !TryExponent(text[i..], out var exponent))
        {
            return false;
        }

        return TryMake(mantissa, negative, zeros - decimals + exponent, decimals - exponent, out value);
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty)
        {
            return true;
        }

        if ((text[0] | 0x20) != 'e')
        {
            return false;
        }

        var sign = text.Length > 1 && (text[1] == '-' || text[1] == '+');
        var digits = text[(sign ? 2 : 1)..];
        foreach (var c in digits)
        {
            if (c is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            exponent = Math.Min((exponent * 10) + (c - '0'), ExponentCap);
        }

        exponent = sign && text[1] == '-' ? -exponent : exponent;
        return !digits.IsEmpty;
    }

    // mantissa × 10^power, at the scale that was written if it fits, else at the nearest smaller one that still holds it exactly.
    private static bool TryMake(UInt128 mantissa, bool negative, int power, int wantedScale, out decimal value)
    {
        value = 0m;
        var scale = Math.Clamp(wantedScale, 0, MaxScale);
        if (mantissa == 0)
        {
            value = new decimal(0, 0, 0, false, (byte)scale);
            return true;
        }

        var least = Math.Max(0, -power);
        if (least > scale || power > MaxScale + 1)
        {
            return false;
        }

        var have = least;
        var grown = mantissa;
        for (var i = power + least; i > 0; i--)
        {
            grown *= 10;
            if (grown > MaxMantissa)
            {
                return false;
            }
        }

        while (have < scale && grown * 10 <= MaxMantissa)
        {
            grown *= 10;
            have++;
        }

        value = Make(grown, negative, have);
        return true;
    }
}
