using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Sockets;
using Tidegate.Operations;

namespace Tidegate.Tests.Operations;

public sealed class UpstreamExaminationTests
{
    [Fact]
    public async Task A_healthy_indexer_passes_every_check()
    {
        await using var indexer = await StartAsync(ahead: TimeSpan.Zero, blockAge: TimeSpan.FromSeconds(1));
        Assert.All(await Examine(indexer), f => Assert.True(f.Ok, f.ToString()));
    }

    [Fact]
    public async Task A_clock_that_is_90_s_off_is_told_as_such()
    {
        await using var indexer = await StartAsync(ahead: TimeSpan.FromSeconds(-90), blockAge: TimeSpan.FromSeconds(1));
        var found = await Examine(indexer);
        var clock = found.Single(f => f.Check == "clock");
        Assert.False(clock.Ok);
        Assert.Contains("skew 90.", clock.Detail, StringComparison.Ordinal);
        Assert.Contains("ahead of", clock.Detail, StringComparison.Ordinal);
        Assert.True(found.Single(f => f.Check == "chain").Ok, "a block's age is a matter of the Indexer's own clock (cases.md 54)");
    }

    [Fact]
    public async Task A_chain_that_stands_still_is_told()
    {
        await using var indexer = await StartAsync(ahead: TimeSpan.Zero, blockAge: TimeSpan.FromSeconds(95));
        Assert.Contains("95 s old", (await Examine(indexer)).Single(f => f.Check == "chain").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_indexer_that_is_not_there_is_told_with_what_to_do()
    {
        using var examination = new UpstreamExamination(TimeProvider.System);
        var endpoint = new IndexerEndpoint(new("ws://127.0.0.1:9/v4/ws"), new("http://127.0.0.1:9/v4"));
        var found = await examination.RunAsync(endpoint, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
        Assert.All(found, f => Assert.True(!f.Ok && f.Advice is not null, f.ToString()));
        Assert.Equal(["REST", "chain", "socket"], found.Select(f => f.Check));
    }

    private static async Task<List<Finding>> Examine(WebApplication indexer)
    {
        using var examination = new UpstreamExamination(TimeProvider.System);
        var url = indexer.Urls.First();
        var endpoint = new IndexerEndpoint(new(url.Replace("http:", "ws:", StringComparison.Ordinal) + "/v4/ws"), new(url + "/v4"));
        return await examination.RunAsync(endpoint, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<WebApplication> StartAsync(TimeSpan ahead, TimeSpan blockAge)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        string Iso(TimeSpan offset) => (DateTimeOffset.UtcNow + offset).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        app.MapGet("/v4/time", () => Results.Json(new { iso = Iso(ahead), epoch = 1.5 }));
        app.MapGet("/v4/height", () => Results.Json(new { height = "77", time = Iso(ahead - blockAge) }));
        app.Map("/v4/ws", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync("""{"type":"connected","connection_id":"x","message_id":0}"""u8.ToArray(), WebSocketMessageType.Text, true, context.RequestAborted);
            await socket.ReceiveAsync(new byte[16], context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
