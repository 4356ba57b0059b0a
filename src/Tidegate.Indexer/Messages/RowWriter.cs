using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Tidegate.Indexer.Messages;

/// <summary>Copies JSON of the Indexer with its digits unchanged: compact, numeric strings with an exponent written out plainly.</summary>
/// <remarks>
/// Strings keep their own escapes. A string is only taken for a number where its field can hold one: ids, hashes and tickers such as
/// <c>1e5</c> pass unchanged.
/// </remarks>
public static class RowWriter
{
    /// <summary>Writes the value. A string that reads as a number with an exponent ("5e-7") is written without one ("0.0000005").</summary>
    public static void Copy(JsonElement value, IBufferWriter<byte> to)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
        {
            to.Write("null"u8);
            return;
        }

        Copy(JsonMarshal.GetRawUtf8Value(value), to);
    }

    /// <summary>The same as an array of its own.</summary>
    public static byte[] ToBytes(JsonElement value)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        Copy(value, buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Parses one JSON value of at most 64 levels; false when it is cut off, followed by anything, or not UTF-8. Dispose the document.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out JsonDocument? document)
    {
        document = null;
        if (!Utf8.IsValid(json) || HasBrokenEscapes(json))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = FrameReader.MaxDepth });
            var parsed = JsonDocument.ParseValue(ref reader);
            if (json[(int)reader.BytesConsumed..].IndexOfAnyExcept(" \t\r\n"u8) >= 0)
            {
                parsed.Dispose();
                return false;
            }

            document = parsed;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a field of this name holds names or ids rather than amounts.</summary>
    internal static bool IsNameField(ReadOnlySpan<byte> name) =>
        name.EndsWith("Id"u8) || name.EndsWith("Hash"u8) || name.EndsWith("ddress"u8) || name.EndsWith("Metadata"u8)
        || name.SequenceEqual("id"u8) || name.SequenceEqual("ticker"u8) || name.SequenceEqual("market"u8) || name.SequenceEqual("symbol"u8);

    /// <summary>
    /// Whether a string or name holds an escaped half of a surrogate pair, which is no text: later reads of it would throw. Also true for what
    /// is no JSON. Looks closely only where there is an escape of that kind at all.
    /// </summary>
    internal static bool HasBrokenEscapes(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\u"u8) < 0)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = FrameReader.MaxDepth });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }

            return false;
        }
        catch (JsonException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    /// <summary>Copies raw JSON that is known to be well formed.</summary>
    internal static void Copy(ReadOnlySpan<byte> json, IBufferWriter<byte> to)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 1000, CommentHandling = JsonCommentHandling.Skip });
        var first = true;
        var isName = false;
        ReadOnlySpan<byte> name = default;
        while (reader.Read())
        {
            var closes = reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject;
            if (!first && !closes && !isName)
            {
                Put((byte)',', to);
            }

            isName = false;
            first = false;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    Put(reader.ValueSpan[0], to);
                    first = true;
                    break;
                case JsonTokenType.PropertyName:
                    name = reader.ValueSpan;
                    Quoted(name, to);
                    Put((byte)':', to);
                    isName = true;
                    break;
                case JsonTokenType.String when IsNameField(name) || !PlainNumber.TryWrite(reader.ValueSpan, quoted: true, to):
                    Quoted(reader.ValueSpan, to);
                    break;
                case JsonTokenType.String:
                    break;
                case JsonTokenType.Number when PlainNumber.TryWrite(reader.ValueSpan, quoted: false, to):
                    break;
                default:
                    to.Write(reader.ValueSpan);
                    break;
            }
        }
    }

    private static void Quoted(ReadOnlySpan<byte> text, IBufferWriter<byte> to)
    {
        var span = to.GetSpan(text.Length + 2);
        span[0] = (byte)'"';
        text.CopyTo(span[1..]);
        span[text.Length + 1] = (byte)'"';
        to.Advance(text.Length + 2);
    }

    private static void Put(byte one, IBufferWriter<byte> to)
    {
        to.GetSpan(1)[0] = one;
        to.Advance(1);
    }
}
