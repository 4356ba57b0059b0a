using Tidegate.Bench.Relay;

namespace Tidegate.Bench.Starting;

/// <summary>Resident memory of <c>serve</c> a minute after its start, against the simulated Indexer, no client.</summary>
internal static class MemoryBench
{
    public static IEnumerable<Bar> Run(bool quick)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("rss: needs Linux; skipped");
            return [];
        }

        var seconds = quick ? 5 : 60;
        using var folder = new TemporaryFolder();
        var (source, port) = (Wire.FreePort(), Wire.FreePort());
        using var simulator = Child.Gateway("simulate", "--urls", StartBench.Url(source));
        Http.WaitForOk(source, "/v4/height");
        using var gateway = Child.Gateway(StartBench.Serve(source, port, folder));
        Http.WaitForOk(port, "/healthz");
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        var (all, own) = (gateway.ResidentMegabytes, gateway.AnonymousMegabytes);
        Report.Table($"rss: serve, {seconds} s after its start, no client", ["", "MB"], [["VmRSS", Report.Number(all)], ["of it RssAnon", Report.Number(own)]]);
        return [new Bar($"serve: resident memory after {seconds} s", all, " MB", 120, AtLeast: false)];
    }
}
