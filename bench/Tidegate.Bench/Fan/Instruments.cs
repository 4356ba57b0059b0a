using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Tidegate.Bench.Fan;

/// <summary>One run of the load program: what it counted, and what the server's process had of CPU and memory.</summary>
internal sealed record FanRun(double DeliveriesPerSecond, double CpuMicroseconds, double MedianMicroseconds, double P99Microseconds, long Gaps, long Closed);

/// <summary>
/// The load program and the floor, C programs that lie beside the repository in <c>../shared/bench</c>, or where <c>TG_FAN_BENCH</c> says; built by gcc
/// into a temporary folder.
/// </summary>
internal sealed partial class Instruments : IDisposable
{
    private readonly TemporaryFolder built = new();

    private Instruments(string sources)
    {
        Build("gcc", "-O2", "-pthread", "-w", "-o", Load, Path.Combine(sources, "fan.c"));
        Build("gcc", "-O2", "-pthread", "-w", "-o", Floor, Path.Combine(sources, "floor.c"), "-luring", "-lcrypto");
    }

    public string Floor => Path.Combine(built.Path, "floor");

    private string Load => Path.Combine(built.Path, "fan");

    /// <summary>The instruments, or null with the reason why they are not to be had.</summary>
    public static Instruments? Find(out string why)
    {
        why = "";
        if (!OperatingSystem.IsLinux())
        {
            why = "needs Linux";
            return null;
        }

        var folder = Environment.GetEnvironmentVariable("TG_FAN_BENCH") is { Length: > 0 } given ? given : Beside();
        if (folder is null || !File.Exists(Path.Combine(folder, "fan.c")))
        {
            why = "fan.c and floor.c are neither in ../shared/bench nor where TG_FAN_BENCH says";
            return null;
        }

        try
        {
            return new Instruments(folder);
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception)
        {
            why = "gcc with liburing-dev and libssl-dev is needed: " + e.Message;
            return null;
        }
    }

    /// <summary>Puts 1,000 clients, or as many as are given, on a server and publishes; counts after the warm-up.</summary>
    public FanRun Run(FanServer server, Scenario scenario, double warm, double seconds, int clients = 1000)
    {
        string[] arguments =
        [
            "-name", server.Name, "-n", Text(clients), "-pids", Text(server.Process.Id), "-port", Text(server.Port), "-pport", Text(server.PublishPort),
            "-size", Text(Scenario.PayloadBytes), "-warm", Text(warm), "-secs", Text(seconds), .. server.Arguments, .. scenario.Arguments,
        ];
        var told = Start(Load, arguments);
        var figures = Figures().Match(told);
        if (!figures.Success)
        {
            throw new IOException($"{server.Name}: the load program said: {told}");
        }

        double At(string group) => double.Parse(figures.Groups[group].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture);
        return new FanRun(At("rate"), At("cpu"), At("median"), At("p99"), (long)At("gaps"), (long)At("closed"));
    }

    public void Dispose() => built.Dispose();

    private static string? Beside()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tidegate.slnx")))
            {
                return Path.Combine(folder.FullName, "..", "shared", "bench");
            }
        }

        return null;
    }

    private static void Build(string program, params string[] arguments)
    {
        var told = Start(program, arguments);
        if (!File.Exists(arguments[Array.IndexOf(arguments, "-o") + 1]))
        {
            throw new IOException(told);
        }
    }

    private static string Start(string file, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var wrong = process.StandardError.ReadToEndAsync();
        var told = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
#pragma warning disable VSTHRD002 // its process has ended
        return told + wrong.Result;
#pragma warning restore VSTHRD002
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    // … del/s 99585 | srv us/del 10.270 (…) … | lat us p50 14950 p99 33587 … | … gaps 0 closed 0 | …
    [GeneratedRegex(@"del/s (?<rate>\S+) \| srv us/del (?<cpu>\S+) .*lat us p50 (?<median>\S+) p99 (?<p99>\S+) .*gaps (?<gaps>\d+) closed (?<closed>\d+)", RegexOptions.Singleline, 1000)]
    private static partial Regex Figures();
}
