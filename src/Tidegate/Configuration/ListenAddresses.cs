namespace Tidegate.Configuration;

/// <summary>What <c>--urls</c> says: where a server listens.</summary>
public static class ListenAddresses
{
    /// <summary>Where the gateway listens unless told otherwise.</summary>
    public const string GatewayDefault = "http://127.0.0.1:8000";

    /// <summary>Where <c>simulate</c> listens unless told otherwise.</summary>
    public const string SimulatorDefault = "http://127.0.0.1:8001";

    /// <summary>Reads addresses separated by semicolons. <c>*</c> and <c>+</c> as host stand for every interface, port 0 for any free one.</summary>
    /// <exception cref="SettingsException">One of them is no address to listen on.</exception>
    public static IReadOnlyList<string> Parse(string text)
    {
        var urls = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return urls.Length > 0 && urls.All(IsUsable)
            ? urls
            : throw new SettingsException($"--urls \"{text}\": http://HOST:PORT is allowed, several separated by a semicolon; for https put a proxy in front");
    }

    /// <summary>The host of one of them; <c>*</c> for every interface.</summary>
    public static string HostOf(string url)
    {
        var host = WebAddress.Host(AsUri(url).Host);
        return url.StartsWith("http://*", StringComparison.Ordinal) || url.StartsWith("http://+", StringComparison.Ordinal) || host is "0.0.0.0" or "::" ? "*" : host;
    }

    /// <summary>The port of one of them.</summary>
    public static int PortOf(string url) => AsUri(url).Port;

    /// <summary>One of them as an address, every interface as <c>0.0.0.0</c>.</summary>
    public static Uri AsUri(string url) => new(Probe(url));

    private static bool IsUsable(string url) =>
        WebAddress.TryParse(Probe(url), ["http"], out var address) && address.AbsolutePath == "/";

    private static string Probe(string url) =>
        url.Replace("//*", "//0.0.0.0", StringComparison.Ordinal).Replace("//+", "//0.0.0.0", StringComparison.Ordinal);
}
