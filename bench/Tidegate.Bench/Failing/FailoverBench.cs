using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;

#pragma warning disable VSTHRD002 // a program of one thread of its own: nothing else waits for it

namespace Tidegate.Bench.Failing;

/// <summary>
/// What a client notices when the active upstream socket is killed: the longest silence around each kill by the client's clock, at 100 events a second,
/// with a standby; and how soon a topic streams again without one.
/// </summary>
internal static class FailoverBench
{
    // Dialled anew after a second, and trusted a second after its subscribes were answered.
    private static readonly TimeSpan StandbyReady = TimeSpan.FromSeconds(0.9);
    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(2.2);
    private static readonly long Before = (long)TimeSpan.FromMilliseconds(300).TotalNanoseconds;
    private static readonly long After = (long)TimeSpan.FromMilliseconds(1500).TotalNanoseconds;

    public static IEnumerable<Bar> Run(bool quick)
    {
        var source = Wire.FreePort();
        using var simulator = Child.Gateway("simulate", "--urls", StartBench.Url(source), "--rate", "100");
        Http.WaitForOk(source, "/v4/height");
        var with = Kills(source, standby: true, quick ? 3 : 50);
        var without = Kills(source, standby: false, quick ? 1 : 10);
        var silences = with.Silences.Order().ToList();
        Report.Table(
            "failover: killed at 100 events a second, ms",
            ["", "median", "p99", "max"],
            [
                ["longest silence around a kill, with standby", .. Row(silences)],
                ["the same time without a kill", .. Row([.. with.Quiet.Order()])],
                ["without standby, until streaming is told", .. Row([.. without.Back.Order()])],
            ]);
        return
        [
            new Bar("failover: p99 of the longest silence", At(silences, 0.99), " ms", 250, AtLeast: false),
            new Bar("failover: status, gap or snapshot frames told", with.Told, "", 0, AtLeast: false),
            new Bar("without standby: streaming again after a drop, longest", without.Back.DefaultIfEmpty(double.NaN).Max(), " ms", 2000, AtLeast: false),
        ];
    }

    private static string[] Row(List<double> sorted) =>
        sorted.Count == 0 ? ["-", "-", "-"] : [Report.Number(At(sorted, 0.5)), Report.Number(At(sorted, 0.99)), Report.Number(sorted[^1])];

    private static double At(List<double> sorted, double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];

    private static (List<double> Silences, List<double> Quiet, List<double> Back, int Told) Kills(int source, bool standby, int kills)
    {
        using var folder = new TemporaryFolder();
        var port = Wire.FreePort();
        using var gateway = Child.Gateway([.. StartBench.Serve(source, port, folder), "--set", "Access:Mode=open", "--set", standby ? "Indexer:Standby=true" : "Indexer:Standby=false"]);
        Http.WaitForOk(port, "/readyz");
        using var ear = new Ear(port);
        var (silences, quiet, back) = (new List<double>(), new List<double>(), new List<double>());
        Thread.Sleep(Watched);
        for (var kill = 0; kill < kills; kill++)
        {
            Thread.Sleep(StandbyReady);
            quiet.Add(ear.LongestSilence(Linux.Now() - Before - After, Linux.Now()));
            var at = Linux.Now();
            Http.WaitForOk(source, "/ctl/drop?oldest=1");
            Thread.Sleep(Watched);
            silences.Add(ear.LongestSilence(at - Before, at + After));
            if (ear.StreamingSince(at) is { } streaming)
            {
                back.Add((streaming - at) / 1e6);
            }
        }

        return (silences, quiet, back, ear.Told);
    }

    /// <summary>One client of the gateway: when its frames came, and what it was told beside updates.</summary>
    private sealed class Ear : IDisposable
    {
        private readonly ClientWebSocket socket = new();
        private readonly Lock gate = new();
        private readonly List<long> arrivals = [];
        private readonly List<(long At, bool Streaming)> told = [];
        private readonly Thread reader;

        public Ear(int port)
        {
            socket.ConnectAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{port}/ws/dashboard?subscribe=none")), CancellationToken.None).GetAwaiter().GetResult();
            foreach (var channel in new[] { "v4_orderbook", "v4_trades" })
            {
                var frame = Encoding.UTF8.GetBytes($$"""{"type":"subscribe","channel":"{{channel}}","id":"BTC-USD"}""");
                socket.SendAsync(frame, WebSocketMessageType.Text, true, CancellationToken.None).GetAwaiter().GetResult();
            }

            reader = new Thread(Read) { IsBackground = true };
            reader.Start();
        }

        /// <summary>Frames that say that something happened to a topic.</summary>
        public int Told
        {
            get
            {
                lock (gate)
                {
                    return told.Count;
                }
            }
        }

        /// <summary>The longest time between two frames, in ms.</summary>
        public double LongestSilence(long from, long to)
        {
            lock (gate)
            {
                var inside = arrivals.Where(at => at >= from && at <= to).Prepend(from).Append(to).ToList();
                return inside.Zip(inside.Skip(1), (a, b) => b - a).Max() / 1e6;
            }
        }

        public long? StreamingSince(long from)
        {
            lock (gate)
            {
                return told.Where(one => one.At > from && one.Streaming).Select(one => (long?)one.At).LastOrDefault();
            }
        }

        public void Dispose()
        {
            socket.Abort();
            reader.Join();
            socket.Dispose();
        }

        private void Read()
        {
            var buffer = new byte[1 << 20];
            try
            {
                while (true)
                {
                    var filled = 0;
                    ValueWebSocketReceiveResult got;
                    do
                    {
                        got = socket.ReceiveAsync(buffer.AsMemory(filled), CancellationToken.None).AsTask().GetAwaiter().GetResult();
                        filled += got.Count;
                    }
                    while (!got.EndOfMessage);
                    Take(buffer.AsSpan(0, filled));
                }
            }
            catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The end of the bench.
            }
        }

        private void Take(ReadOnlySpan<byte> frame)
        {
            var now = Linux.Now();
            var status = frame.StartsWith("{\"type\":\"feed_status\""u8);
            lock (gate)
            {
                arrivals.Add(now);
                if (status || frame.StartsWith("{\"type\":\"gap\""u8) || frame.StartsWith("{\"type\":\"snapshot\""u8))
                {
                    told.Add((now, status && frame.IndexOf("\"mode\":\"streaming\""u8) >= 0));
                }
            }
        }
    }
}
