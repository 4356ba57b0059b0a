using System.Diagnostics;
using System.Text.Json.Nodes;
using Tidegate.Simulator;

namespace Tidegate.Tests.EndToEnd;

/// <summary>The built executable with its standby, against the simulator's ledger: what clients notice when the active socket is lost. Nothing.</summary>
[Collection(AloneCollection.Name)]
public sealed class FailoverTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // The standby is dialled anew after a second, and trusted a second after it is subscribed.
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(2.6);

    [Fact]
    public async Task Five_kills_of_the_active_socket_lose_nothing_double_nothing_and_are_not_told()
    {
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 5, Rate = 100 });
        await using var client = await FollowAsync(gateway);
        await UntilStandbyAsync(gateway);
        var from = client.Frames.Count;
        await using var pulse = new Pulse();
        for (var kill = 0; kill < 5; kill++)
        {
            gateway.Indexer.Faults.DropOldest();
            await Task.Delay(Recovery, TestContext.Current.CancellationToken);
            await UntilStandbyAsync(gateway);
        }

        await HoldAsync(gateway, client);
        Assert.Empty(client.Breaks);
        Assert.DoesNotContain(client.Frames.Skip(from), frame => (string?)frame["type"] is "feed_status" or "gap" or "snapshot" or "subscribed");
        AssertEvents(gateway, client, "BTC-USD");
        AssertBook(gateway, client);
        AssertNeverSilentFor(500, client, from, pulse);
        Assert.Equal(5, (int)(await gateway.StatusAsync())["reconnect_count"]!);
    }

    [Fact]
    public async Task A_socket_that_hangs_is_left_within_a_second_and_nothing_is_told()
    {
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 6, Rate = 100 });
        await using var client = await FollowAsync(gateway);
        await UntilStandbyAsync(gateway);
        await Task.Delay(Recovery, TestContext.Current.CancellationToken);
        var from = client.Frames.Count;
        await using var pulse = new Pulse();
        gateway.Indexer.Faults.StallOldest();
        await Task.Delay(TimeSpan.FromSeconds(3), TestContext.Current.CancellationToken);
        await HoldAsync(gateway, client);
        Assert.Empty(client.Breaks);
        Assert.DoesNotContain(client.Frames.Skip(from), frame => (string?)frame["type"] is "feed_status" or "gap" or "snapshot");
        AssertEvents(gateway, client, "BTC-USD");
        AssertBook(gateway, client);
        AssertNeverSilentFor(1500, client, from, pulse);
    }

    private static async Task<DashboardClient> FollowAsync(BuiltGateway gateway)
    {
        var client = await gateway.ConnectAsync();
        await client.SubscribeAsync("v4_orderbook", "BTC-USD");
        await client.SubscribeAsync("v4_trades", "BTC-USD");
        await client.SubscribeAsync("v4_candles", "BTC-USD/1MIN");
        await client.SubscribeAsync("v4_block_height");
        foreach (var (channel, id) in new[] { ("v4_orderbook", "BTC-USD"), ("v4_trades", "BTC-USD"), ("v4_trades", gateway.Account + "/0"), ("v4_orders", gateway.Account + "/0") })
        {
            await client.WaitForAsync("subscribed", channel, id);
        }

        return client;
    }

    private static async Task UntilStandbyAsync(BuiltGateway gateway)
    {
        using var late = new CancellationTokenSource(Patience);
        while (true)
        {
            var status = JsonNode.Parse(await gateway.Http.GetStringAsync(new Uri(gateway.Address, "/ws/status"), late.Token))!.AsObject();
            var sockets = status["sockets"]!.AsArray().Select(s => ((bool)s!["standby"]!, (string)s["state"]!, (int)s["subscriptions"]!)).ToList();
            if (sockets.Count == 2 && sockets.Any(s => s.Item1) && sockets.TrueForAll(s => s.Item2 == "streaming") && sockets[0].Item3 == sockets[1].Item3)
            {
                await Task.Delay(1200, late.Token); // trusted a second after its subscribes were answered
                return;
            }

            await Task.Delay(50, late.Token);
        }
    }

    // The exchange stands still, and what it did before has arrived, or never will.
    private static async Task HoldAsync(BuiltGateway gateway, DashboardClient client)
    {
        gateway.Indexer.Exchange.Held = true;
        var truth = JsonNode.Parse(gateway.Indexer.Truth("books", "trades", "accounts"))!.AsObject();
        var (book, trade) = (truth["books"]!["BTC-USD"]!.AsObject(), (string)truth["trades"]!["BTC-USD"]!.AsArray()[^1]!["id"]!);
        var fill = (string)AccountOf(gateway, truth)["fills"]!.AsArray()[^1]!["fill"]!["id"]!;
        using var late = new CancellationTokenSource(Patience);
        while (!late.IsCancellationRequested
            && !(Told(client, "BTC-USD").Contains(trade) && Told(client, gateway.Account + "/0").Contains(fill) && !LedgerMirror.Of(client).Books["BTC-USD"].Differences(book).Any()))
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    private static JsonObject AccountOf(BuiltGateway gateway, JsonObject truth) =>
        truth["accounts"]!.AsArray().Select(one => one!.AsObject()).First(one => (string?)one["address"] == gateway.Account && (int)one["subaccountNumber"]! == 0);

    private static void AssertEvents(BuiltGateway gateway, DashboardClient client, string ticker)
    {
        var truth = JsonNode.Parse(gateway.Indexer.Truth("trades", "accounts"))!.AsObject();
        var account = AccountOf(gateway, truth);
        AssertOnce(Told(client, gateway.Account + "/0"), account["fills"]!.AsArray().Select(fill => (string)fill!["fill"]!["id"]!).ToList());
        var trades = truth["trades"]![ticker]!.AsArray().Select(trade => (string)trade!["id"]!).ToList();

        // The first state ends within a block: its oldest height is not whole.
        var oldest = Told(client, ticker)[0][..8];
        AssertOnce([.. Told(client, ticker).Where(id => string.CompareOrdinal(id[..8], oldest) > 0)], trades);
        Assert.True(Told(client, ticker).SequenceEqual(Told(client, ticker).Order(StringComparer.Ordinal)), "out of chain order");
    }

    private static List<string> Told(DashboardClient client, string id) =>
        [.. client.Frames.Where(frame => (string?)frame["channel"] == "v4_trades" && (string?)frame["id"] == id && frame["data"]?["trades"] is not null)
            .SelectMany(frame => frame["data"]!["trades"]!.AsArray().Select(trade => (string)trade!["id"]!))];

    private static void AssertOnce(List<string> told, List<string> truth)
    {
        Assert.NotEmpty(told);
        Assert.Equal(told.Count, told.Distinct(StringComparer.Ordinal).Count());
        var first = truth.IndexOf(told[0]);
        Assert.True(first >= 0);
        Assert.Empty(truth.Skip(first).Except(told));
        Assert.Empty(told.Except(truth));
    }

    private static void AssertBook(BuiltGateway gateway, DashboardClient client)
    {
        var mirror = LedgerMirror.Of(client);
        var truth = JsonNode.Parse(gateway.Indexer.Truth("books"))!.AsObject();
        Assert.Empty(mirror.Books["BTC-USD"].Differences(truth["books"]!["BTC-USD"]!.AsObject()));
        Assert.Equal(0, mirror.Books["BTC-USD"].Crossed);
    }

    // The longest time between two frames of the book, by the client's clock; less what the machine withheld from this process and from the gateway.
    private static void AssertNeverSilentFor(double milliseconds, DashboardClient client, int from, Pulse pulse)
    {
        var times = client.ArrivalsOf("v4_orderbook").Where(one => one.Index >= from).Select(one => one.At).ToList();
        var silence = times.Zip(times.Skip(1), (a, b) => (b - a).TotalMilliseconds).DefaultIfEmpty(double.MaxValue).Max();
        Assert.True(silence < milliseconds + (2 * pulse.LongestLate), $"a silence of {silence} ms, while a tick was at most {pulse.LongestLate} ms late");
    }

    /// <summary>Ticks beside a test: how late the latest came says for how long a busy machine let this process wait.</summary>
    private sealed class Pulse : IAsyncDisposable
    {
        private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(10);
        private readonly CancellationTokenSource stop = new();
        private readonly Task ticking;
        private double longestLate;

        public Pulse() => ticking = TickAsync();

        public double LongestLate => Volatile.Read(ref longestLate);

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await ticking;
            stop.Dispose();
        }

        private async Task TickAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                var begin = Stopwatch.GetTimestamp();
                await Task.Delay(Every, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                Volatile.Write(ref longestLate, Math.Max(LongestLate, (Stopwatch.GetElapsedTime(begin) - Every).TotalMilliseconds));
            }
        }
    }
}
