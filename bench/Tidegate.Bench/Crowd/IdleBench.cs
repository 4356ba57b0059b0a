using System.Globalization;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;

namespace Tidegate.Bench.Crowd;

/// <summary>Memory of a connection that nothing is said on, after a collection: a dashboard socket with a token checked, beside the barest upgraded connection of the same web server.</summary>
internal static class IdleBench
{
    private const int Warm = 1000;
    private const int Clients = 8000;

    public static IEnumerable<Bar> Run(bool quick)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("idle: needs Linux; skipped");
            return [];
        }

        var (least, own, followed) = (new List<double>(), new List<double>(), new List<double>());
        for (var run = 0; run < (quick ? 1 : 3); run++)
        {
            least.Add(Bare());
            own.Add(Gateway(""));
            followed.Add(Gateway("{\"type\":\"subscribe\",\"channel\":\"v4_trades\",\"id\":\"T0-USD\"}"));
        }

        Report.Table(
            $"idle: KB of RSS a connection after a collection, {Clients} of them (medians of interleaved runs)",
            ["", "KB"],
            [["bare upgraded connection", Report.Number(Report.Median(least))], ["dashboard socket", Report.Number(Report.Median(own))], ["dashboard socket with a topic", Report.Number(Report.Median(followed))]]);
        return [new Bar("idle: memory a connection, times a bare one's", Report.Median(own) / Report.Median(least), "", 1.8, AtLeast: false)];
    }

    // A process each time: what a collection leaves free is not given back to the system at once, and would hold the next ones.
    private static double Bare()
    {
        var port = Wire.FreePort();
        using var server = Child.Self("raw-peer", port.ToString(CultureInfo.InvariantCulture));
        server.Hear();
        return Kilobytes(server, port, "/", "");
    }

    private static double Gateway(string frame)
    {
        using var folder = new TemporaryFolder();
        using var source = new FakeIndexer(topics: 1);
        var port = Wire.FreePort();
        string[] settings = ["Indexer:Standby=false", "Sessions:MaxConnectionsPerIp=20000", "Sessions:MaxConnectionsPerToken=20000", "Access:SigningKey=" + new string('k', 32)];
        using var gateway = Child.Gateway([.. StartBench.Serve(source.Port, port, folder), .. settings.SelectMany(setting => new[] { "--set", setting })]);
        Http.WaitForOk(port, "/healthz");
        return Kilobytes(gateway, port, "/ws/dashboard?subscribe=none&token=" + StormBench.Token([.. settings, "Data=" + folder.Path]), frame);
    }

    private static double Kilobytes(Child server, int port, string path, string frame)
    {
        using var first = Open(port, path, frame, Warm);
        var before = Held(server);
        using var crowd = Open(port, path, frame, Clients);
        return (Held(server) - before) * 1024 / Clients;
    }

    private static Child Open(int port, string path, string frame, int count)
    {
        var clients = Child.Self("crowd", port.ToString(CultureInfo.InvariantCulture));
        clients.Hear();
        clients.Say(string.Create(CultureInfo.InvariantCulture, $"open {count} {path} {frame}").TrimEnd());
        clients.Say("upgraded");
        clients.Hear();
        Thread.Sleep(1000);
        return clients;
    }

    private static double Held(Child server)
    {
        Collection.Force(server.Id);
        return server.AnonymousMegabytes;
    }
}
