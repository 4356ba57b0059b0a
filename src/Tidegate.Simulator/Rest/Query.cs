using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Tidegate.Simulator.Rest;

/// <summary>An answer that is an error, in the server's words.</summary>
internal sealed class RestRefusal(int status, string message, string? parameter = null, string location = "query", JsonElement? value = null) : Exception(message)
{
    public int Status => status;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("errors");
        json.WriteStartObject();
        if (value is { } some)
        {
            json.WritePropertyName("value");
            some.WriteTo(json);
        }
        json.WriteString("msg", Message);
        if (parameter is not null)
        {
            json.WriteString("param", parameter);
            json.WriteString("location", location);
        }
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>Which part of a list is asked for.</summary>
internal sealed record Paging(int Limit, int? Page = null, DateTimeOffset? Before = null, long? BeforeHeight = null)
{
    public bool Covers(DateTimeOffset at, long height) => (Before is null || at <= Before) && (BeforeHeight is null || height <= BeforeHeight);
}

/// <summary>The query of a request; names are case-sensitive as they are there.</summary>
internal sealed class Query
{
    private const int Most = 1000;
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public Query(IQueryCollection query)
    {
        foreach (var (name, value) in query) values[name] = value.ToString();
    }

    public string? Text(string name) => values.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    public List<string>? Texts(string name) => Text(name)?.Split(',').ToList();

    public int Limit()
    {
        if (Text("limit") is not { } text) return Most;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= Most) return limit;
        throw new RestRefusal(400, $"limit must be a positive integer that is not greater than max: {Most}", "limit", value: Value(text));
    }

    public int? Page()
    {
        if (Text("page") is not { } text) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var page) && page >= 1) return page;
        throw new RestRefusal(400, "page must be a positive integer", "page", value: Value(text));
    }

    /// <summary>Limit, page and cursor; where the server ignores cursors, so does this.</summary>
    public Paging Paging(bool cursor = true) => new(Limit(), Page(), cursor ? Time("createdBeforeOrAt") : null, cursor ? Height("createdBeforeOrAtHeight") : null);

    public long? Height(string name)
    {
        if (Text(name) is not { } text) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var height)
            ? height
            : throw new RestRefusal(400, $"{name} must be a non-negative integer", name, value: Value(text));
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new RestRefusal(400, $"{name} must be a valid ISO 8601 date", name, value: Value(text));
    }

    public string Address() => Text("address") ?? throw new RestRefusal(400, "address must be a valid dydx address", "address", "params");

    public int Subaccount() => Number("subaccountNumber", "subaccountNumber must be a non-negative integer less than 128001", 128_000);

    public int Parent() => Number("parentSubaccountNumber", "parentSubaccountNumber must be a non-negative integer less than 128", Ledger.Subaccount.Parents - 1);

    public static JsonElement Value(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? JsonSerializer.SerializeToElement(number)
        : JsonSerializer.SerializeToElement(text);

    private int Number(string name, string message, int most) =>
        int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw new RestRefusal(400, message, name, "params");
}
