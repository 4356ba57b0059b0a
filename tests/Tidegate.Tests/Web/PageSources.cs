namespace Tidegate.Tests.Web;

/// <summary>The page's sources in <c>web/</c>, for tests that run its own tools.</summary>
internal static class PageSources
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(8);

    /// <summary>The folder, with what the page's tools need in it; skips the test where there is no Node.</summary>
    public static async Task<string> InstalledAsync()
    {
        var web = WebFolder();
        Assert.SkipWhen(web is null, "The page's sources are not beside this build.");
        await Tool.NeedsNodeAsync(web);

        var install = await Tool.RunAsync(TimeLimit, web, "node", ["scripts/build.mjs", "install"]);
        Assert.SkipWhen(install.ExitCode == 3, "Node.js is too old for the page's tools.");
        Assert.True(install.ExitCode == 0, install.All);
        return web;
    }

    private static string? WebFolder()
    {
        var web = Path.Combine(Repository.Root ?? "", "web");
        return Repository.Root is not null && File.Exists(Path.Combine(web, "package.json")) ? web : null;
    }
}
