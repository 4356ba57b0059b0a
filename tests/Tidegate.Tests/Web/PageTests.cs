using System.Globalization;
using Microsoft.Playwright;
using Tidegate.Simulator;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.Web;

/// <summary>The page in a real browser, against the built gateway and a simulated Indexer.</summary>
[Collection(AloneCollection.Name)]
public sealed class PageTests
{
    private static readonly string[] Settings = ["Reconnect:InitialDelay=00:00:00.3", "Reconnect:MaxDelay=00:00:00.5"];

    [Fact]
    public async Task The_page_shows_moving_data_and_the_right_state_when_the_upstream_is_cut_and_restored()
    {
        SystemBrowser.Needed();
        Assert.SkipUnless(File.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot", "index.html")), "the page was not built (no Node, or BuildWeb=false)");
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Rate = 40 }, Settings);
        await using var browser = await SystemBrowser.OpenAsync();
        var page = browser.Page;
        await page.GotoAsync($"{gateway.Address}#token={gateway.Token}");

        await StateAsync(page, "LIVE", 20_000);
        Assert.DoesNotContain("token", page.Url, StringComparison.Ordinal);
        Assert.True(decimal.Parse(await ValueAsync(page, "account-equity"), NumberStyles.Float, CultureInfo.InvariantCulture) > 0);
        var before = await ValueAsync(page, "block-height");
        await Assertions.Expect(page.GetByTestId("block-height")).Not.ToHaveAttributeAsync("data-value", before, new() { Timeout = 10_000 });
        Assert.True(await page.GetByTestId("book-bids").Locator("tbody tr").CountAsync() >= 10);
        await Assertions.Expect(page.GetByTestId("tape").Locator("tbody tr").Nth(9)).ToBeAttachedAsync(new() { Timeout = 10_000 });

        gateway.Indexer.Faults.RefuseUpgrades = 503;
        gateway.Indexer.Faults.Drop();
        await StateAsync(page, "RECONNECTING", 2_000);
        gateway.Indexer.Faults.RefuseUpgrades = null;
        await StateAsync(page, "LIVE", 4_000);
        Assert.Equal("0", await page.GetByTestId("connection-state").GetAttributeAsync("data-misses"));
        Assert.Empty(browser.Troubles);
    }

    [Fact]
    public async Task The_page_passes_its_own_tests_in_a_browser()
    {
        SystemBrowser.Needed();
        Assert.SkipUnless(File.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot", "index.html")), "the page was not built (no Node, or BuildWeb=false)");
        var web = await PageSources.InstalledAsync();

        string[] run = ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.browser.config.ts"];
        var tests = await Tool.RunAsync(TimeSpan.FromMinutes(15), web, [("TIDEGATE_EXE", BuiltGateway.Executable)], "node", run);
        Assert.True(tests.ExitCode == 0, tests.All);
        TestContext.Current.TestOutputHelper?.WriteLine(tests.All);
    }

    private static async Task<string> ValueAsync(IPage page, string id)
    {
        await Assertions.Expect(page.GetByTestId(id)).ToHaveAttributeAsync("data-value", new System.Text.RegularExpressions.Regex("."), new() { Timeout = 10_000 });
        return (await page.GetByTestId(id).GetAttributeAsync("data-value"))!;
    }

    private static Task StateAsync(IPage page, string state, float milliseconds) =>
        Assertions.Expect(page.GetByTestId("connection-state")).ToHaveAttributeAsync("data-value", state, new() { Timeout = milliseconds });
}
