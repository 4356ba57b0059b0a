using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tidegate.Indexer.Messages;

/// <summary>Gives the typed objects of a frame's contents. For library users; the states read the bytes themselves.</summary>
public static class ContentsReader
{
    /// <summary>
    /// Reads contents: one object, or one for each element of a batch. False, and an empty list, when they do not fit. The types are
    /// <see cref="OrderBookContents"/>, <see cref="TradesContents"/>, <see cref="CandlesContents"/> for a snapshot and
    /// <see cref="CandleContents"/> for an update, <see cref="MarketsContents"/>, <see cref="SubaccountContents"/> for both account channels,
    /// <see cref="BlockHeightContents"/>.
    /// </summary>
    public static bool TryRead(Channel channel, FrameType type, ReadOnlySpan<byte> contents, out IReadOnlyList<IndexerContents> parts)
    {
        parts = [];
        if (type is not (FrameType.Subscribed or FrameType.ChannelData or FrameType.ChannelBatchData))
        {
            return false;
        }

        if (!RowWriter.TryParse(contents, out var document))
        {
            return false;
        }

        using (document)
        {
            var info = TypeOf(channel, type);
            var list = new List<IndexerContents>();
            try
            {
                if (type != FrameType.ChannelBatchData)
                {
                    list.Add(Read(document.RootElement, info));
                }
                else if (document.RootElement.ValueKind == JsonValueKind.Array)
                {
                    list.AddRange(document.RootElement.EnumerateArray().Select(one => Read(one, info)));
                }
                else
                {
                    return false;
                }
            }
            catch (JsonException)
            {
                return false;
            }

            parts = list;
            return true;
        }
    }

    /// <summary>Writes a typed object back, its unknown fields too.</summary>
    public static byte[] ToBytes(IndexerContents contents) => JsonSerializer.SerializeToUtf8Bytes(contents, contents.GetType(), ContentsJson.Default);

    private static IndexerContents Read(JsonElement value, JsonTypeInfo info) =>
        value.ValueKind == JsonValueKind.Object && value.Deserialize(info) is IndexerContents contents
            ? contents
            : throw new JsonException("contents are no object");

    private static JsonTypeInfo TypeOf(Channel channel, FrameType type) => channel switch
    {
        Channel.OrderBook => ContentsJson.Default.OrderBookContents,
        Channel.Trades => ContentsJson.Default.TradesContents,
        Channel.Candles when type == FrameType.Subscribed => ContentsJson.Default.CandlesContents,
        Channel.Candles => ContentsJson.Default.CandleContents,
        Channel.Markets => ContentsJson.Default.MarketsContents,
        Channel.BlockHeight => ContentsJson.Default.BlockHeightContents,
        _ => ContentsJson.Default.SubaccountContents,
    };
}

/// <summary>How contents are read and written, made at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    Converters = [typeof(TolerantTextConverter)])]
[JsonSerializable(typeof(OrderBookContents))]
[JsonSerializable(typeof(TradesContents))]
[JsonSerializable(typeof(CandlesContents))]
[JsonSerializable(typeof(CandleContents))]
[JsonSerializable(typeof(MarketsContents))]
[JsonSerializable(typeof(SubaccountContents))]
[JsonSerializable(typeof(BlockHeightContents))]
internal sealed partial class ContentsJson : JsonSerializerContext;

/// <summary>Takes a text where the Indexer's versions differ between string, number and boolean: digits stay as they are.</summary>
internal sealed class TolerantTextConverter : JsonConverter<string>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => throw new JsonException("a text was expected"),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    /// <inheritdoc/>
    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString()!;

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);
}

/// <summary>Reads a level as a pair or an object, and writes it as it came.</summary>
internal sealed class BookLevelConverter : JsonConverter<BookLevelContents>
{
    /// <inheritdoc/>
    public override BookLevelContents Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() >= 2)
        {
            return new BookLevelContents(Text(root[0]), Text(root[1]), IsPair: true);
        }

        return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("price", out var price) && root.TryGetProperty("size", out var size)
            ? new BookLevelContents(Text(price), Text(size), IsPair: false)
            : throw new JsonException("a level was expected");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BookLevelContents value, JsonSerializerOptions options)
    {
        if (value.IsPair)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(value.Price);
            writer.WriteStringValue(value.Size);
            writer.WriteEndArray();
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("price", value.Price);
        writer.WriteString("size", value.Size);
        writer.WriteEndObject();
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new JsonException("a number was expected"),
    };
}
