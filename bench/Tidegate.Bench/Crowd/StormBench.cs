using System.Globalization;
using System.Text.Json;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;

namespace Tidegate.Bench.Crowd;

/// <summary>5,000 clients come back at once and resume a tape twenty trades behind, beside as many that only connect; three times in turn.</summary>
internal static class StormBench
{
    private const int Missed = 20;
    private const string Channel = "\"channel\":\"v4_trades\",\"id\":\"T0-USD\"";

    private sealed record Figures(double CpuMicroseconds, double Seconds, int Served, long Lost);

    public static IEnumerable<Bar> Run(bool quick)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("storm: needs Linux; skipped");
            return [];
        }

        var count = quick ? 500 : 5000;
        using var folder = new TemporaryFolder();
        using var source = new FakeIndexer(topics: 1);
        var port = Wire.FreePort();
        string[] settings = ["Indexer:Standby=false", "Sessions:MaxConnectionsPerIp=20000", "Sessions:MaxConnectionsPerToken=20000", "Access:SigningKey=" + new string('k', 32), "Data=" + folder.Path];
        using var gateway = Child.Gateway([.. StartBench.Serve(source.Port, port, folder), .. settings.SelectMany(setting => new[] { "--set", setting })]);
        Http.WaitForOk(port, "/healthz");
        var token = Token(settings);
        using var clients = Child.Self("crowd", port.ToString(CultureInfo.InvariantCulture));
        clients.Hear();
        var path = $"/ws/dashboard?subscribe=none&token={token}";
        var (epoch, seq) = Follow(source, port, path);
        for (var i = 0; i < Missed; i++)
        {
            source.Trade();
        }

        var resume = $"{{\"type\":\"subscribe\",{Channel},\"resume\":{{\"epoch\":\"{epoch}\",\"seq\":{seq}}}}}";
        Storm(gateway, port, clients, count, path, "", "connected", markers: 0);
        Storm(gateway, port, clients, count, path, resume, "\"resumed\":true", Missed);
        var (plain, resumed) = (new List<Figures>(), new List<Figures>());
        for (var run = 0; run < (quick ? 1 : 3); run++)
        {
            plain.Add(Storm(gateway, port, clients, count, path, "", "\"connected\"", markers: 0));
            resumed.Add(Storm(gateway, port, clients, count, path, resume, "\"resumed\":true", Missed));
        }

        Report.Table($"storm: {count} clients at once (medians of interleaved runs)", ["", "server CPU us a client", "all served after s"], [Row("connect only", plain), Row($"and resume, {Missed} frames", resumed)]);
        return
        [
            new Bar("storm: resumed, of all", (double)resumed.Min(run => run.Served) / count, "", 1, AtLeast: true),
            new Bar("storm: frames lost", resumed.Sum(run => run.Lost), "", 0, AtLeast: false),
            new Bar("storm: CPU a resume, times a plain accept", Report.Median(resumed.Select(run => run.CpuMicroseconds)) / Report.Median(plain.Select(run => run.CpuMicroseconds)), "", 2, AtLeast: false),
        ];
    }

    private static string[] Row(string name, List<Figures> runs) => [name, Report.Number(Report.Median(runs.Select(run => run.CpuMicroseconds))), Report.Number(Report.Median(runs.Select(run => run.Seconds)))];

    private static Figures Storm(Child gateway, int port, Child clients, int count, string path, string frame, string awaited, int markers)
    {
        var (cpu, start) = (gateway.Cpu, Linux.Now());
        clients.Say(string.Create(CultureInfo.InvariantCulture, $"open {count} {path} {frame}").TrimEnd());
        clients.Say(string.Create(CultureInfo.InvariantCulture, $"served {awaited} {markers}"));
        var told = clients.Hear().Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        (cpu, var seconds) = (gateway.Cpu - cpu, (Linux.Now() - start) / 1e9);
        clients.Say("close");
        clients.Hear();
        for (var attempt = 0; attempt < 200 && Metrics.Read(port, "tidegate_clients_connections") > 1; attempt++)
        {
            Thread.Sleep(50);
        }

        Thread.Sleep(500);
        return new Figures(cpu * 1e6 / count, seconds, (int)told[0], told[1]);
    }

    /// <summary>A token as <c>tidegate token create</c> makes it, for the gateway of these settings.</summary>
    internal static string Token(string[] settings)
    {
        using var command = Child.Spoken(["token", "create", "--address", "dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4", .. settings.Where(one => one.StartsWith("Access", StringComparison.Ordinal) || one.StartsWith("Data", StringComparison.Ordinal)).SelectMany(setting => new[] { "--set", setting })]);
        return command.Hear();
    }

    // One that stays, so that the topic is followed all the time; what it was told first is where the others go on.
    private static (string Epoch, long Seq) Follow(FakeIndexer source, int port, string path)
    {
        var socket = Wire.Connect(port);
        Wire.Upgrade(socket, path);
        socket.Send(Wire.Masked($"{{\"type\":\"subscribe\",{Channel}}}"));
        var buffer = new byte[64 * 1024];
        for (var filled = 0; ;)
        {
            filled += socket.Receive(buffer.AsSpan(filled));
            for (var at = 0; Wire.TryFrame(buffer.AsSpan(at, filled - at), out var length, out var payload); at += length)
            {
                var frame = JsonDocument.Parse(buffer.AsMemory(at + payload, length - payload)).RootElement;
                if (frame.GetProperty("type").GetString() == "subscribed")
                {
                    return (frame.GetProperty("epoch").GetString()!, frame.GetProperty("seq").GetInt64());
                }
            }
        }
    }
}
