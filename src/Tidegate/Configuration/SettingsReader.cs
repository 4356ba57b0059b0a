using System.Globalization;
using System.Text;

namespace Tidegate.Configuration;

/// <summary>Reads every setting from file, environment and command line, the later over the earlier, and validates all of it.</summary>
/// <remarks>Pure but for the file it is pointed to.</remarks>
public static class SettingsReader
{
    private const int MostEntries = 256;

    private static readonly Dictionary<string, SettingRule> Rules = SettingCatalogue.All.ToDictionary(r => r.Key, StringComparer.OrdinalIgnoreCase);

    /// <summary>Every key that can be set; <c>*</c> stands for an index.</summary>
    public static IEnumerable<string> Keys => SettingCatalogue.All.Select(r => r.Key);

    /// <summary>Reads and validates.</summary>
    /// <exception cref="SettingsException">A key is unknown or a value not allowed; says which, where, and what is.</exception>
    public static TidegateOptions Load(string? file, IEnumerable<KeyValuePair<string, string>> environment, IEnumerable<SettingValue> commandLine)
    {
        IEnumerable<SettingValue> fromFile = file is null ? [] : SettingsFile.Read(file, SettingCatalogue.Sections);
        var options = new TidegateOptions();
        SettingValue[] values = [.. fromFile, .. SettingValue.FromEnvironment(environment), .. commandLine];
        foreach (var value in values)
        {
            Apply(options, value);
        }

        CheckTogether(options);
        return options;
    }

    private static void Apply(TidegateOptions options, SettingValue value)
    {
        var (key, index) = Pattern(value.Key);
        if (!Rules.TryGetValue(key, out var rule))
        {
            throw new SettingsException($"{Where(value)}: unknown key \"Tidegate:{value.Key}\"{Suggestion(value.Key)}");
        }

        if (index >= MostEntries)
        {
            throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"{Where(value)}: at most {MostEntries} entries are allowed"));
        }

        if (!rule.Apply(options, index, value.Value))
        {
            var shown = rule.Secret
                ? string.Create(CultureInfo.InvariantCulture, $"(hidden, {Encoding.UTF8.GetByteCount(value.Value)} bytes)")
                : $"\"{OneLine(value.Value)}\"";
            throw new SettingsException($"{Where(value)} = {shown}: {rule.Allowed}");
        }
    }

    private static void CheckTogether(TidegateOptions options)
    {
        var indexer = options.Indexer;
        if (indexer.WebSocketUrl is null != indexer.RestUrl is null)
        {
            var (given, value, missing) = indexer.WebSocketUrl is { } socket
                ? ("Indexer:WebSocketUrl (--ws-url)", socket, "Indexer:RestUrl (--rest-url)")
                : ("Indexer:RestUrl (--rest-url)", indexer.RestUrl!, "Indexer:WebSocketUrl (--ws-url)");
            throw new SettingsException($"Tidegate:{given} = \"{value}\": it is allowed only together with Tidegate:{missing}");
        }

        if (options.Reconnect.MaxDelay < options.Reconnect.InitialDelay)
        {
            throw new SettingsException($"Tidegate:Reconnect:MaxDelay = \"{options.Reconnect.MaxDelay:c}\": at least Reconnect:InitialDelay ({options.Reconnect.InitialDelay:c}) is allowed");
        }

        for (var i = 0; i < indexer.Fallbacks.Count; i++)
        {
            if (indexer.Fallbacks[i].WebSocketUrl.Length == 0 || indexer.Fallbacks[i].RestUrl.Length == 0)
            {
                throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"Tidegate:Indexer:Fallbacks:{i}: both WebSocketUrl and RestUrl are needed"));
            }
        }

        foreach (var (name, list) in new[] { ("AllowedOrigins", options.Access.AllowedOrigins), ("AllowedHosts", options.Access.AllowedHosts) })
        {
            if (list.IndexOf("") is >= 0 and var hole)
            {
                throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"Tidegate:Access:{name}:{hole}: entries are numbered from 0 without a hole; this one is missing"));
            }
        }
    }

    /// <summary>The key with its index, if it has one, replaced by a star.</summary>
    private static (string Key, int Index) Pattern(string key)
    {
        var parts = key.Split(':');
        var at = Array.FindIndex(parts, p => p.Length > 0 && p.All(char.IsAsciiDigit));
        if (at < 0)
        {
            return (key, 0);
        }

        var index = int.TryParse(parts[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
        parts[at] = "*";
        return (string.Join(':', parts), index);
    }

    private static string Suggestion(string key)
    {
        if (Rules.Keys.Any(k => k.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
        {
            return "; it is a group of settings, such as \"" + Rules.Keys.First(k => k.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)) + "\"";
        }

        // The last part may stand in the wrong section: QueueFrames alone, or Access:QueueFrames
        var last = key.Split(':')[^1];
        var sameName = Rules.Keys.FirstOrDefault(k => k.EndsWith(":" + last, StringComparison.OrdinalIgnoreCase));
        var near = sameName ?? Spelling.Nearest(Pattern(key).Key, Rules.Keys)
            ?? Rules.Keys.MinBy(k => Spelling.Distance(k, key));
        return $"; did you mean \"{near}\"?";
    }

    private static string Where(SettingValue value) =>
        value.Origin.StartsWith("--", StringComparison.Ordinal) ? value.Origin : $"Tidegate:{value.Key} ({value.Origin})";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ") is { Length: > 120 } l ? l[..120] + "…" : text.ReplaceLineEndings(" ");
}
