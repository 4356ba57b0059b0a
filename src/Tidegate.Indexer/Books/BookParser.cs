using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Books;

/// <summary>One entry of a book frame. <see cref="Order"/> counts entries in the order they stood in the frame.</summary>
internal readonly record struct BookEntry(decimal Price, decimal Size, int Order);

/// <summary>
/// Parses the contents of a book frame wholly before anything is applied: pairs (<c>["price","size"]</c>) or objects (<c>{price,size}</c>).
/// </summary>
/// <remarks>Its lists are reused, so that parsing allocates nothing once they have grown.</remarks>
internal sealed class BookParser
{
    /// <summary>The frame's bids as they stood.</summary>
    public List<BookEntry> Bids { get; } = [];

    /// <summary>The frame's asks as they stood.</summary>
    public List<BookEntry> Asks { get; } = [];

    private int order;

    /// <summary>Parses; false when anything does not fit: a price that is not above zero, a negative size, a number that cannot be held exactly.</summary>
    public bool TryParse(ReadOnlySpan<byte> contents)
    {
        Clear();
        if (TryReadPlain(contents))
        {
            return true;
        }

        Clear();
        return TryRead(contents, many: false);
    }

    /// <summary>Parses an array of updates as one, its entries in the order in which they stand; false when any of them does not fit.</summary>
    public bool TryParseAll(ReadOnlySpan<byte> updates)
    {
        Clear();
        return TryRead(updates, many: true);
    }

    private void Clear()
    {
        Bids.Clear();
        Asks.Clear();
        order = 0;
    }

    private bool TryRead(ReadOnlySpan<byte> text, bool many)
    {
        try
        {
            var reader = new Utf8JsonReader(text);
            return many ? ReadMany(ref reader) : Read(ref reader);
        }
        catch (JsonException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            // Escapes that are no text.
            return false;
        }
    }

    // What the Indexer sends today, {"bids":[["1","2"],…],"asks":[…]} and in snapshots {"bids":[{"price":"1","size":"2"},…],…}, with no blank in
    // it, in one pass over the bytes: the tokens of the general way cost more than the book does. False for whatever differs in the least: then the general way decides.
    private bool TryReadPlain(ReadOnlySpan<byte> text)
    {
        if (text.Length < 2 || text[0] != '{' || text[^1] != '}')
        {
            return false;
        }

        text = text[1..^1];
        var (hasBids, hasAsks) = (false, false);
        while (true)
        {
            List<BookEntry> side;
            if (!hasBids && text.StartsWith("\"bids\":["u8))
            {
                (side, hasBids) = (Bids, true);
            }
            else if (!hasAsks && text.StartsWith("\"asks\":["u8))
            {
                (side, hasAsks) = (Asks, true);
            }
            else
            {
                return false;
            }

            text = text["\"bids\":["u8.Length..];
            if (!ReadPlainSide(ref text, side))
            {
                return false;
            }

            if (text.IsEmpty)
            {
                return true;
            }

            if (text[0] != ',')
            {
                return false;
            }

            text = text[1..];
        }
    }

    // Goes on behind the closing bracket.
    private bool ReadPlainSide(ref ReadOnlySpan<byte> text, List<BookEntry> side)
    {
        if (text.StartsWith("]"u8))
        {
            text = text[1..];
            return true;
        }

        while (true)
        {
            var isPair = text.StartsWith("[\""u8);
            if (!isPair && !text.StartsWith("{\"price\":\""u8))
            {
                return false;
            }

            text = text[(isPair ? "[\""u8 : "{\"price\":\""u8).Length..];
            var between = isPair ? ",\""u8 : ",\"size\":\""u8;
            if (!ReadPlainNumber(ref text, out var price) || !text.StartsWith(between))
            {
                return false;
            }

            text = text[between.Length..];
            if (!ReadPlainNumber(ref text, out var size) || price <= 0m || size < 0m || text.Length < 2 || text[0] != (isPair ? ']' : '}'))
            {
                return false;
            }

            side.Add(new BookEntry(DecimalText.Canonical(price), size, order++));
            var next = text[1];
            text = text[2..];
            if (next != ',')
            {
                return next == ']';
            }
        }
    }

    // Goes on behind the closing quote.
    private static bool ReadPlainNumber(ref ReadOnlySpan<byte> text, out decimal value)
    {
        var read = DecimalText.ReadPlain(text, negative: false, out value);
        if (read > 0 && read < text.Length && text[read] == '"')
        {
            text = text[(read + 1)..];
            return true;
        }

        var end = text.IndexOf((byte)'"');
        if (end < 0 || !DecimalText.TryParse(text[..end], out value))
        {
            value = 0m;
            return false;
        }

        text = text[(end + 1)..];
        return true;
    }

    private bool Read(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.StartObject && ReadSides(ref reader, append: false) && !reader.Read();

    private bool ReadMany(ref Utf8JsonReader reader)
    {
        var fits = reader.Read() && reader.TokenType == JsonTokenType.StartArray;
        while (fits && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            fits = reader.TokenType == JsonTokenType.StartObject && ReadSides(ref reader, append: true);
        }

        return fits;
    }

    private bool ReadSides(ref Utf8JsonReader reader, bool append)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var side = reader.ValueTextEquals("bids"u8) ? Bids : reader.ValueTextEquals("asks"u8) ? Asks : null;
            reader.Read();
            if (side is null)
            {
                reader.Skip();
            }
            else if (!ReadSide(ref reader, side, append))
            {
                return false;
            }
        }

        return reader.TokenType == JsonTokenType.EndObject;
    }

    private bool ReadSide(ref Utf8JsonReader reader, List<BookEntry> side, bool append)
    {
        if (!append)
        {
            side.Clear();
        }

        if (reader.TokenType == JsonTokenType.Null)
        {
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            decimal price;
            decimal size;
            var fits = reader.TokenType switch
            {
                JsonTokenType.StartArray => ReadPair(ref reader, out price, out size),
                JsonTokenType.StartObject => ReadObject(ref reader, out price, out size),
                _ => Nothing(out price, out size),
            };
            if (!fits || price <= 0m || size < 0m)
            {
                return false;
            }

            side.Add(new BookEntry(DecimalText.Canonical(price), size, order++));
        }

        return true;
    }

    private static bool ReadPair(ref Utf8JsonReader reader, out decimal price, out decimal size)
    {
        size = 0m;
        reader.Read();
        if (!ReadNumber(ref reader, out price))
        {
            return false;
        }

        reader.Read();
        if (!ReadNumber(ref reader, out size))
        {
            return false;
        }

        // Older protocols put an offset behind the size.
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            reader.Skip();
        }

        return true;
    }

    private static bool ReadObject(ref Utf8JsonReader reader, out decimal price, out decimal size)
    {
        Nothing(out price, out size);
        var (hasPrice, hasSize) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("price"u8))
            {
                reader.Read();
                hasPrice = ReadNumber(ref reader, out price);
                if (!hasPrice)
                {
                    return false;
                }
            }
            else if (reader.ValueTextEquals("size"u8))
            {
                reader.Read();
                hasSize = ReadNumber(ref reader, out size);
                if (!hasSize)
                {
                    return false;
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return hasPrice && hasSize;
    }

    private static bool ReadNumber(ref Utf8JsonReader reader, out decimal value)
    {
        value = 0m;
        return reader.TokenType switch
        {
            JsonTokenType.String when reader.ValueIsEscaped => DecimalText.TryParse(Encoding.UTF8.GetBytes(reader.GetString()!), out value),
            JsonTokenType.String or JsonTokenType.Number => DecimalText.TryParse(reader.ValueSpan, out value),
            _ => false,
        };
    }

    private static bool Nothing(out decimal price, out decimal size)
    {
        (price, size) = (0m, 0m);
        return false;
    }
}
