using System.Buffers;

namespace Tidegate.Indexer.Messages;

/// <summary>Writes a number with an exponent without one, by moving its digits: no digit is lost whatever its size.</summary>
internal static class PlainNumber
{
    // The Indexer's exponents come from a JavaScript number: beyond these no text of it can be.
    private const int MaxExponent = 400;
    private const int MaxLength = 400;

    /// <summary>Writes the plain digits; false, and nothing written, when the text is no number with an exponent.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> text, bool quoted, IBufferWriter<byte> to)
    {
        // 'e' at a place where no digit can be tells most texts apart at once.
        var mark = text.IndexOfAny((byte)'e', (byte)'E');
        if (mark < 1 || text.Length > MaxLength || !TryExponent(text[(mark + 1)..], out var exponent))
        {
            return false;
        }

        var negative = text[0] == '-';
        var digits = text[(negative || text[0] == '+' ? 1 : 0)..mark];
        var point = digits.IndexOf((byte)'.');
        Span<byte> all = stackalloc byte[MaxLength];
        var count = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            if (i == point)
            {
                continue;
            }

            if (digits[i] is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            all[count++] = digits[i];
        }

        if (count == 0 || point == 0 || point == digits.Length - 1)
        {
            return false;
        }

        Write(all[..count], (point < 0 ? count : point) + exponent, negative, quoted, to);
        return true;
    }

    // whole: how many of the digits stand before the point; may lie outside of them.
    private static void Write(ReadOnlySpan<byte> digits, int whole, bool negative, bool quoted, IBufferWriter<byte> to)
    {
        var span = to.GetSpan(digits.Length + Math.Abs(whole) + 8);
        var at = 0;
        if (quoted)
        {
            span[at++] = (byte)'"';
        }

        if (negative && digits.IndexOfAnyExcept((byte)'0') >= 0)
        {
            span[at++] = (byte)'-';
        }

        var started = false;
        for (var i = 0; i < whole; i++)
        {
            var digit = i < digits.Length ? digits[i] : (byte)'0';
            started |= digit != '0';
            if (started)
            {
                span[at++] = digit;
            }
        }

        if (!started)
        {
            span[at++] = (byte)'0';
        }

        if (whole < digits.Length)
        {
            span[at++] = (byte)'.';
            for (var i = whole; i < digits.Length; i++)
            {
                span[at++] = i < 0 ? (byte)'0' : digits[i];
            }
        }

        if (quoted)
        {
            span[at++] = (byte)'"';
        }

        to.Advance(at);
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        var negative = !text.IsEmpty && text[0] == '-';
        var digits = text[(negative || (!text.IsEmpty && text[0] == '+') ? 1 : 0)..];
        if (digits.IsEmpty || digits.Length > 4)
        {
            return false;
        }

        foreach (var c in digits)
        {
            if (c is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            exponent = (exponent * 10) + (c - '0');
        }

        exponent = negative ? -exponent : exponent;
        return Math.Abs(exponent) <= MaxExponent;
    }
}
