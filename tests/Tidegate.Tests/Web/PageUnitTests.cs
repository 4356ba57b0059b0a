using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Tidegate.Tests.Web;

/// <summary>Runs the dashboard page's own unit tests, so that <c>dotnet test</c> runs every test there is.</summary>
public sealed class PageUnitTests
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task The_page_passes_its_own_unit_tests()
    {
        var web = WebFolder();
        Assert.SkipWhen(web is null, "The page's sources are not beside this build.");
        Assert.SkipUnless(await HasNodeAsync(web), "Node.js was not found.");

        var install = await RunAsync(web, "node", ["scripts/build.mjs", "install"]);
        Assert.SkipWhen(install.ExitCode == 3, "Node.js is too old for the page's tools.");
        Assert.True(install.ExitCode == 0, install.Output);

        var tests = await RunAsync(web, "node", ["node_modules/vitest/vitest.mjs", "run"]);
        Assert.True(tests.ExitCode == 0, tests.Output);
        TestContext.Current.TestOutputHelper?.WriteLine(tests.Output);
    }

    /// <summary>The nearest <c>web</c> folder beside the solution, upwards from the built tests.</summary>
    private static string? WebFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tidegate.slnx")))
            {
                var web = Path.Combine(folder.FullName, "web");
                return File.Exists(Path.Combine(web, "package.json")) ? web : null;
            }
        }

        return null;
    }

    private static async Task<bool> HasNodeAsync(string web)
    {
        try
        {
            return (await RunAsync(web, "node", ["--version"])).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string folder, string program, string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeLimit);
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
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
