using System.Text.Json;

namespace Tidegate.Configuration;

/// <summary>The JSON file of <c>--config</c>: flattens the section <c>Tidegate</c> into keys and values. Comments and trailing commas are allowed.</summary>
internal static class SettingsFile
{
    private static readonly JsonDocumentOptions Reading = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        MaxDepth = 16,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="SettingsException">It cannot be read, is no JSON, or has Tidegate's settings in the wrong place.</exception>
    public static List<SettingValue> Read(string path, IReadOnlyCollection<string> sections)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream, Reading);
            return Flatten(document.RootElement, path, sections);
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is { } line ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", line {line + 1}") : "";
            throw new SettingsException($"--config \"{path}\"{place}: not JSON that can be read ({OneLine(e.Message)})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"--config \"{path}\": a readable JSON file is allowed ({OneLine(e.Message)})");
        }
    }

    private static List<SettingValue> Flatten(JsonElement root, string path, IReadOnlyCollection<string> sections)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new SettingsException($"--config \"{path}\": an object with the section \"Tidegate\" is allowed");
        }

        var values = new List<SettingValue>();
        foreach (var member in root.EnumerateObject())
        {
            if (string.Equals(member.Name, "Tidegate", StringComparison.OrdinalIgnoreCase))
            {
                if (member.Value.ValueKind != JsonValueKind.Object)
                {
                    throw new SettingsException($"--config \"{path}\", Tidegate: an object with settings is allowed");
                }

                Walk(member.Value, "", path, values);
            }
            else if (sections.Contains(member.Name, StringComparer.OrdinalIgnoreCase))
            {
                throw new SettingsException($"--config \"{path}\", key \"{member.Name}\": settings belong below \"Tidegate\", as {{\"Tidegate\":{{\"{member.Name}\":…}}}}");
            }
            else if (Spelling.Distance(member.Name, "Tidegate") <= 2)
            {
                throw new SettingsException($"--config \"{path}\", key \"{member.Name}\" is unknown; did you mean \"Tidegate\"?");
            }
        }

        return values;
    }

    private static void Walk(JsonElement element, string key, string path, List<SettingValue> values)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    Walk(member.Value, key.Length == 0 ? member.Name : key + ":" + member.Name, path, values);
                }

                break;
            case JsonValueKind.Array when element.GetArrayLength() == 0:
                values.Add(new SettingValue(key, "", path));
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Walk(item, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{key}:{index++}"), path, values);
                }

                break;
            case JsonValueKind.Null:
                break;
            default:
                values.Add(new SettingValue(key, element.ToString(), path));
                break;
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
