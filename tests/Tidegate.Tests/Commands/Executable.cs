using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tidegate.Tests.Commands;

/// <summary>The built executable beside the tests, run as a process with a data folder of its own.</summary>
internal sealed class Executable : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<Process> processes = [];

    public string Home { get; } = Directory.CreateTempSubdirectory("tidegate-test-").FullName;

    /// <summary>Starts it; the caller reads its streams.</summary>
    public Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "tidegate"), arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["XDG_DATA_HOME"] = Home, ["HOME"] = Home, ["TMPDIR"] = Home },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        processes.Add(process);
        return process;
    }

    /// <summary>Runs it to its end.</summary>
    public async Task<(int Code, string Out, string Error)> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var process = Start(arguments, environment);
        using var patience = new CancellationTokenSource(Patience);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>The next line on standard output that begins so; empty when it ended without one.</summary>
    public static async Task<string> LineAsync(Process process, string start)
    {
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith(start, StringComparison.Ordinal))
            {
                return line;
            }
        }

        return "";
    }

    /// <summary>Asks it to stop, as a service manager does, and returns its code.</summary>
    public static async Task<int> StopAsync(Process process)
    {
        Assert.Equal(0, Kill(process.Id, 15));
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    /// <summary>Waits until an address answers 200.</summary>
    public static async Task<HttpClient> UntilUpAsync(string url)
    {
        var http = new HttpClient { BaseAddress = new Uri(url) };
        for (var begin = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                (await http.GetAsync("/healthz")).EnsureSuccessStatusCode();
                return http;
            }
            catch (HttpRequestException) when (Stopwatch.GetElapsedTime(begin) < Patience)
            {
                await Task.Delay(20);
            }
        }
    }

    public void Dispose()
    {
        foreach (var process in processes)
        {
            if (!process.HasExited)
            {
                process.Kill();
                process.WaitForExit();
            }

            process.Dispose();
        }

        Directory.Delete(Home, recursive: true);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
