using System.Globalization;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;

namespace Tidegate.Bench.Crowd;

/// <summary>500 clients on one tape at 200 trades a second. In every other run one in ten reads no more from the start: what do the rest notice?</summary>
internal static class StalledBench
{
    private const int Clients = 500;
    private const int Stalled = Clients / 10;
    private const int Rate = 200;

    // The slow-consumer rule: 1,024 frames behind on a topic of events. All that comes after that is the kernel hiding it, and noticing.
    private const double Due = 1024.0 / Rate;

    private sealed record Figures(double Share, double Median, double P99, double GrowthKilobytes, double NoticedSeconds, double Closed);

    public static IEnumerable<Bar> Run(bool quick)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("stalled: needs Linux; skipped");
            return [];
        }

        using var folder = new TemporaryFolder();
        using var source = new FakeIndexer(topics: 1);
        var port = Wire.FreePort();
        using var gateway = Child.Gateway([.. StartBench.Serve(source.Port, port, folder), "--set", "Access:Mode=open", "--set", "Indexer:Standby=false", "--set", "Indexer:GraceTime=00:00:00"]);
        Http.WaitForOk(port, "/healthz");
        Pass(gateway, port, source, stalled: 0, seconds: 3);
        var (without, with) = (new List<Figures>(), new List<Figures>());
        for (var run = 0; run < (quick ? 1 : 3); run++)
        {
            without.Add(Pass(gateway, port, source, stalled: 0, seconds: 14));
            with.Add(Pass(gateway, port, source, Stalled, seconds: 14));
        }

        var (plain, held) = (Median(without), Median(with));
        Report.Table(
            $"stalled: {Stalled} of {Clients} clients read no more, {Rate} trades/s (medians of interleaved runs)",
            ["", "deliveries of the others", "median ms", "p99 ms", "RSS growth KB a stalled client", "last noticed after s", "closed with 1013"],
            [[.. Row("without", plain)[..4], "-", "-", "-"], Row("with", held)]);
        return
        [
            new Bar("stalled: the others get", 100 * held.Share, " %", 99.5, AtLeast: true),
            new Bar("stalled: median, times that without", held.Median / plain.Median, "", 1.2, AtLeast: false),
            new Bar("stalled: p99, times that without", held.P99 / plain.P99, "", 1.5, AtLeast: false),
            new Bar("stalled: RSS grows, a stalled client", held.GrowthKilobytes, " KB", 512, AtLeast: false),
            new Bar("stalled: closed with 1013", held.Closed, "", Stalled, AtLeast: true),
            new Bar("stalled: the last noticed, after it was due", held.NoticedSeconds - Due, " s", 5, AtLeast: false),
        ];
    }

    private static Figures Pass(Child gateway, int port, FakeIndexer source, int stalled, int seconds)
    {
        using var clients = Child.Self("crowd", port.ToString(CultureInfo.InvariantCulture));
        clients.Hear();
        clients.Say($"open {Clients} /ws/dashboard?subscribe=none {{\"type\":\"subscribe\",\"channel\":\"v4_trades\",\"id\":\"T0-USD\"}}");
        clients.Say("served \"subscribed\" 0");
        if (!clients.Hear().StartsWith(string.Create(CultureInfo.InvariantCulture, $"{Clients} "), StringComparison.Ordinal))
        {
            throw new InvalidOperationException("not all clients were served");
        }

        var closedBefore = Closed(port);
        clients.Say(string.Create(CultureInfo.InvariantCulture, $"stall {stalled}"));
        clients.Hear();
        clients.Say("begin");
        clients.Hear();
        var memory = gateway.ResidentMegabytes;
        var (most, noticed) = (memory, 0.0);
        var start = Linux.Now();
        for (var i = 0; i < seconds * Rate; i++)
        {
            Linux.SleepUntil(start + (i * (1_000_000_000L / Rate)));
            source.Trade();
            if (i % (Rate / 2) == 0)
            {
                most = Math.Max(most, gateway.ResidentMegabytes);
                noticed = noticed == 0 && stalled > 0 && Closed(port) - closedBefore >= stalled ? (Linux.Now() - start) / 1e9 : noticed;
            }
        }

        Thread.Sleep(500);
        clients.Say("end");
        var told = clients.Hear().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var due = (double)seconds * Rate * (Clients - stalled);
        return new Figures(told[0] / due, told[2], told[3], (most - memory) * 1024 / Math.Max(stalled, 1), noticed == 0 && stalled > 0 ? double.PositiveInfinity : noticed, Closed(port) - closedBefore);
    }

    private static double Closed(int port) => Metrics.Read(port, "tidegate_clients_closed_total", "reason=\"slow-consumer\"");

    private static Figures Median(List<Figures> runs) => new(
        Report.Median(runs.Select(run => run.Share)),
        Report.Median(runs.Select(run => run.Median)),
        Report.Median(runs.Select(run => run.P99)),
        Report.Median(runs.Select(run => run.GrowthKilobytes)),
        Report.Median(runs.Select(run => run.NoticedSeconds)),
        Report.Median(runs.Select(run => run.Closed)));

    private static string[] Row(string name, Figures of) =>
        [name, string.Create(CultureInfo.InvariantCulture, $"{of.Share:P2}"), Report.Number(of.Median), Report.Number(of.P99), Report.Number(of.GrowthKilobytes), Report.Number(of.NoticedSeconds), Report.Number(of.Closed)];
}
