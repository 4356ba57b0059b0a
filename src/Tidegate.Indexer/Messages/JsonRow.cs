using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Messages;

/// <summary>One field of a row: its name, the name as written (<c>"name":</c>), and its value as JSON.</summary>
internal readonly record struct JsonField(string Name, byte[] Key, byte[] Value)
{
    /// <summary>Whether the value is <c>null</c>.</summary>
    public bool IsNull => Value.AsSpan().SequenceEqual("null"u8);
}

/// <summary>A JSON object as an ordered map of raw values: fields keep their place and their digits, unknown ones too.</summary>
internal sealed class JsonRow
{
    // The Indexer has some hundred names; what a stranger makes up beyond that is not kept.
    private const int MostKeys = 512;
    private static readonly ConcurrentDictionary<string, byte[]> Keys = new(StringComparer.Ordinal);
    private readonly List<JsonField> fields = [];

    /// <summary>The fields in the order they were first told.</summary>
    public IReadOnlyList<JsonField> Fields => fields;

    /// <summary>Reads an object; of a field that is there twice the last counts. Null for anything but an object.</summary>
    public static JsonRow? From(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var row = new JsonRow();
        try
        {
            foreach (var property in value.EnumerateObject())
            {
                row.Set(property.Name, ValueOf(property));
            }
        }
        catch (InvalidOperationException)
        {
            // A name with an escaped half of a surrogate pair is no text.
            return null;
        }

        return row;
    }

    /// <summary>The value of a property as it is kept: an exponent written out unless the field holds a name or an id.</summary>
    public static byte[] ValueOf(JsonProperty property)
    {
        var raw = JsonMarshal.GetRawUtf8Value(property.Value);
        var asItIs = property.Value.ValueKind switch
        {
            JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => true,

            // Without the letter there is no exponent to write out.
            JsonValueKind.Number => raw.IndexOfAny((byte)'e', (byte)'E') < 0,
            JsonValueKind.String => raw.IndexOfAny((byte)'e', (byte)'E') < 0 || RowWriter.IsNameField(System.Text.Encoding.UTF8.GetBytes(property.Name)),
            _ => false,
        };
        return asItIs ? raw.ToArray() : RowWriter.ToBytes(property.Value);
    }

    /// <summary>A copy that can be changed without this one.</summary>
    public JsonRow Clone()
    {
        var row = new JsonRow();
        row.fields.AddRange(fields);
        return row;
    }

    /// <summary>The raw value of a field; empty when there is none.</summary>
    public ReadOnlySpan<byte> Raw(string name)
    {
        var at = Find(name);
        return at < 0 ? default : fields[at].Value;
    }

    /// <summary>Whether the field is there and not <c>null</c>.</summary>
    public bool Has(string name) => Find(name) is var at && at >= 0 && !fields[at].IsNull;

    /// <summary>The field's text: a string's characters or a number's digits; null when absent, <c>null</c> or neither.</summary>
    public string? Text(string name) => TextOf(Raw(name));

    /// <summary>The field as a decimal. An absent one, <c>null</c> and the empty string (cases.md 36) are no fault and give null; a text that is no number is one: false.</summary>
    public bool TryNumber(string name, out decimal? value)
    {
        value = null;
        var raw = Raw(name);
        if (raw.IsEmpty || raw.SequenceEqual("null"u8) || raw.SequenceEqual("\"\""u8))
        {
            return true;
        }

        if (!DecimalText.TryParse(raw[0] == '"' ? raw[1..^1] : raw, out var number))
        {
            return false;
        }

        value = number;
        return true;
    }

    /// <summary>The field as a whole number, string or not; null when it is none.</summary>
    public long? Whole(string name) => TryNumber(name, out var value) && value is { } number && number == decimal.Truncate(number) && Math.Abs(number) < 1e18m ? (long)number : null;

    /// <summary>Sets a field to a raw value; whether it differs from before.</summary>
    public bool Set(string name, byte[] value)
    {
        var at = Find(name);
        if (at < 0)
        {
            fields.Add(new JsonField(name, KeyOf(name), value));
            return true;
        }

        if (fields[at].Value.AsSpan().SequenceEqual(value))
        {
            return false;
        }

        fields[at] = fields[at] with { Value = value };
        return true;
    }

    /// <summary>Removes a field if it is there.</summary>
    public bool Remove(string name)
    {
        var at = Find(name);
        if (at >= 0)
        {
            fields.RemoveAt(at);
        }

        return at >= 0;
    }

    /// <summary>Whether both hold the same fields in the same order.</summary>
    public bool IsSame(JsonRow other)
    {
        if (fields.Count != other.fields.Count)
        {
            return false;
        }

        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].Name != other.fields[i].Name || !fields[i].Value.AsSpan().SequenceEqual(other.fields[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes the object.</summary>
    public void Write(IBufferWriter<byte> to)
    {
        to.Write("{"u8);
        WriteFields(to);
        to.Write("}"u8);
    }

    /// <summary>Writes the fields without the brackets, and without those of these names.</summary>
    public void WriteFields(IBufferWriter<byte> to, params ReadOnlySpan<string> without)
    {
        var first = true;
        foreach (var field in fields)
        {
            if (without.Contains(field.Name))
            {
                continue;
            }

            if (!first)
            {
                to.Write(","u8);
            }

            first = false;
            to.Write(field.Key);
            to.Write(field.Value);
        }
    }

    /// <summary>The object as bytes of its own.</summary>
    public byte[] ToBytes()
    {
        var length = 2 + Math.Max(0, fields.Count - 1);
        foreach (ref readonly var field in CollectionsMarshal.AsSpan(fields))
        {
            length += field.Key.Length + field.Value.Length;
        }

        var bytes = new byte[length];
        var at = 0;
        bytes[at++] = (byte)'{';
        foreach (ref readonly var field in CollectionsMarshal.AsSpan(fields))
        {
            if (at > 1)
            {
                bytes[at++] = (byte)',';
            }

            field.Key.CopyTo(bytes, at);
            at += field.Key.Length;
            field.Value.CopyTo(bytes, at);
            at += field.Value.Length;
        }

        bytes[at] = (byte)'}';
        return bytes;
    }

    /// <summary>A text as a JSON string.</summary>
    public static byte[] Quote(string text) => [(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];

    /// <summary>A name as it stands before its value.</summary>
    public static byte[] KeyOf(string name)
    {
        if (Keys.TryGetValue(name, out var known))
        {
            return known;
        }

        byte[] key = [.. Quote(name), (byte)':'];
        if (Keys.Count < MostKeys)
        {
            Keys.TryAdd(name, key);
        }

        return key;
    }

    /// <summary>The characters of a raw string or the digits of a raw number; null for all else.</summary>
    public static string? TextOf(ReadOnlySpan<byte> raw)
    {
        if (raw.IsEmpty || raw[0] is not ((byte)'"' or (byte)'-' or (>= (byte)'0' and <= (byte)'9')))
        {
            return null;
        }

        if (raw[0] != '"')
        {
            return System.Text.Encoding.UTF8.GetString(raw);
        }

        if (raw.IndexOf((byte)'\\') < 0)
        {
            return System.Text.Encoding.UTF8.GetString(raw[1..^1]);
        }

        try
        {
            var reader = new Utf8JsonReader(raw);
            reader.Read();
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private int Find(string name)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            if (fields[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
