using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;
using Tidegate.Simulator;

namespace Tidegate.Bench.Rest;

/// <summary>
/// Requests that a core answers from the live state, beside a bare endpoint of the same web server that returns the same bytes: eight connections that ask one
/// request after the other, three interleaved runs.
/// </summary>
internal static class StateBench
{
    private const int Connections = 8;
    private const int Runs = 3;

    // Until the compiler is through with both.
    private const double WarmUp = 4;
    private const string Book = "/v4/orderbooks/perpetualMarket/BTC-USD";
    private const double AtLeastTimes = 0.8;
    private static readonly string[] Paths = ["/v4/height", "/v4/perpetualMarkets", Book];

    public static async Task<IEnumerable<Bar>> RunAsync(bool quick)
    {
        await using var indexer = await SimulatedIndexer.StartAsync(new SimulatorOptions { Rate = 20, Urls = ["http://127.0.0.1:0"] }, TimeProvider.System, null, CancellationToken.None);
        using var folder = new TemporaryFolder();
        var port = Wire.FreePort();
        using var gateway = Child.Gateway([.. StartBench.Serve(indexer.RestUrl.Port, port, folder), "--set", "Access:Mode=open"]);
        Http.WaitForOk(port, "/readyz");
        using var follower = new ClientWebSocket();
        await follower.ConnectAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{port}/v4/ws")), CancellationToken.None);
        await follower.SendAsync("""{"type":"subscribe","channel":"v4_orderbook","id":"BTC-USD"}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var following = RestCostBench.ReadAsync(follower, stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System);
        var rows = new List<string[]>();
        var bars = new List<Bar>();
        foreach (var path in Paths)
        {
            var (own, bare) = await CompareAsync(gateway, port, path, folder, quick);
            rows.Add([path, Report.Number(own), Report.Number(bare)]);
            bars.Add(new Bar($"reststate: {path}, requests a CPU second, times a bare endpoint's", own / bare, "", AtLeastTimes, AtLeast: true));
        }

        await stop.CancelAsync();
        await following;
        Report.Table("reststate: requests a second of CPU (medians)", ["path", "from the state", "bare endpoint"], rows);
        return bars;
    }

    private static async Task<(double Own, double Bare)> CompareAsync(Child gateway, int port, string path, TemporaryFolder folder, bool quick)
    {
        var file = Path.Combine(folder.Path, "body.json");
        using (var http = new HttpClient())
        {
            var answer = await http.GetAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}{path}")));
            if (answer.Headers.GetValues("X-Tidegate-Source").Single() != "state")
            {
                throw new IOException(path + " was not answered from the state");
            }

            File.WriteAllBytes(file, answer.Content.ReadAsByteArrayAsync().GetAwaiter().GetResult());
        }

        var barePort = Wire.FreePort();
        using var bare = Child.Self("body-peer", barePort.ToString(CultureInfo.InvariantCulture), file);
        bare.Hear();
        var (own, others) = (new List<double>(), new List<double>());
        Ask(gateway, port, path, WarmUp);
        Ask(bare, barePort, path, WarmUp);
        for (var run = 0; run < (quick ? 1 : Runs); run++)
        {
            own.Add(Ask(gateway, port, path, quick ? 1 : 4));
            others.Add(Ask(bare, barePort, path, quick ? 1 : 4));
        }

        return (Report.Median(own), Report.Median(others));
    }

    private static double Ask(Child server, int port, string path, double seconds)
    {
        var before = server.Cpu;
        var until = Linux.Now() + (long)(seconds * 1e9);
        var answered = 0L;
        var threads = Enumerable.Range(0, Connections).Select(_ => new Thread(() => Interlocked.Add(ref answered, AskOn(port, path, until)))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return answered / (server.Cpu - before);
    }

    private static long AskOn(int port, string path, long until)
    {
        using var socket = Wire.Connect(port);
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        var buffer = new byte[256 * 1024];
        var answered = 0L;
        for (; Linux.Now() < until; answered++)
        {
            socket.Send(request);
            ReadAnswer(socket, buffer);
        }

        return answered;
    }

    private static void ReadAnswer(System.Net.Sockets.Socket socket, byte[] buffer)
    {
        var filled = 0;
        var whole = int.MaxValue;
        while (filled < whole)
        {
            var read = socket.Receive(buffer.AsSpan(filled));
            if (read == 0)
            {
                throw new IOException("the server closed");
            }

            filled += read;
            if (whole == int.MaxValue && buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) is > 0 and var head)
            {
                const string Field = "content-length: ";
                var text = Encoding.ASCII.GetString(buffer, 0, head + 2);
                var at = text.IndexOf(Field, StringComparison.OrdinalIgnoreCase) + Field.Length;
                whole = head + 4 + int.Parse(text.AsSpan(at, text.IndexOf('\r', at) - at), CultureInfo.InvariantCulture);
            }
        }
    }
}
