using System.Text.Json.Nodes;

namespace Tidegate.Tests.EndToEnd;

/// <summary>
/// The built executable killed, stopped and left while an account trades: a client that resumes each time is told every event once, in order, in
/// one epoch; compared with the exchange's ledger.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class JournalRunTests
{
    [Fact]
    public async Task Five_kills_at_random_moments_lose_nothing_and_double_nothing()
    {
        await using var run = await AccountRun.StartAsync();
        for (var kill = 0; kill < 5; kill++)
        {
            await run.PassAsync(200, 2500);
            await run.Gateway.KillAsync();
            await run.Client.LoseAsync();
            await run.PassAsync(0, 800);
            await run.Gateway.StartAgainAsync();
            await run.Client.ConnectAsync();
        }

        await run.CompareAsync();
        run.AssertEpochsKept();
    }

    [Fact]
    public async Task An_orderly_restart_and_a_time_without_followers_go_on_in_the_same_epoch()
    {
        await using var run = await AccountRun.StartAsync();
        await run.PassAsync(1000, 1500);
        Assert.Equal(0, await run.Gateway.TerminateAsync(TimeSpan.FromSeconds(30)));
        await run.Client.LoseAsync();
        await run.PassAsync(1000, 1500);
        await run.Gateway.StartAgainAsync();
        await run.Client.ConnectAsync();
        await run.PassAsync(500, 1000);
        await run.Client.DisconnectAsync();
        await run.PassAsync(3000, 3500);
        Assert.Contains(run.Gateway.Output, line => line.Contains("no client for the grace time", StringComparison.Ordinal));
        await run.Client.ConnectAsync();
        await run.CompareAsync();
        run.AssertEpochsKept();
        Assert.Contains(run.Client.Journalled.SelectMany(topic => topic.Gaps), gap => (string?)gap["reason"] == "not-followed" && (bool)gap["complete"]!);
    }

    [Fact]
    public async Task A_damaged_journal_and_one_that_cannot_be_written_cost_the_epoch_and_are_said()
    {
        await using var run = await AccountRun.StartAsync();
        await run.PassAsync(1500, 1501);
        await run.Gateway.KillAsync();
        await run.Client.LoseAsync();
        foreach (var name in new[] { "journal.db", "journal.db-wal" })
        {
            await File.WriteAllBytesAsync(run.Gateway.UpstreamFile(name), new byte[40_000], TestContext.Current.CancellationToken);
        }

        await run.Gateway.StartAgainAsync();
        await run.Client.ConnectAsync();
        Assert.Equal(("ready", "live"), await StateAsync(run.Gateway));
        Assert.True(File.Exists(run.Gateway.UpstreamFile("journal.damaged.db")));
        await run.Gateway.KillAsync();
        await run.Client.LoseAsync();
        foreach (var name in new[] { "journal.db", "journal.db-wal", "journal.db-shm" })
        {
            File.Delete(run.Gateway.UpstreamFile(name));
        }

        Directory.CreateDirectory(run.Gateway.UpstreamFile("journal.db"));
        await run.Gateway.StartAgainAsync();
        await run.Client.ConnectAsync();
        Assert.Equal(("degraded", "lost"), await StateAsync(run.Gateway));
        await run.Client.DisconnectAsync();
        Assert.Equal(9, run.Client.Joins.Count());
        Assert.Equal(9, run.Client.Joins.Select(join => join.Epoch).Distinct().Count());
        Assert.All(run.Client.Joins, join => Assert.False(join.Resumed));
    }

    [Fact]
    public async Task Without_a_journal_each_start_begins_anew()
    {
        await using var gateway = await BuiltGateway.StartAsync(AccountRun.Lively, [.. AccountRun.Settings, "Journal:Enabled=false"]);
        await using var client = new ResumingClient(gateway);
        await client.ConnectAsync();
        Assert.Equal(("ready", "off"), await StateAsync(gateway));
        await gateway.KillAsync();
        await client.LoseAsync();
        await gateway.StartAgainAsync();
        await client.ConnectAsync();
        await client.DisconnectAsync();
        Assert.Equal(6, client.Joins.Select(join => join.Epoch).Distinct().Count());
        Assert.All(client.Journalled, topic => Assert.Empty(topic.Gaps));
    }

    private static async Task<(string? Ready, string? Journal)> StateAsync(BuiltGateway gateway)
    {
        var ready = JsonNode.Parse(await gateway.Http.GetStringAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken))!;
        var status = JsonNode.Parse(await gateway.Http.GetStringAsync(new Uri("/ws/status", UriKind.Relative), TestContext.Current.CancellationToken))!;
        return ((string?)ready["status"], (string?)status["journal"]!["state"]);
    }
}
