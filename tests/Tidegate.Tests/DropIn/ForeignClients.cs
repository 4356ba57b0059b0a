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
}
