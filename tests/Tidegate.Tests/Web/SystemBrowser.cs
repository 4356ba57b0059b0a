using Microsoft.Playwright;

namespace Tidegate.Tests.Web;

/// <summary>The system's Chromium with one page in it, and what went wrong on that page.</summary>
internal sealed class SystemBrowser : IAsyncDisposable
{
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private static readonly string? Program = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);

    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private SystemBrowser(IPlaywright playwright, IBrowser browser, IPage page)
    {
        (this.playwright, this.browser, Page) = (playwright, browser, page);
        page.PageError += (_, error) => Troubles.Add(error);
        page.Console += (_, message) => Troubles.AddRange(message.Type == "error" ? [message.Text] : []);
    }

    public IPage Page { get; }

    /// <summary>Errors of the page, those of its policy among them.</summary>
    public List<string> Troubles { get; } = [];

    /// <summary>Skips the test where there is none.</summary>
    public static void Needed() => Assert.SkipWhen(Program is null, "no Chromium on this machine");

    public static async Task<SystemBrowser> OpenAsync()
    {
        Needed();
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Program, Args = Flags });
        return new SystemBrowser(playwright, browser, await browser.NewPageAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
