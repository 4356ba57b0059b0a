using System.Diagnostics;
using Tidegate.Tests.Commands;
using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Sessions;

/// <summary>An orderly end: every client is told, and the process is gone in time (contract 2, Shutdown).</summary>
public sealed class ShutdownTests
{
    private const int ServiceRestart = 1012;

    // A second where nothing else runs; what waits for its connections or its Indexer takes half a minute.
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Fifty_clients_are_told_1012_and_the_process_ends_with_0()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        var clients = new List<DashboardClient>();
        for (var i = 0; i < 50; i++)
        {
            clients.Add(await gateway.ConnectAsync());
        }

        foreach (var client in clients)
        {
            await client.WaitForAsync("subscribed", "v4_trades");
        }

        Assert.Equal(0, await gateway.TerminateAsync(InTime));
        foreach (var client in clients)
        {
            await client.WaitForCloseAsync(InTime);
            Assert.Equal(ServiceRestart, (int?)client.CloseStatus);
            Assert.Empty(client.Breaks);
            await client.DisposeAsync();
        }

        Assert.DoesNotContain(gateway.Output, line => line.Contains("Exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_demo_ends_in_time_with_0_and_without_an_exception()
    {
        using var exe = new Executable();
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        var demo = exe.Start(["demo", "--urls", url]);
        var told = await Executable.LineAsync(demo, "Dashboard:");
        var token = told[(told.IndexOf('=', StringComparison.Ordinal) + 1)..];
        using var http = await Executable.UntilUpAsync(url);
        await using var client = await DashboardClient.ConnectAsync(new Uri($"ws{url["http".Length..]}/ws/dashboard?token={token}"));
        await client.WaitForAsync("subscribed", "v4_trades");
        await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        await client.WaitForAsync("orderbook_update");
        var errors = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var asked = Stopwatch.GetTimestamp();
        Assert.Equal(0, await Executable.StopAsync(demo));
        Assert.True(Stopwatch.GetElapsedTime(asked) < InTime, $"it took {Stopwatch.GetElapsedTime(asked)}");
        await client.WaitForCloseAsync(InTime);
        Assert.Equal(ServiceRestart, (int?)client.CloseStatus);
        Assert.DoesNotContain("Exception", await errors, StringComparison.Ordinal);
    }
}
