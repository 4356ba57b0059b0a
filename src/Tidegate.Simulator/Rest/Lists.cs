using System.Text.Json;

namespace Tidegate.Simulator.Rest;

/// <summary>How lists of chain events are cut and ordered (protocol.md 4).</summary>
internal static class Lists
{
    /// <summary>With a page: oldest first by event id, with totals. Without: newest height first, inside a height in no order.</summary>
    public static void Events<T>(Utf8JsonWriter json, string name, List<T> all, Paging paging, Func<T, string> id, Func<T, long> height, Action<T> write)
    {
        IEnumerable<T> cut = paging.Page is { } page
            ? all.OrderBy(id, StringComparer.Ordinal).Skip((page - 1) * paging.Limit).Take(paging.Limit)
            : all.OrderByDescending(height).ThenBy(e => Scattered(id(e))).Take(paging.Limit);
        Whole(json, name, cut, paging, all.Count, write);
    }

    /// <summary>Newest first, with a page too.</summary>
    public static void Newest<T>(Utf8JsonWriter json, string name, List<T> newestFirst, Paging paging, Action<T> write) =>
        Whole(json, name, newestFirst.Skip(((paging.Page ?? 1) - 1) * paging.Limit).Take(paging.Limit), paging, newestFirst.Count, write);

    private static void Whole<T>(Utf8JsonWriter json, string name, IEnumerable<T> rows, Paging paging, int total, Action<T> write)
    {
        json.WriteStartObject();
        if (paging.Page is { } page)
        {
            json.WriteNumber("pageSize", paging.Limit);
            json.WriteNumber("totalResults", total);
            json.WriteNumber("offset", (page - 1) * paging.Limit);
        }
        json.WriteStartArray(name);
        foreach (var row in rows) write(row);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static uint Scattered(string id)
    {
        var hash = 2166136261;
        foreach (var letter in id) hash = (hash ^ letter) * 16777619;
        return hash;
    }
}
