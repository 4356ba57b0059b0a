using System.Buffers.Text;

namespace Tidegate.Bench.Relay;

/// <summary>
/// <c>@T=&lt;19 digits&gt;,&lt;10 digits&gt;</c>: the time of writing in nanoseconds of the clock that all processes share, and a number that rises by one a
/// frame. Stands in a trade's id, which a gateway passes on unchanged.
/// </summary>
internal static class Marker
{
    public const int Topics = 20;
    private const int TimeDigits = 19;
    private const int NumberDigits = 10;

    public static string Empty => "@T=" + new string('0', TimeDigits) + "," + new string('0', NumberDigits);

    public static ReadOnlySpan<byte> Mark => "@T="u8;

    /// <summary>Writes time and number over a marker that begins at a place.</summary>
    public static void Write(Span<byte> marker, long time, long number)
    {
        Digits(marker.Slice(Mark.Length, TimeDigits), time);
        Digits(marker.Slice(Mark.Length + TimeDigits + 1, NumberDigits), number);
    }

    /// <summary>Reads the marker in a payload; false when there is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out long time, out long number)
    {
        (time, number) = (0, 0);
        var at = payload.IndexOf(Mark);
        return at >= 0
            && Utf8Parser.TryParse(payload.Slice(at + Mark.Length, TimeDigits), out time, out _)
            && Utf8Parser.TryParse(payload.Slice(at + Mark.Length + TimeDigits + 1, NumberDigits), out number, out _);
    }

    private static void Digits(Span<byte> to, long value)
    {
        for (var i = to.Length - 1; i >= 0; i--)
        {
            to[i] = (byte)('0' + (value % 10));
            value /= 10;
        }
    }
}
