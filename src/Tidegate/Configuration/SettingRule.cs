using System.Globalization;

namespace Tidegate.Configuration;

/// <summary>One setting: its key, what it takes in the user's words, and how a text becomes its value.</summary>
/// <param name="Key">Below <c>Tidegate:</c>; <c>*</c> stands for an index.</param>
/// <param name="Allowed">What is allowed, as it stands in an error.</param>
/// <param name="Apply">Sets it from index (0 without one) and text; false when the text is not allowed.</param>
/// <param name="Secret">Whether the value must not be repeated in an error.</param>
internal sealed record SettingRule(string Key, string Allowed, Func<TidegateOptions, int, string, bool> Apply, bool Secret = false)
{
    /// <summary>A word out of a few.</summary>
    public static SettingRule Word(string key, string[] words, Action<TidegateOptions, string> set) =>
        new(key, string.Join(" or ", words) + " is allowed", (o, _, text) =>
        {
            if (words.FirstOrDefault(w => string.Equals(w, text.Trim(), StringComparison.OrdinalIgnoreCase)) is not { } word)
            {
                return false;
            }

            set(o, word);
            return true;
        });

    /// <summary>true or false.</summary>
    public static SettingRule Flag(string key, Action<TidegateOptions, bool> set) =>
        new(key, "true or false is allowed", (o, _, text) =>
        {
            var fine = bool.TryParse(text, out var value);
            if (fine)
            {
                set(o, value);
            }

            return fine;
        });

    /// <summary>A whole number in a range.</summary>
    public static SettingRule Number(string key, long least, long most, Action<TidegateOptions, long> set) =>
        new(key, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most} is allowed"), (o, _, text) =>
        {
            var fine = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most;
            if (fine)
            {
                set(o, value);
            }

            return fine;
        });

    /// <summary>A share, from 0 (itself included or not) to 1.</summary>
    public static SettingRule Share(string key, bool zero, Action<TidegateOptions, double> set) =>
        new(key, zero ? "a number from 0 to 1 is allowed" : "a number above 0, up to 1, is allowed", (o, _, text) =>
        {
            var fine = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value <= 1 && (zero ? value >= 0 : value > 0);
            if (fine)
            {
                set(o, value);
            }

            return fine;
        });

    /// <summary>A duration above zero up to a bound.</summary>
    public static SettingRule Duration(string key, TimeSpan most, Action<TidegateOptions, TimeSpan> set, bool zero = false) =>
        new(key, $"a duration {(zero ? "from 0" : "above 0")} up to {Durations.Describe(most)} is allowed, such as 00:00:15, 1.00:00:00 or 90s", (o, _, text) =>
        {
            var fine = Durations.TryParse(text, out var value) && value <= most && (zero ? value >= TimeSpan.Zero : value > TimeSpan.Zero);
            if (fine)
            {
                set(o, value);
            }

            return fine;
        });

    /// <summary>A text that is checked by <paramref name="canonical"/>, which gives its canonical spelling or null. Empty unsets it where <paramref name="optional"/>.</summary>
    public static SettingRule Text(string key, string allowed, Func<string, string?> canonical, Action<TidegateOptions, string?> set, bool optional = false, bool secret = false) =>
        new(key, allowed, (o, _, text) =>
        {
            var value = optional && text.Length == 0 ? null : canonical(text);
            if (value is null && !(optional && text.Length == 0))
            {
                return false;
            }

            set(o, value);
            return true;
        }, secret);

    /// <summary>A list of texts: entry by entry, or all at once separated by commas.</summary>
    public static IEnumerable<SettingRule> List(string key, string allowed, Func<string, string?> canonical, Func<TidegateOptions, List<string>> of)
    {
        yield return new SettingRule(key + ":*", allowed, (o, index, text) =>
        {
            if (canonical(text) is not { } value)
            {
                return false;
            }

            var list = of(o);
            while (list.Count <= index)
            {
                list.Add("");
            }

            list[index] = value;
            return true;
        });
        yield return new SettingRule(key, allowed, (o, _, text) =>
        {
            var values = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(canonical).ToList();
            if (values.Contains(null))
            {
                return false;
            }

            var list = of(o);
            list.Clear();
            list.AddRange(values!);
            return true;
        });
    }
}
