using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;

namespace Tidegate.Topics;

/// <summary>Unmasked WebSocket text frames (RFC 6455, 5.2), made once and written to any number of sockets.</summary>
internal static class WireFrame
{
    private const byte FinalText = 0x81;

    /// <summary>How long a header for so many bytes of payload is.</summary>
    public static int HeaderLength(int payload) => payload < 126 ? 2 : payload <= ushort.MaxValue ? 4 : 10;

    /// <summary>The frame of a payload.</summary>
    public static byte[] Of(ReadOnlySpan<byte> payload)
    {
        var wire = new byte[HeaderLength(payload.Length) + payload.Length];
        Write(payload, wire);
        return wire;
    }

    /// <summary>Writes header and payload into a span of just their length.</summary>
    public static void Write(ReadOnlySpan<byte> payload, Span<byte> wire) => payload.CopyTo(wire[WriteHeader(payload.Length, wire)..]);

    /// <summary>Writes the header of so many bytes of payload; returns its length.</summary>
    public static int WriteHeader(int payload, Span<byte> wire)
    {
        var header = HeaderLength(payload);
        wire[0] = FinalText;
        switch (header)
        {
            case 2:
                wire[1] = (byte)payload;
                break;
            case 4:
                wire[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(wire[2..], (ushort)payload);
                break;
            default:
                wire[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(wire[2..], (ulong)payload);
                break;
        }

        return header;
    }

    /// <summary>Writes digits.</summary>
    public static void Write(this IBufferWriter<byte> to, long number)
    {
        var span = to.GetSpan(20);
        number.TryFormat(span, out var written, provider: CultureInfo.InvariantCulture);
        to.Advance(written);
    }

    /// <summary>Writes a time in milliseconds, quotes included: <c>"2026-01-01T00:00:00.000Z"</c>.</summary>
    public static void Write(this IBufferWriter<byte> to, DateTimeOffset time)
    {
        // The round-trip format is the one that is formatted fast: 2026-01-01T00:00:00.0000000Z, cut after its milliseconds.
        const int UpToMilliseconds = 23;
        var span = to.GetSpan(32);
        span[0] = (byte)'"';
        time.UtcDateTime.TryFormat(span[1..], out _, "O", CultureInfo.InvariantCulture);
        span[UpToMilliseconds + 1] = (byte)'Z';
        span[UpToMilliseconds + 2] = (byte)'"';
        to.Advance(UpToMilliseconds + 3);
    }

    /// <summary>Writes a JSON string, quotes and escapes included.</summary>
    public static void WriteQuoted(this IBufferWriter<byte> to, string? text)
    {
        if (text is null)
        {
            to.Write("null"u8);
            return;
        }

        using var writer = new System.Text.Json.Utf8JsonWriter(to, new System.Text.Json.JsonWriterOptions { SkipValidation = true });
        writer.WriteStringValue(text);
    }
}
