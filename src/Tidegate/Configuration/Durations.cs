using System.Globalization;

namespace Tidegate.Configuration;

/// <summary>Durations as people write them: <c>00:00:15</c>, <c>3.00:00:00</c>, or a number with ms, s, m, h or d.</summary>
public static class Durations
{
    private static readonly (string Suffix, TimeSpan Unit)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a duration. A bare number is refused: <see cref="TimeSpan"/> would take it for days.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        text = text.Trim();
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
        }

        duration = default;
        foreach (var (suffix, unit) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            {
                var fits = count <= TimeSpan.MaxValue.Ticks / unit.Ticks;
                duration = fits ? TimeSpan.FromTicks((long)(count * unit.Ticks)) : default;
                return fits;
            }
        }

        return false;
    }

    /// <summary>The shortest spelling of a duration, such as <c>30d</c> or <c>00:01:30</c>.</summary>
    public static string Describe(TimeSpan duration)
    {
        for (var i = Units.Length - 1; i >= 0; i--)
        {
            var (suffix, unit) = Units[i];
            if (duration >= unit && duration.Ticks % unit.Ticks == 0)
            {
                return (duration.Ticks / unit.Ticks).ToString(CultureInfo.InvariantCulture) + suffix;
            }
        }

        return duration.ToString("c", CultureInfo.InvariantCulture);
    }
}
