using System.Text.Json.Nodes;
using Tidegate.Simulator;
using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Cases;

/// <summary>Faults of clients that do not read, or all come at once, each on the built gateway before the simulated exchange.</summary>
[Collection(AloneCollection.Name)]
public sealed class SlowClientCaseTests
{
    private const string Market = "BTC-USD";
    private const int QueueFrames = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Who_reads_nothing_hurts_nobody_and_passes_over_no_number_a_book_comes_as_a_state_and_a_tape_is_closed()
    {
        // cases.md 59, 61 and 63
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 61, Rate = 1000, CrossProbability = 0, BlockTime = TimeSpan.FromMilliseconds(100) }, "Sessions:QueueFrames=" + QueueFrames);
        await using var ofBook = await JoinAsync(gateway, "v4_orderbook");
        await using var ofBoth = await JoinAsync(gateway, "v4_orderbook", "v4_trades");
        await using var steady = await JoinAsync(gateway, "v4_orderbook", "v4_trades");
        await StopReadingAsync(ofBook, "v4_orderbook", states: 60);
        await StopReadingAsync(ofBoth, "v4_trades", states: 6);
        var from = steady.Frames.Count;
        await UntilAsync(() => Said(gateway, "closed with 1013 slow-consumer") && steady.Frames.Skip(from).Count(frame => (string?)frame["channel"] == "v4_orderbook") > 2 * QueueFrames, "a closed client");
        ofBoth.Pause(false);
        await ofBoth.WaitForCloseAsync(Patience);
        Assert.Equal((1013, "slow-consumer"), ((int?)ofBoth.CloseStatus, ofBoth.CloseReason));

        // The one with a state topic alone finds the newest state where its number was passed over.
        from = ofBook.Frames.Count;
        ofBook.Pause(false);
        await ofBook.WaitAsync(frame => DashboardClient.Is(frame, "snapshot", "v4_orderbook", Market) && (int?)frame["skipped"] > QueueFrames, "a state for what was passed over", from);
        gateway.Indexer.Exchange.Held = true;
        var truth = JsonNode.Parse(gateway.Indexer.Truth("books"))!["books"]![Market]!.AsObject();
        await UntilAsync(() => !BookOf(ofBook).Differences(truth).Any() && !BookOf(steady).Differences(truth).Any(), "the exchange's book");
        Assert.Empty(ofBook.Breaks);
        Assert.Empty(ofBoth.Breaks);
        Assert.Empty(steady.Breaks);
        Assert.DoesNotContain(steady.Frames, frame => (string?)frame["type"] is "snapshot" or "gap" or "error");
        Assert.Empty(gateway.Indexer.Log.Of("disconnect"));
    }

    [Fact]
    public async Task All_clients_come_back_at_once_after_a_restart_and_the_upstream_sees_one_subscribe_a_topic()
    {
        // cases.md 68
        const int Count = 200;
        (string Channel, string Id)[] topics = [("v4_trades", Market), ("v4_orderbook", Market)];
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 68, Rate = 50 }, "Indexer:Standby=false", "Sessions:MaxConnectionsPerIp=1000", "Sessions:MaxConnectionsPerToken=1000");
        topics = [.. topics, ("v4_orders", gateway.Account + "/0")];
        await using (var first = await JoinAsync(gateway, topics))
        {
            var held = topics.ToDictionary(topic => topic, topic => first.Frames.Last(frame => frame["seq"] is not null && (string?)frame["channel"] == topic.Channel));
            Assert.Equal(0, await gateway.TerminateAsync(TimeSpan.FromSeconds(30)));
            gateway.Indexer.Log.Clear();
            await gateway.StartAgainAsync();
            var clients = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => ResumeAsync(gateway, held)));
            foreach (var client in clients)
            {
                Assert.Empty(client.Breaks);
                Assert.True((bool)(await client.WaitForAsync("subscribed", "v4_orders"))["resumed"]!);
                await client.DisposeAsync();
            }
        }

        var subscribes = gateway.Indexer.Log.Of("subscribe").GroupBy(act => act.What).Select(topic => $"{topic.Key} {topic.Count()}").ToList();
        Assert.Contains(subscribes, topic => topic.Contains(Market, StringComparison.Ordinal));
        Assert.All(subscribes, topic => Assert.EndsWith(" 1", topic, StringComparison.Ordinal));
    }

    // With states asked for that nobody reads, so that all buffers on the way are full.
    private static async Task StopReadingAsync(DashboardClient client, string channel, int states)
    {
        client.Pause(true);
        for (var i = 0; i < states; i++)
        {
            await client.SendAsync($$"""{"type":"snapshot","channel":"{{channel}}","id":"{{Market}}"}""");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static Task<DashboardClient> JoinAsync(BuiltGateway gateway, params string[] channels) => JoinAsync(gateway, [.. channels.Select(channel => (channel, Market))]);

    private static async Task<DashboardClient> JoinAsync(BuiltGateway gateway, (string Channel, string Id)[] topics, Func<(string Channel, string Id), string>? more = null)
    {
        var client = await gateway.ConnectAsync("&subscribe=none");
        foreach (var topic in topics)
        {
            await client.SubscribedAsync(topic.Channel, topic.Id, more?.Invoke(topic) ?? "");
        }

        return client;
    }

    private static Task<DashboardClient> ResumeAsync(BuiltGateway gateway, Dictionary<(string Channel, string Id), JsonObject> held) =>
        JoinAsync(gateway, [.. held.Keys], topic => $",\"resume\":{{\"epoch\":\"{held[topic]["epoch"]}\",\"seq\":{held[topic]["seq"]}}}");

    private static MirroredBook BookOf(DashboardClient client) => LedgerMirror.Of(client).Books[Market];

    private static bool Said(BuiltGateway gateway, string words)
    {
        lock (gateway.Output)
        {
            return gateway.Output.Exists(line => line.Contains(words, StringComparison.Ordinal));
        }
    }

    private static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var late = new CancellationTokenSource(Patience);
        while (!holds())
        {
            Assert.False(late.IsCancellationRequested, "never: " + what);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
