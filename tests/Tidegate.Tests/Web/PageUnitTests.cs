using System.ComponentModel;

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

        var install = await Tool.RunAsync(TimeLimit, web, "node", ["scripts/build.mjs", "install"]);
        Assert.SkipWhen(install.ExitCode == 3, "Node.js is too old for the page's tools.");
        Assert.True(install.ExitCode == 0, install.All);

        var tests = await Tool.RunAsync(TimeLimit, web, "node", ["node_modules/vitest/vitest.mjs", "run"]);
        Assert.True(tests.ExitCode == 0, tests.All);
        TestContext.Current.TestOutputHelper?.WriteLine(tests.All);
    }

    private static string? WebFolder()
    {
        var web = Path.Combine(Repository.Root ?? "", "web");
        return Repository.Root is not null && File.Exists(Path.Combine(web, "package.json")) ? web : null;
    }

    private static async Task<bool> HasNodeAsync(string web)
    {
        try
        {
            return (await Tool.RunAsync(TimeLimit, web, "node", ["--version"])).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
