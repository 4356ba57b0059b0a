using System.Text.Json.Nodes;
using Tidegate.Simulator;
using Tidegate.Tests.DropIn;
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
    public async Task A_client_of_the_indexers_protocol_that_stops_reading_gets_the_newest_levels_and_no_hole_in_its_numbers_a_tape_is_closed()
    {
        // cases.md 10
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 62, Rate = 2000, CrossProbability = 0, BlockTime = TimeSpan.FromMilliseconds(50) }, "Sessions:QueueFrames=" + QueueFrames, "Sessions:QueueBytes=16384");
        await using var steady = await FollowAsync(gateway, "v4_orderbook");
        await using var ofBook = await FollowAsync(gateway, "v4_orderbook");
        await using var ofTape = await FollowAsync(gateway, "v4_trades");
        ofBook.Pause(true);
        ofTape.Pause(true);
        await UntilAsync(() => Said(gateway, "closed with 1013 slow-consumer"), "a closed client");
        ofTape.Pause(false);
        await ofTape.WaitForCloseAsync(Patience);
        var from = ofBook.Frames.Count;
        await UntilAsync(() => steady.Frames.Count > from + 1500, "updates enough");
        ofBook.Pause(false);
        Assert.Equal((1013, "slow-consumer"), ((int?)ofTape.CloseStatus, ofTape.CloseReason));
        await ofBook.WaitAsync(frame => frame["contents"] is JsonObject contents && contents["bids"] is JsonArray { Count: > 5 }, "the newest levels at once", from);
        gateway.Indexer.Exchange.Held = true;
        await UntilAsync(() => ofBook.Book(Market) is var slow && steady.Book(Market) is var kept && slow.Bids.OrderBy(level => level.Key).SequenceEqual(kept.Bids.OrderBy(level => level.Key)) && slow.Asks.OrderBy(level => level.Key).SequenceEqual(kept.Asks.OrderBy(level => level.Key)), "the same book");
        IndexerClient.CheckFrames(ofBook);
        IndexerClient.CheckFrames(steady);
        Assert.True(ofBook.Contents("v4_orderbook").Count < steady.Contents("v4_orderbook").Count);
    }

    private static async Task<DashboardClient> FollowAsync(BuiltGateway gateway, params string[] channels)
    {
        var client = await IndexerClient.ConnectAsync(gateway);
        foreach (var channel in channels)
        {
            await client.SubscribeAsync(channel, Market);
            await client.WaitForAsync("subscribed", channel, Market);
        }

        return client;
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
