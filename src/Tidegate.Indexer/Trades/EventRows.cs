using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Trades;

/// <summary>Makes the rows of contract 2 from the Indexer's own.</summary>
public static class EventRows
{
    private const int EventIdLength = 24;
    private const int MostPlainFields = 16;
    private static readonly SearchValues<byte> NotPlain = SearchValues.Create(" \t\r\n\\"u8);

    /// <summary>A trade of the public tape, as it is. Null when it has no usable id.</summary>
    public static EventRow? Trade(JsonElement trade)
    {
        if (JsonRow.From(trade) is not { } row || row.Text("id") is not { Length: > 0 } id)
        {
            return null;
        }

        return new EventRow(id, HeightOf(row, id), TimeOf(row), row.ToBytes());
    }

    /// <summary>
    /// Reads the <c>trades</c> of a frame's contents or of a REST answer into an emptied list, in chain order, row by row and without a document of the
    /// whole. Of a member that is there twice the last counts. False when there is no such array.
    /// </summary>
    internal static bool ReadTrades(ReadOnlySpan<byte> json, Slab slab, List<EventRow> rows)
    {
        rows.Clear();
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var found = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.ValueTextEquals("trades"u8);
            reader.Read();
            if (wanted && (found = reader.TokenType == JsonTokenType.StartArray))
            {
                ReadTrades(ref reader, json, slab, rows);
            }
            else
            {
                reader.Skip();
            }
        }

        // Reads on to the end, so that anything behind the object is found.
        reader.Read();
        rows.Sort(CompareChainOrder);
        return found;
    }

    private static void ReadTrades(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Slab slab, List<EventRow> rows)
    {
        rows.Clear();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var odd = reader;
            var row = PlainTrade(ref reader, json, slab);
            if (row is null)
            {
                reader = odd;
                using var document = JsonDocument.ParseValue(ref reader);
                row = Trade(document.RootElement);
            }

            if (row is not null)
            {
                rows.Add(row);
            }
        }
    }

    /// <summary>A fill of an account, from a frame or from REST (<c>market</c> becomes <c>ticker</c>), with <c>account:true</c> and <c>subaccountNumber</c>.</summary>
    public static EventRow? Fill(JsonElement fill, int subaccountNumber)
    {
        if (JsonRow.From(fill) is not { } row || row.Text("id") is not { Length: > 0 } id)
        {
            return null;
        }

        if (!row.Has("ticker") && row.Has("market"))
        {
            row.Set("ticker", row.Raw("market").ToArray());
        }

        if (fill.TryGetProperty("eventId", out var eventId) && HexOf(eventId) is { } hex)
        {
            row.Set("eventId", JsonRow.Quote(hex));
        }

        row.Set("account", "true"u8.ToArray());
        row.Set("subaccountNumber", Number(subaccountNumber));
        return new EventRow(id, HeightOf(row, row.Text("eventId") ?? ""), TimeOf(row), row.ToBytes()) { Lane = subaccountNumber };
    }

    /// <summary>A transfer, from a frame (no id) or from REST. Its <see cref="EventRow.Id"/> is REST's id or else the empty string.</summary>
    public static EventRow? Transfer(JsonElement transfer, int subaccountNumber)
    {
        if (JsonRow.From(transfer) is not { Fields.Count: > 0 } row)
        {
            return null;
        }

        row.Set("subaccountNumber", Number(subaccountNumber));
        return new EventRow(row.Text("id") ?? "", HeightOf(row, ""), TimeOf(row), row.ToBytes())
        {
            Identity = TransferIdentity(transfer),
            Lane = subaccountNumber,
        };
    }

    /// <summary>What tells one transfer from another where there is no id: transaction, parties, symbol, size and height (cases.md 27).</summary>
    public static string TransferIdentity(JsonElement transfer)
    {
        if (JsonRow.From(transfer) is not { } row)
        {
            return "";
        }

        var size = row.TryNumber("size", out var number) && number is { } value ? DecimalText.ToText(DecimalText.Canonical(value)) : row.Text("size");
        var text = new StringBuilder();
        text.Append(row.Text("transactionHash")).Append('|');
        AppendParty(text, transfer, "sender");
        AppendParty(text, transfer, "recipient");
        return text.Append(row.Text("symbol")).Append('|').Append(size).Append('|').Append(row.Text("createdAtHeight")).ToString();
    }

    /// <summary>Compares in chain order: by height, then by id where both ids are event ids (24 hex digits), else by time.</summary>
    public static int CompareChainOrder(EventRow left, EventRow right)
    {
        if (left.Height != right.Height && left.Height > 0 && right.Height > 0)
        {
            return left.Height.CompareTo(right.Height);
        }

        if (IsEventId(left.Id) && IsEventId(right.Id))
        {
            return string.Compare(left.Id, right.Id, StringComparison.OrdinalIgnoreCase);
        }

        // Nothing is known of an absent time.
        return left.CreatedAt is { } one && right.CreatedAt is { } other ? one.CompareTo(other) : 0;
    }

    /// <summary>Whether the id is an event's: 24 hex digits, of which the first eight are the height (protocol.md 2).</summary>
    public static bool IsEventId(string id)
    {
        if (id.Length != EventIdLength)
        {
            return false;
        }

        foreach (var c in id)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    private static void AppendParty(StringBuilder text, JsonElement transfer, string name)
    {
        if (transfer.TryGetProperty(name, out var party) && JsonRow.From(party) is { } row)
        {
            text.Append(row.Text("address")).Append('/').Append(row.Text("subaccountNumber"));
        }

        text.Append('|');
    }

    /// <summary>
    /// A trade as the Indexer writes them, flat, without blanks, escapes or exponents: its bytes are the row, and no document is made of it. The
    /// reader stands at its first token, and then at its last. Null for whatever differs; the reader then stands anywhere in it.
    /// </summary>
    internal static EventRow? PlainTrade(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Slab slab)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var begin = (int)reader.TokenStartIndex;
        Span<Range> names = stackalloc Range[MostPlainFields];
        var (count, height) = (0, -1L);
        string? id = null;
        DateTimeOffset? createdAt = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            if (count == MostPlainFields || IsThere(json, names[..count], name))
            {
                return null;
            }

            var start = (int)reader.TokenStartIndex + 1;
            names[count++] = start..(start + name.Length);
            reader.Read();
            var value = reader.ValueSpan;
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject || (MayHaveExponent(value) && !RowWriter.IsNameField(name)))
            {
                return null;
            }

            if (name.SequenceEqual("id"u8) && reader.TokenType == JsonTokenType.String)
            {
                id = Encoding.UTF8.GetString(value);
            }
            else if (name.SequenceEqual("createdAt"u8) && reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time))
            {
                createdAt = time;
            }
            else if (name.SequenceEqual("createdAtHeight"u8) && Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length)
            {
                height = number;
            }
        }

        var row = json[begin..(int)reader.BytesConsumed];
        return height < 0 || createdAt is null || string.IsNullOrEmpty(id) || row.IndexOfAny(NotPlain) >= 0 ? null : new EventRow(id, height, createdAt, slab.Keep(row));
    }

    private static bool MayHaveExponent(ReadOnlySpan<byte> value) =>
        value.IndexOfAny((byte)'e', (byte)'E') > 0 && value[0] is (>= (byte)'0' and <= (byte)'9') or (byte)'-' or (byte)'+' or (byte)'.';

    private static bool IsThere(ReadOnlySpan<byte> json, ReadOnlySpan<Range> names, ReadOnlySpan<byte> name)
    {
        foreach (var known in names)
        {
            if (json[known].SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    private static DateTimeOffset? TimeOf(JsonRow row) =>
        DateTimeOffset.TryParse(row.Text("createdAt"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static long HeightOf(JsonRow row, string eventId)
    {
        if (row.Whole("createdAtHeight") is { } height)
        {
            return height;
        }

        return IsEventId(eventId) ? long.Parse(eventId.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : 0;
    }

    // Old frames carried the event id as a Node buffer.
    private static string? HexOf(JsonElement eventId)
    {
        if (eventId.ValueKind != JsonValueKind.Object || !eventId.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
        {
            return null;
        }

        var bytes = new List<byte>(EventIdLength / 2);
        foreach (var one in data.EnumerateArray())
        {
            if (one.ValueKind != JsonValueKind.Number || !one.TryGetByte(out var value))
            {
                return null;
            }

            bytes.Add(value);
        }

        return Convert.ToHexStringLower(bytes.ToArray());
    }

    private static byte[] Number(int value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
}
