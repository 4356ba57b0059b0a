using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Shapes;

/// <summary>JSON as the Indexer writes it: amounts as strings, times with milliseconds, nothing escaped that need not be.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>What the action writes, as bytes of its own.</summary>
    public static byte[] Of(Action<Utf8JsonWriter> write)
    {
        // A nested call would write into the outer one's buffer, so the pair is taken while it is used.
        var (bytes, json) = (buffer ?? new ArrayBufferWriter<byte>(4096), writer);
        (buffer, writer) = (null, null);
        bytes.ResetWrittenCount();
        json ??= new Utf8JsonWriter(bytes, Options);
        json.Reset(bytes);
        write(json);
        json.Flush();
        var result = bytes.WrittenSpan.ToArray();
        (buffer, writer) = (bytes, json);
        return result;
    }

    public static void Amount(this Utf8JsonWriter json, string name, decimal value) => json.WriteString(name, Ledger.Amount.Text(value));

    public static void Amount(this Utf8JsonWriter json, string name, decimal? value)
    {
        if (value is { } some) json.Amount(name, some);
        else json.WriteNull(name);
    }

    public static void Number(this Utf8JsonWriter json, string name, long value) => json.WriteString(name, value.ToString(CultureInfo.InvariantCulture));

    public static void Time(this Utf8JsonWriter json, string name, DateTimeOffset? value)
    {
        if (value is { } some) json.WriteString(name, Iso(some));
        else json.WriteNull(name);
    }

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string Text(this Side side) => side == Side.Buy ? "BUY" : "SELL";
}
