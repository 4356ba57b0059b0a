using System.Diagnostics;
using System.Text.Json.Nodes;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.DropIn;

/// <summary>Programs of npm that are not ours, in <c>tests/clients</c>.</summary>
internal static class ForeignClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly SemaphoreSlim Installing = new(1);

    /// <summary>Where they are, as their registry serves them at the versions that are locked; the test is skipped where they cannot be.</summary>
    public static async Task<string> FolderAsync()
    {
        var folder = Path.Combine(Repository.Root ?? "", "tests", "clients");
        Assert.SkipUnless(Repository.Root is not null && Directory.Exists(folder), "the client's folder is not beside this build");
        await Tool.NeedsNodeAsync(folder);
        await Installing.WaitAsync();
        try
        {
            if (!Directory.Exists(Path.Combine(folder, "node_modules", "@asyncapi")))
            {
                var install = await Tool.RunAsync(Patience, folder, "npm", "ci", "--ignore-scripts");
                Assert.True(install.ExitCode == 0, install.All);
            }

            return folder;
        }
        finally
        {
            Installing.Release();
        }
    }

    /// <summary>
    /// Lets a program follow the gateway until it says that data flows, drops the upstream's connections, and gives what the program tells of it all once they
    /// are back.
    /// </summary>
    public static async Task<JsonNode> FollowThroughADropAsync(BuiltGateway gateway, params string[] program)
    {
        using var late = new CancellationTokenSource(Patience);
        using var client = Process.Start(new ProcessStartInfo("node", [.. program, gateway.Address.OriginalString.TrimEnd('/'), gateway.Account, gateway.Token])
        {
            WorkingDirectory = await FolderAsync(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        try
        {
            Assert.Equal("flowing", await client.StandardOutput.ReadLineAsync(late.Token));
            gateway.Indexer.Faults.Drop();
            await gateway.UntilReconnectedAsync(late.Token);
            await client.StandardInput.WriteLineAsync("restored");
            var told = JsonNode.Parse((await client.StandardOutput.ReadLineAsync(late.Token))!)!;
            await client.WaitForExitAsync(late.Token);
            return told;
        }
        finally
        {
            client.Kill(entireProcessTree: true);
        }
    }
}
