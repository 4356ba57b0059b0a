using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Tidegate.Configuration;

/// <summary>The forms of addresses that settings take, and the canonical spelling of an origin.</summary>
public static class WebAddress
{
    /// <summary>An absolute address of one of the schemes, without user, query or fragment.</summary>
    public static bool TryParse(string text, string[] schemes, [NotNullWhen(true)] out Uri? address) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out address)
        && schemes.Contains(address.Scheme, StringComparer.Ordinal)
        && address.Host.Length > 0
        && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0;

    /// <summary>Scheme, host and port in lower case, the port left out where it is the scheme's; null when the text is no origin.</summary>
    public static string? Origin(string text)
    {
        if (!TryParse(text, ["http", "https"], out var address) || address.AbsolutePath != "/")
        {
            return null;
        }

        return Origin(address.Scheme, address.IdnHost, address.IsDefaultPort ? null : address.Port);
    }

    /// <summary>An origin of its parts; <paramref name="port"/> null stands for the scheme's own.</summary>
    public static string Origin(string scheme, string host, int? port)
    {
        scheme = scheme.ToLowerInvariant();
        host = Host(host);
        var name = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        var own = scheme == "https" ? 443 : 80;
        return port is { } p && p != own ? string.Create(CultureInfo.InvariantCulture, $"{scheme}://{name}:{p}") : $"{scheme}://{name}";
    }

    /// <summary>A host name without brackets and final dot, in lower case; IP literals in their canonical spelling.</summary>
    public static string Host(string host)
    {
        host = host.Trim('[', ']').TrimEnd('.').ToLowerInvariant();
        return IPAddress.TryParse(host, out var ip) ? ip.ToString() : host;
    }

    /// <summary>Whether the text is a host name or an IP literal, and nothing beside.</summary>
    public static bool IsHost(string text) => Uri.CheckHostName(text.Trim('[', ']')) is not (UriHostNameType.Unknown or UriHostNameType.Basic);
}
