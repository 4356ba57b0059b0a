namespace Tidegate.Tests.Web;

/// <summary>Runs the dashboard page's own unit tests, so that <c>dotnet test</c> runs every test there is.</summary>
public sealed class PageUnitTests
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(8);

    [Fact]
    public async Task The_page_passes_its_own_unit_tests()
    {
        var web = await PageSources.InstalledAsync();
        var tests = await Tool.RunAsync(TimeLimit, web, "node", ["node_modules/vitest/vitest.mjs", "run"]);
        Assert.True(tests.ExitCode == 0, tests.All);
        TestContext.Current.TestOutputHelper?.WriteLine(tests.All);
    }
}
