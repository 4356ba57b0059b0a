using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;
using Tidegate.Simulator;

namespace Tidegate.Bench.Rest;

/// <summary>
/// What the truth costs the Indexer: REST requests a minute, by bucket, of a gateway whose clients follow 20 books, 5 accounts and 20 series of
/// candles, once the comparisons after the subscribes are over. Counted by the simulated Indexer that answers them.
/// </summary>
internal static class RestCostBench
{
    private const int Markets = 20;
    private const double Share = 0.3;

    public static async Task<IEnumerable<Bar>> RunAsync(bool quick)
    {
        var (settle, measure) = quick ? (TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(20)) : (TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2));
        var options = new SimulatorOptions { Markets = Markets, Rate = 200, Urls = ["http://127.0.0.1:0"] };
        await using var indexer = await SimulatedIndexer.StartAsync(options, TimeProvider.System, null, CancellationToken.None);
        using var folder = new TemporaryFolder();
        var port = Wire.FreePort();
        using var gateway = Child.Gateway([.. StartBench.Serve(indexer.RestUrl.Port, port, folder), "--set", "Access:Mode=open"]);
        Http.WaitForOk(port, "/readyz");
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{port}/ws/dashboard?subscribe=none")), CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var reading = ReadAsync(client, stop.Token);
        foreach (var (channel, id) in Topics(indexer))
        {
            await client.SendAsync(Encoding.UTF8.GetBytes($"{{\"type\":\"subscribe\",\"channel\":\"{channel}\",\"id\":\"{id}\"}}"), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }

        await Task.Delay(settle, TimeProvider.System);
        indexer.Log.Clear();
        await Task.Delay(measure, TimeProvider.System);
        var asked = indexer.Log.Of("rest");
        var refused = indexer.Log.Of("violation").Count;
        await stop.CancelAsync();
        var frames = await reading;
        return Tell(asked.Select(act => act.What), measure, frames, refused);
    }

    private static List<Bar> Tell(IEnumerable<string> asked, TimeSpan measure, int frames, int refused)
    {
        var rows = new List<string[]>();
        var bars = new List<Bar>();
        foreach (var bucket in asked.GroupBy(BucketOf).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var perMinute = bucket.Count() / measure.TotalMinutes;
            double limit = bucket.Key switch { "candles" => 6_000, "none" => double.PositiveInfinity, _ => 600 };
            var kinds = bucket.GroupBy(path => path["/v4/".Length..].Split('/', '?')[0]).Select(kind => $"{kind.Key} {Report.Number(kind.Count() / measure.TotalMinutes)}");
            rows.Add([bucket.Key, Report.Number(perMinute), double.IsInfinity(limit) ? "-" : Report.Number(limit), double.IsInfinity(limit) ? "-" : (perMinute / limit).ToString("0.0 %", Report.Culture), string.Join(", ", kinds)]);
            if (!double.IsInfinity(limit))
            {
                bars.Add(new Bar($"restcost: requests a minute of the bucket {bucket.Key}", perMinute, "", limit * Share, AtLeast: false));
            }
        }

        Report.Table($"restcost: 20 books, 5 accounts, 20 series of candles over {Report.Number(measure.TotalSeconds)} s ({frames} frames told)", ["bucket", "a minute", "limit", "share", "paths"], rows);
        bars.Add(new Bar("restcost: refused for the rate", refused, "", 0, AtLeast: false));
        bars.Add(new Bar("restcost: frames told meanwhile, to see that it ran", frames, "", 1_000, AtLeast: true));
        return bars;
    }

    private static IEnumerable<(string Channel, string Id)> Topics(SimulatedIndexer indexer)
    {
        var tickers = indexer.Exchange.Tickers.Take(Markets).ToList();
        var addresses = indexer.Addresses;
        string[] accounts = [addresses[0] + "/0", addresses[0] + "/128", addresses[0] + "/parent/0", addresses[1] + "/0", addresses[^1] + "/0"];
        return
        [
            .. tickers.Select(ticker => ("v4_orderbook", ticker)),
            .. tickers.Select((ticker, i) => ("v4_candles", ticker + (i % 2 == 0 ? "/1MIN" : "/5MINS"))),
            .. accounts.Distinct(StringComparer.Ordinal).SelectMany(id => new[] { "v4_subaccounts", "v4_orders", "v4_trades" }.Select(channel => (channel, id))),
        ];
    }

    // The buckets of protocol.md 4.
    private static string BucketOf(string path)
    {
        var parts = path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        return parts[1] switch
        {
            "orders" when parts.Length == 3 && parts[2] != "parentSubaccountNumber" => "none",
            "orders" => "orders",
            "fills" or "tradeHistory" => "fills",
            "candles" => "candles",
            _ => "default",
        };
    }

    /// <summary>Reads until cancelled; how many frames came.</summary>
    public static async Task<int> ReadAsync(ClientWebSocket client, CancellationToken cancellationToken)
    {
        var (buffer, frames) = (new byte[64 * 1024], 0);
        try
        {
            while (true)
            {
                var read = await client.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                frames += read.EndOfMessage ? 1 : 0;
            }
        }
        catch (OperationCanceledException)
        {
            return frames;
        }
    }
}
