using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Tidegate.Tests;

/// <summary>What a program said and how it ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Both streams.</summary>
    public string All => Output + Errors;
}

/// <summary>Programs that are not ours: Node, Python, the .NET command line.</summary>
internal static class Tool
{
    /// <summary>Runs one to its end; killed with all that it started when it takes too long.</summary>
    public static Task<ToolResult> RunAsync(TimeSpan atMost, string folder, string program, params string[] arguments) =>
        RunAsync(atMost, folder, [], program, arguments);

    /// <summary>The same with more in its environment.</summary>
    public static async Task<ToolResult> RunAsync(TimeSpan atMost, string folder, (string Name, string Value)[] environment, string program, params string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(atMost);
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            Environment = { ["NO_COLOR"] = "1" },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new ToolResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Skips the test where there is no Node.</summary>
    public static async Task NeedsNodeAsync(string folder)
    {
        try
        {
            Assert.Equal(0, (await RunAsync(TimeSpan.FromMinutes(1), folder, "node", ["--version"])).ExitCode);
        }
        catch (Win32Exception)
        {
            Assert.Skip("Node.js was not found.");
        }
    }
}
