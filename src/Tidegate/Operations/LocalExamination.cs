using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tidegate.Configuration;

namespace Tidegate.Operations;

/// <summary>The checks of <c>doctor</c> that need no network: configuration, data folder, limits, ports.</summary>
internal static class LocalExamination
{
    /// <summary>Runs them. Settings were validated before.</summary>
    public static IEnumerable<Finding> Run(TidegateOptions options, string network, IReadOnlyList<string> urls, DataFolder data)
    {
        yield return Configuration(options, network, urls);
        yield return Folder(data);
        yield return Key(options.Access, data);
        yield return Files(options.Sessions.MaxConnections);
        foreach (var url in urls)
        {
            yield return Port(url);
        }
    }

    private static Finding Configuration(TidegateOptions options, string network, IReadOnlyList<string> urls)
    {
        var far = urls.Any(u => ListenAddresses.HostOf(u) is var host && host != "localhost" && !(IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip)));
        var open = options.Access.Mode == "open";
        return new Finding("configuration", true, $"network {network}, access {options.Access.Mode}",
            open && far ? "everybody who reaches this machine may read every account: Access:Mode=token asks for tokens" : null);
    }

    private static Finding Folder(DataFolder data)
    {
        try
        {
            data.Ensure();
            var probe = Path.Combine(data.Path, $".probe.{Guid.NewGuid():N}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            var free = new DriveInfo(data.Path).AvailableFreeSpace >> 20;
            return free >= 1024
                ? new Finding("data folder", true, string.Create(CultureInfo.InvariantCulture, $"{data.Path} can be written, {free} MB free"))
                : new Finding("data folder", false, string.Create(CultureInfo.InvariantCulture, $"{data.Path} has {free} MB free"), "make room, or name another by --set Data=FOLDER");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Finding("data folder", false, $"{data.Path}: {e.Message}", "give this user the folder, or name another by --set Data=FOLDER");
        }
    }

    private static Finding Key(AccessSettings access, DataFolder data)
    {
        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (access.SigningKey is not null || access.Authority is not null)
        {
            return new Finding("signing key", true, access.SigningKey is not null ? "from the settings" : "tokens come from " + access.Authority);
        }

        if (!File.Exists(data.KeyFile))
        {
            return new Finding("signing key", true, "none yet; it is made at the first start");
        }

        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(data.KeyFile) & Others) == 0
            ? new Finding("signing key", true, data.KeyFile)
            : new Finding("signing key", false, data.KeyFile + " can be read by others", $"chmod 600 \"{data.KeyFile}\", and remove it for a new one if somebody may have read it");
    }

    private static Finding Files(int connections)
    {
        const string Limits = "/proc/self/limits";
        const int Others = 256; // the runtime's, the store's and the upstream's own
        var line = File.Exists(Limits) ? File.ReadLines(Limits).FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal)) : null;
        var hard = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(4);
        if (hard is null || !long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var files))
        {
            return new Finding("limits", true, "open files: no limit known here");
        }

        return files >= connections + Others
            ? new Finding("limits", true, string.Create(CultureInfo.InvariantCulture, $"{files} open files for {connections} connections"))
            : new Finding("limits", false, string.Create(CultureInfo.InvariantCulture, $"{files} open files, {connections + Others} needed for Sessions:MaxConnections={connections}"),
                "raise the limit (ulimit -n, or LimitNOFILE= in the unit), or lower Sessions:MaxConnections");
    }

    private static Finding Port(string url)
    {
        var host = ListenAddresses.HostOf(url);
        try
        {
            var address = host == "*" ? IPAddress.Any : host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(host, out var ip) ? ip : IPAddress.Any;
            using var listener = new TcpListener(address, ListenAddresses.PortOf(url));
            listener.Start();
            return new Finding("port", true, url + " is free");
        }
        catch (SocketException e)
        {
            return new Finding("port", false, $"{url}: {e.Message}", "stop what listens there (a running gateway, perhaps), or choose another by --urls");
        }
    }
}
