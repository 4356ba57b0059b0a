using Microsoft.Playwright;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.Web;

/// <summary><c>/docs</c> in a real browser.</summary>
[Collection(AloneCollection.Name)]
public sealed class ReferencePageTests
{
    [Fact]
    public async Task The_reference_shows_both_descriptions_and_asks_nobody_else()
    {
        await using var browser = await SystemBrowser.OpenAsync();
        await using var gateway = await BuiltGateway.StartAsync();
        var (page, asked) = (browser.Page, new List<string>());
        page.Request += (_, request) => asked.Add(request.Url);

        await page.GotoAsync(gateway.Address + "docs/");
        await Shown(page, "/healthz");
        await page.GotoAsync(gateway.Address + "docs/?api=websockets");
        await Shown(page, "Dashboard socket, tidegate.v1");

        Assert.Contains(gateway.Address + "asyncapi.json", asked);
        Assert.All(asked.Where(url => !url.StartsWith("data:", StringComparison.Ordinal)), url => Assert.StartsWith(gateway.Address.OriginalString, url, StringComparison.Ordinal));
        Assert.Empty(browser.Troubles);
    }

    private static Task Shown(IPage page, string text) => Assertions.Expect(page.GetByText(text).First).ToBeAttachedAsync(new() { Timeout = 30_000 });
}
