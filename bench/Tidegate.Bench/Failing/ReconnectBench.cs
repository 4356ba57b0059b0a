using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;

#pragma warning disable VSTHRD002 // a program of one thread of its own: nothing else waits for it

namespace Tidegate.Bench.Failing;

/// <summary>The feeds through 1,000 reconnects (after some that warm it up), all sockets dropped each time: what the process holds after each hundred has to stay as it was.</summary>
internal static class ReconnectBench
{
    private const int WarmHundreds = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private sealed record Held(double Resident, double Heap, double Handles, double Timers);

    public static IEnumerable<Bar> Run(bool quick)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("reconnects: needs Linux; skipped");
            return [];
        }

        var source = Wire.FreePort();
        using var simulator = Child.Gateway("simulate", "--urls", StartBench.Url(source), "--rate", "20");
        Http.WaitForOk(source, "/v4/height");
        var held = RunAsync(source, quick ? 30 : 100).GetAwaiter().GetResult();
        Report.Table(
            "reconnects: held after each hundred",
            ["", "RSS MB", "heap MB", "handles", "timers"],
            [.. held.Select((one, i) => new[] { (i + 1).ToString(CultureInfo.InvariantCulture), Report.Number(one.Resident), Report.Number(one.Heap), Report.Number(one.Handles), Report.Number(one.Timers) })]);
        var (first, last) = (held[0], held[^1]);
        return
        [
            new Bar("reconnects: RSS, last hundred over first", last.Resident / first.Resident, "", 1.05, AtLeast: false),
            new Bar("reconnects: managed heap, last over first", last.Heap / first.Heap, "", 1.05, AtLeast: false),
            new Bar("reconnects: handles, last over first", last.Handles / first.Handles, "", 1.05, AtLeast: false),
            new Bar("reconnects: timers, last over first", last.Timers / first.Timers, "", 1.05, AtLeast: false),
        ];
    }

    private static async Task<List<Held>> RunAsync(int source, int each)
    {
        var address = new Uri(StartBench.Url(source) + "/v4");
        var socket = new UriBuilder(address) { Scheme = "ws", Path = "/v4/ws" }.Uri;
        var options = new UpstreamOptions
        {
            Endpoints = [new IndexerEndpoint(socket, address)],
            InitialDelay = TimeSpan.FromMilliseconds(5),
            MaxDelay = TimeSpan.FromMilliseconds(20),
            Standby = true,
        };
        var pool = new SocketPool(options, TimeProvider.System, NullLoggerFactory.Instance);
        using var rest = new IndexerRestClient(address, TimeProvider.System, NullLogger<IndexerRestClient>.Instance);
        await using var feeds = new IndexerFeeds(pool, rest, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), AuditPolicy.Default, TimeProvider.System, NullLoggerFactory.Instance);
        feeds.Start();
        var book = feeds.Follow(new TopicKey(Channel.OrderBook, "BTC-USD"), _ => { });
        feeds.Follow(new TopicKey(Channel.Candles, "BTC-USD/1MIN"), _ => { });
        var held = new List<Held>();

        // Of a heap this small one pooled buffer more is five percent: pools take some hundred reconnects to have all they will ever hold.
        await ReconnectAsync(feeds, book, source, WarmHundreds * each);
        for (var hundred = 0; hundred < 10; hundred++)
        {
            await ReconnectAsync(feeds, book, source, each);
            held.Add(await MeasureAsync(pool));
        }

        return held;
    }

    private static async Task ReconnectAsync(IndexerFeeds feeds, Feed book, int source, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await UntilAsync(() => book.Status.Mode == FeedMode.Streaming && feeds.BlockFeed.Status.Mode == FeedMode.Streaming);
            var before = book.ReconnectCount;
            Http.WaitForOk(source, "/ctl/drop");
            await UntilAsync(() => book.ReconnectCount > before);
        }
    }

    // With the pair up again: one more or less socket is no leak.
    private static async Task<Held> MeasureAsync(SocketPool pool)
    {
        await UntilAsync(() => pool.Sockets() is [{ State: "streaming" }, { State: "streaming", Standby: true }]);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var self = Process.GetCurrentProcess();
        var resident = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return new Held(
            double.Parse(resident.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024,
            GC.GetTotalMemory(forceFullCollection: true) / 1e6,
            Directory.GetFiles("/proc/self/fd").Length,
            Timer.ActiveCount);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var late = new CancellationTokenSource(Patience);
        while (!holds())
        {
            await Task.Delay(2, late.Token);
        }
    }
}
