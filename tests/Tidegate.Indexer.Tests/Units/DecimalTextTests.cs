using System.Globalization;
using System.Numerics;
using CsCheck;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Tests.Units;

public class DecimalTextTests
{
    private static readonly Gen<string> Digits = Gen.Char['0', '9'].Array[1, 16].Select(c => new string(c));

    private static readonly Gen<string> Numbers = Gen.Select(Gen.Int[0, 2].Select(i => ((string[])["", "-", "+"])[i]), Digits, Digits, Gen.Int[-20, 20], Gen.Int[0, 3])
        .Select((sign, whole, fraction, exponent, shape) => sign + shape switch
        {
            0 => whole,
            1 => $"{whole}.{fraction}",
            2 => string.Create(CultureInfo.InvariantCulture, $"{whole}e{exponent}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{whole}.{fraction}E{exponent}"),
        });

    [Theory]
    [InlineData("1.50", "1.50")]
    [InlineData("0", "0")]
    [InlineData("0.0", "0.0")]
    [InlineData("-0", "0")]
    [InlineData("-0.000", "0.000")]
    [InlineData("-2", "-2")]
    [InlineData("1e-9", "0.000000001")]
    [InlineData("1E-7", "0.0000001")]
    [InlineData("5e-7", "0.0000005")]
    [InlineData("1.50e1", "15.0")]
    [InlineData("1e3", "1000")]
    [InlineData("0.000000001234", "0.000000001234")]
    [InlineData("123456789012345.000001", "123456789012345.000001")]
    [InlineData("79228162514264337593543950335", "79228162514264337593543950335")]
    [InlineData("1.00000000000000000000000000000000", "1.0000000000000000000000000000")]
    [InlineData("0.1234567890123456789012345678", "0.1234567890123456789012345678")]
    [InlineData("0e-400", "0.0000000000000000000000000000")]
    public void A_number_is_read_with_its_scale_and_written_plainly(string text, string expected)
    {
        Assert.True(DecimalText.TryParse(text, out var value));
        Assert.Equal(expected, DecimalText.ToText(value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1..2")]
    [InlineData("1.2.3")]
    [InlineData("1,5")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("e5")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("null")]
    [InlineData("--1")]
    [InlineData("１")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("0.12345678901234567890123456789")]
    [InlineData("79228162514264337593543950336")]
    [InlineData("1e29")]
    [InlineData("1e-29")]
    [InlineData("1e99999999999")]
    public void What_is_no_number_or_cannot_be_held_exactly_is_refused(string text) => Assert.False(DecimalText.TryParse(text, out _));

    [Fact]
    public void Reading_agrees_with_whole_numbers_of_any_size() => Numbers.Sample(
        text =>
        {
            var (mantissa, exponent) = Model(text);
            if (!DecimalText.TryParse(text, out var value))
            {
                return !Fits(mantissa, exponent);
            }

            var (read, scale) = DecimalText.Split(value);
            var least = Math.Min(exponent, -scale);
            return mantissa * BigInteger.Pow(10, exponent - least) == read * BigInteger.Pow(10, -scale - least);
        },
        iter: 100_000);

    [Fact]
    public void What_is_written_reads_back_with_the_same_digits() => Gen.Decimal.Sample(
        value =>
        {
            var text = DecimalText.ToText(value);
            return text == (value == 0m ? Math.Abs(value) : value).ToString(CultureInfo.InvariantCulture)
                && DecimalText.TryParse(text, out var back) && back == value && DecimalText.ToText(back) == text
                && DecimalText.Canonical(value) == value && !EndsInZero(DecimalText.ToText(DecimalText.Canonical(value)));
        },
        iter: 100_000);

    [Fact]
    public void A_quotient_is_rounded_half_even_once() => Gen.Select(Gen.Long[-1_000_000_000_000, 1_000_000_000_000], Gen.Int[0, 12], Gen.Long[1, 100_000], Gen.Int[0, 12]).Sample(
        (top, topScale, bottom, bottomScale) =>
        {
            DecimalText.TryJoin(top, -topScale, out var dividend);
            DecimalText.TryJoin(bottom, -bottomScale, out var divisor);
            var numerator = (BigInteger)top * BigInteger.Pow(10, 12 + bottomScale);
            var denominator = (BigInteger)bottom * BigInteger.Pow(10, topScale);
            var whole = BigInteger.DivRem(BigInteger.Abs(numerator), denominator, out var rest);
            whole += (rest * 2).CompareTo(denominator) is var side && side > 0 || (side == 0 && !whole.IsEven) ? 1 : 0;
            return DecimalText.TryJoin(top < 0 ? -whole : whole, -12, out var expected) ? DecimalText.Quotient(dividend, divisor) == expected : DecimalText.Quotient(dividend, divisor) is null;
        },
        iter: 100_000);

    [Theory]
    [InlineData("1", "3", "0.333333333333")]
    [InlineData("2", "3", "0.666666666667")]
    [InlineData("6000", "4000", "1.5")]
    [InlineData("-1", "3", "-0.333333333333")]
    [InlineData("0.0000000000005", "1", "0")]
    [InlineData("0.0000000000015", "1", "0.000000000002")]
    [InlineData("79228162514264337593543950335", "1", "79228162514264337593543950335")]
    public void A_quotient_has_twelve_decimals_and_no_zeros_behind(string dividend, string divisor, string expected)
    {
        Assert.True(DecimalText.TryParse(dividend, out var top));
        Assert.True(DecimalText.TryParse(divisor, out var bottom));
        Assert.Equal(expected, DecimalText.ToText(DecimalText.Quotient(top, bottom)!.Value));
    }

    [Fact]
    public void A_quotient_by_zero_or_beyond_what_fits_is_none()
    {
        Assert.Null(DecimalText.Quotient(1m, 0m));
        Assert.Null(DecimalText.Quotient(decimal.MaxValue, 0.0001m));
    }

    [Fact]
    public void A_process_in_german_reads_and_writes_the_same()
    {
        var before = CultureInfo.CurrentCulture;
        var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (german.NumberFormat.NumberDecimalSeparator, german.NumberFormat.NumberGroupSeparator) = (",", ".");
        CultureInfo.CurrentCulture = german;
        try
        {
            Assert.True(DecimalText.TryParse("1.5", out var value));
            Assert.Equal("1.5", DecimalText.ToText(value));
            Assert.Equal("-79228162514264337593543.950335", DecimalText.ToText(-79228162514264337593543.950335m));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static bool EndsInZero(string text) => text.Contains('.', StringComparison.Ordinal) && text.EndsWith('0');

    private static (BigInteger Mantissa, int Exponent) Model(string text)
    {
        var parts = text.ToUpperInvariant().Split('E');
        var number = parts[0].Split('.');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var fraction = number.Length > 1 ? number[1] : "";
        var mantissa = BigInteger.Parse(number[0].TrimStart('+') + fraction, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return (mantissa, exponent - fraction.Length);
    }

    private static bool Fits(BigInteger mantissa, int exponent)
    {
        if (mantissa.IsZero)
        {
            return true;
        }

        while (mantissa % 10 == 0)
        {
            (mantissa, exponent) = (mantissa / 10, exponent + 1);
        }

        return exponent >= -28 && BigInteger.Abs(mantissa) * BigInteger.Pow(10, Math.Max(exponent, 0)) < BigInteger.Pow(2, 96);
    }
}
