using System.Text.Json.Nodes;
using Tidegate.Tests.Commands;

namespace Tidegate.Tests.EndToEnd;

/// <summary>The programs under samples/, run as their README says, against the demo: each cuts its own connection again and again.</summary>
public sealed class SampleTests
{
    private const int Events = 30;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string Root = Repository.Root!;

    [Fact]
    public async Task Python_resumes_and_misses_nothing()
    {
        // The system's own: that is where the Debian package lies.
        const string Python = "/usr/bin/python3";
        if (!File.Exists(Python) || (await Tool.RunAsync(Patience, Root, Python, "-c", "import websockets")).ExitCode != 0)
        {
            Assert.Skip("no Python with the package websockets here (Debian: python3-websockets)");
        }

        await FollowAsync(Python, [Path.Combine(Root, "samples", "python", "follow.py")]);
    }

    [Fact]
    public async Task Csharp_resumes_and_misses_nothing() =>
        await FollowAsync("dotnet", ["run", Path.Combine(Root, "samples", "csharp", "follow.cs"), "--"]);

    [Fact]
    public async Task The_pages_own_client_resumes_outside_a_browser_and_misses_nothing()
    {
        var bundler = Path.Combine(Root, "web", "node_modules", ".bin", "rolldown");
        if (!File.Exists(bundler))
        {
            Assert.Skip("the page was not built here: no bundler under web/node_modules");
        }

        var bundle = Path.Combine(Directory.CreateTempSubdirectory("tidegate-sample-").FullName, "follow.mjs");
        var made = await Tool.RunAsync(Patience, Root, bundler, Path.Combine(Root, "samples", "typescript", "follow.ts"), "--platform", "node", "--file", bundle);
        Assert.True(made.ExitCode == 0, made.All);
        await FollowAsync("node", ["--experimental-websocket", bundle]);
        Directory.Delete(Path.GetDirectoryName(bundle)!, recursive: true);
    }

    private static async Task FollowAsync(string program, string[] arguments)
    {
        using var exe = new Executable();
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        var demo = exe.Start(["demo", "--urls", url]);
        var told = await Executable.LineAsync(demo, "Dashboard:");
        var token = told[(told.IndexOf('=', StringComparison.Ordinal) + 1)..];
        using var http = await Executable.UntilUpAsync(url);
        var address = $"ws{url["http".Length..]}/ws/dashboard";
        var run = await Tool.RunAsync(Patience, Root, program, [.. arguments, address, "v4_trades", "BTC-USD", "--token", token, "--events", $"{Events}", "--drop-after", "8"]);
        Assert.True(run.ExitCode == 0, run.All);
        var updates = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(Events, updates.Count);
        var first = updates[0]["seq"]!.GetValue<long>();
        Assert.Equal(Enumerable.Range(0, Events).Select(i => first + i), updates.Select(update => update["seq"]!.GetValue<long>()));
        var ids = updates.SelectMany(update => update["data"]!["trades"]!.AsArray()).Select(trade => trade!["id"]!.GetValue<string>()).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }
}
