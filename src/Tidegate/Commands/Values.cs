using System.Globalization;
using Tidegate.Access;
using Tidegate.Configuration;

namespace Tidegate.Commands;

/// <summary>Reads the values of options, each refusal naming option, value and what is allowed.</summary>
internal static class Values
{
    /// <summary>A whole number in a range.</summary>
    public static int Whole(string option, string? text, int otherwise, int least, int most) =>
        text is null ? otherwise
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"{option} \"{text}\": a whole number from {least} to {most} is allowed"));

    /// <summary>A number in a range.</summary>
    public static double Number(string option, string? text, double otherwise, double least, double most) =>
        text is null ? otherwise
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw new SettingsException(string.Create(CultureInfo.InvariantCulture, $"{option} \"{text}\": a number from {least} to {most} is allowed"));

    /// <summary>A lifetime such as 30d.</summary>
    public static TimeSpan Lifetime(string option, string? text, TimeSpan otherwise)
    {
        var most = TimeSpan.FromDays(3650);
        return text is null ? otherwise
            : Durations.TryParse(text, out var value) && value >= TimeSpan.FromSeconds(1) && value <= most ? value
            : throw new SettingsException($"{option} \"{text}\": a number with s, m, h or d is allowed, from 1s to {Durations.Describe(most)}, such as 12h");
    }

    /// <summary>An address with its checksum.</summary>
    public static string Address(string option, string text) =>
        DydxAddress.IsValid(text) ? text
        : throw new SettingsException($"{option} \"{text}\": a dYdX address is allowed, dydx1… with a right checksum");

    /// <summary>A web address of one of the schemes.</summary>
    public static Uri Url(string option, string text, params string[] schemes) =>
        WebAddress.TryParse(text, schemes, out var url) ? url
        : throw new SettingsException($"{option} \"{text}\": an address with {string.Join(" or ", schemes.Select(s => s + "://"))} is allowed");
}
