using System.Text;
using System.Text.Json;

namespace Tidegate.Indexer.Tests.Messages;

/// <summary>The recorded frames beside the project, where they are present. Not copied into it.</summary>
internal static class RecordedData
{
    public static IEnumerable<(string File, string Name, byte[] Frame)> Rows(string pattern)
    {
        var folder = Folder();
        Assert.SkipWhen(folder is null, "no recorded frames: ../shared/data/recorded is not there");
        foreach (var file in Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(file).Where(l => l.Length > 0))
            {
                using var document = JsonDocument.Parse(line);
                yield return (Path.GetFileName(file), document.RootElement.GetProperty("name").GetString()!, Encoding.UTF8.GetBytes(document.RootElement.GetProperty("frame").GetRawText()));
            }
        }
    }

    private static string? Folder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Tidegate.slnx")))
            {
                var folder = Path.Combine(at.FullName, "..", "shared", "data", "recorded");
                return Directory.Exists(folder) ? folder : null;
            }
        }

        return null;
    }
}

/// <summary>Whether two JSON values say the same: scalars by their text, absent like null, fields in any order.</summary>
internal static class JsonSense
{
    public static string? Difference(JsonElement left, JsonElement right, string path = "$")
    {
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            return left.EnumerateObject().Concat(right.EnumerateObject()).Select(p => p.Name).Distinct()
                .Select(name => Difference(Get(left, name), Get(right, name), $"{path}.{name}")).FirstOrDefault(d => d is not null);
        }

        if (left.ValueKind == JsonValueKind.Array && right.ValueKind == JsonValueKind.Array)
        {
            return left.GetArrayLength() != right.GetArrayLength()
                ? $"{path}: {left.GetArrayLength()} and {right.GetArrayLength()} items"
                : left.EnumerateArray().Zip(right.EnumerateArray()).Select((pair, i) => Difference(pair.First, pair.Second, $"{path}[{i}]")).FirstOrDefault(d => d is not null);
        }

        return Text(left) == Text(right) ? null : $"{path}: {Text(left)} and {Text(right)}";
    }

    private static JsonElement Get(JsonElement value, string name) => value.TryGetProperty(name, out var field) ? field : default;

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };
}
