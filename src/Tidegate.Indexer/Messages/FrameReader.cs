using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Tidegate.Indexer.Messages;

/// <summary>Reads the envelope of a frame without allocating for the data frames.</summary>
/// <remarks>One pass; <c>contents</c> is taken as a slice. Of a field that is there twice the last counts. Unknown fields are passed over.</remarks>
public static class FrameReader
{
    /// <summary>How deep a frame may be nested.</summary>
    public const int MaxDepth = 64;

    /// <summary>
    /// Reads one text frame. False, with the reason in <paramref name="fault"/> (a constant text, usable as a counter's label), when the
    /// frame is not a JSON object, is nested deeper than 64 levels, is cut off, is not UTF-8 or carries a field of the wrong type.
    /// The envelope then holds what was read before the fault, which may tell the topic.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out FrameEnvelope envelope, out string? fault)
    {
        var read = new FrameEnvelope { SubaccountNumber = -1, MessageId = -1 };

        // The reader does not look into strings that it skips: so all of it once, vectorised.
        if (!Utf8.IsValid(frame))
        {
            envelope = read;
            fault = "not-utf8";
            return false;
        }

        var reader = new Utf8JsonReader(frame, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            fault = Read(ref reader, frame, ref read);
        }
        catch (JsonException)
        {
            fault = reader.CurrentDepth >= MaxDepth - 1 ? "too-deep" : "bad-json";
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair is no text.
            fault = "not-utf8";
        }

        envelope = read;
        return fault is null;
    }

    private static string? Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> frame, ref FrameEnvelope envelope)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return "not-an-object";
        }

        var typed = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var fault = ReadField(ref reader, frame, ref envelope, ref typed);
            if (fault is not null)
            {
                return fault;
            }
        }

        // Reads on to the end, so that anything behind the object is found.
        if (reader.Read())
        {
            return "bad-json";
        }

        if (!typed)
        {
            return "type-missing";
        }

        if (RowWriter.HasBrokenEscapes(envelope.Contents))
        {
            return "not-utf8";
        }

        return envelope.Type == FrameType.ChannelBatchData && (envelope.Contents.IsEmpty || envelope.Contents[0] != '[') ? "wrong-contents" : null;
    }

    private static string? ReadField(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> frame, ref FrameEnvelope envelope, ref bool typed)
    {
        if (reader.ValueTextEquals("contents"u8))
        {
            return ReadContents(ref reader, frame, ref envelope);
        }

        if (reader.ValueTextEquals("type"u8))
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
            {
                return "wrong-type";
            }

            envelope.Type = TypeOf(Text(ref reader));
            typed = true;
        }
        else if (reader.ValueTextEquals("channel"u8))
        {
            if (!ReadText(ref reader, out var name))
            {
                return "wrong-channel";
            }

            envelope.ChannelName = name;
            envelope.Channel = ChannelNames.TryParse(name, out var channel) ? channel : null;
        }
        else if (reader.ValueTextEquals("id"u8))
        {
            if (!ReadText(ref reader, out var id))
            {
                return "wrong-id";
            }

            envelope.Id = id;
        }
        else if (reader.ValueTextEquals("message_id"u8))
        {
            reader.Read();
            var messageId = -1L;
            if (reader.TokenType != JsonTokenType.Null && (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out messageId)))
            {
                return "wrong-message-id";
            }

            envelope.MessageId = messageId;
        }
        else if (reader.ValueTextEquals("subaccountNumber"u8))
        {
            reader.Read();
            var number = -1;
            if (reader.TokenType != JsonTokenType.Null && (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out number) || number < 0))
            {
                return "wrong-subaccount-number";
            }

            envelope.SubaccountNumber = number;
        }
        else if (reader.ValueTextEquals("version"u8))
        {
            if (!ReadText(ref reader, out var version))
            {
                return "wrong-version";
            }

            envelope.Version = version;
        }
        else if (reader.ValueTextEquals("message"u8))
        {
            reader.Read();
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            {
                return "wrong-message";
            }

            envelope.Message = reader.GetString();
        }
        else if (reader.ValueTextEquals("connection_id"u8))
        {
            return ReadConnectionId(ref reader, ref envelope, typed);
        }
        else
        {
            reader.Read();
            reader.Skip();
        }

        return null;
    }

    private static string? ReadContents(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> frame, ref FrameEnvelope envelope)
    {
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            envelope.Contents = default;
            return reader.TokenType == JsonTokenType.Null ? null : "wrong-contents";
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        envelope.Contents = frame[start..(int)reader.BytesConsumed];
        return null;
    }

    // Only the first frame's is wanted: a string per frame would be the one allocation of the data path.
    private static string? ReadConnectionId(scoped ref Utf8JsonReader reader, ref FrameEnvelope envelope, bool typed)
    {
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
        {
            return "wrong-connection-id";
        }

        if (!typed || envelope.Type == FrameType.Connected)
        {
            envelope.ConnectionId = reader.GetString();
        }

        return null;
    }

    private static bool ReadText(scoped ref Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        reader.Read();
        text = reader.TokenType == JsonTokenType.String ? Text(ref reader) : default;
        return reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
    }

    // Escapes in names and ids are legal and never seen: the rare path may allocate.
    private static ReadOnlySpan<byte> Text(scoped ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;

    private static FrameType TypeOf(ReadOnlySpan<byte> type) => type switch
    {
        _ when type.SequenceEqual("channel_data"u8) => FrameType.ChannelData,
        _ when type.SequenceEqual("channel_batch_data"u8) => FrameType.ChannelBatchData,
        _ when type.SequenceEqual("subscribed"u8) => FrameType.Subscribed,
        _ when type.SequenceEqual("unsubscribed"u8) => FrameType.Unsubscribed,
        _ when type.SequenceEqual("connected"u8) => FrameType.Connected,
        _ when type.SequenceEqual("error"u8) => FrameType.Error,
        _ when type.SequenceEqual("pong"u8) => FrameType.Pong,
        _ => FrameType.Unknown,
    };
}
