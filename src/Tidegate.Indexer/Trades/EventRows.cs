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

    /// <summary>A trade of the public tape, as it is. Null when it has no usable id.</summary>
    public static EventRow? Trade(JsonElement trade)
    {
        if (JsonRow.From(trade) is not { } row || row.Text("id") is not { Length: > 0 } id)
        {
            return null;
        }

        return new EventRow(id, HeightOf(row, id), row.Text("createdAt") ?? "", row.ToBytes());
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
        return new EventRow(id, HeightOf(row, row.Text("eventId") ?? ""), row.Text("createdAt") ?? "", row.ToBytes());
    }

    /// <summary>A transfer, from a frame (no id) or from REST. Its <see cref="EventRow.Id"/> is REST's id or else the empty string.</summary>
    public static EventRow? Transfer(JsonElement transfer, int subaccountNumber)
    {
        if (JsonRow.From(transfer) is not { Fields.Count: > 0 } row)
        {
            return null;
        }

        row.Set("subaccountNumber", Number(subaccountNumber));
        return new EventRow(row.Text("id") ?? "", HeightOf(row, ""), row.Text("createdAt") ?? "", row.ToBytes())
        {
            Identity = TransferIdentity(transfer),
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

        // ISO texts of one service sort as their times do; nothing is known of an absent one.
        return left.CreatedAt.Length == 0 || right.CreatedAt.Length == 0 ? 0 : string.CompareOrdinal(left.CreatedAt, right.CreatedAt);
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
