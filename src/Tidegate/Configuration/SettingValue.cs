namespace Tidegate.Configuration;

/// <summary>A value as somebody wrote it, with the place where it stands.</summary>
/// <param name="Key">The key below <c>Tidegate:</c>, parts joined by a colon, in the writer's own case.</param>
/// <param name="Value">The text.</param>
/// <param name="Origin">The words that name the place: an option, an environment variable, a file's key.</param>
public sealed record SettingValue(string Key, string Value, string Origin)
{
    /// <summary>What <c>--set KEY=VALUE</c> says.</summary>
    /// <exception cref="SettingsException">No equals sign, or no key.</exception>
    public static SettingValue FromAssignment(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new SettingsException($"--set \"{text}\": KEY=VALUE is allowed, such as Sessions:QueueFrames=10");
        }

        var key = WithoutRoot(text[..equals].Trim());
        return new SettingValue(key, text[(equals + 1)..], "--set " + key);
    }

    /// <summary>Every environment variable of the form <c>TIDEGATE__A__B</c>, in any letter case.</summary>
    public static IEnumerable<SettingValue> FromEnvironment(IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach (var (name, value) in variables.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            var key = name.Replace("__", ":", StringComparison.Ordinal);
            if (key.StartsWith(Root, StringComparison.OrdinalIgnoreCase))
            {
                yield return new SettingValue(key[Root.Length..], value, "environment " + name);
            }
        }
    }

    private const string Root = "Tidegate:";

    private static string WithoutRoot(string key) => key.StartsWith(Root, StringComparison.OrdinalIgnoreCase) ? key[Root.Length..] : key;
}
