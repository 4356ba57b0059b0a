using System.Globalization;
using Tidegate.Bench.Relay;

namespace Tidegate.Bench.Starting;

/// <summary>From the start of the built executable's process to its first good answer.</summary>
internal static class StartBench
{
    public static IEnumerable<Bar> Run(bool quick)
    {
        using var source = new FakeIndexer();
        var serve = Measure(quick, "/healthz", (port, folder) => Serve(source.Port, port, folder));
        var demo = Measure(quick, "/", (port, _) => ["demo", "--urls", Url(port)]);
        Report.Table("start: seconds from process start to the first 200 (medians)", ["command", "median", "least", "most"], [Row("serve, /healthz", serve), Row("demo, the page", demo)]);
        return [
            new Bar("serve: to the first 200", Report.Median(serve), " s", 1, AtLeast: false),
            new Bar("demo: to a served page", Report.Median(demo), " s", 2, AtLeast: false),
        ];
    }

    /// <summary>The arguments of <c>serve</c> against a source on this machine.</summary>
    public static string[] Serve(int source, int port, TemporaryFolder folder) =>
    [
        "serve",
        "--ws-url", string.Create(CultureInfo.InvariantCulture, $"ws://127.0.0.1:{source}/v4/ws"),
        "--rest-url", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{source}/v4"),
        "--urls", Url(port),
        "--set", "Data=" + folder.Path,
    ];

    public static string Url(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    private static List<double> Measure(bool quick, string path, Func<int, TemporaryFolder, string[]> arguments)
    {
        var times = new List<double>();

        // The first one reads the files from disk and does not count.
        for (var pass = 0; pass <= (quick ? 1 : 5); pass++)
        {
            using var folder = new TemporaryFolder();
            var port = Wire.FreePort();
            var start = Linux.Now();
            using var gateway = Child.Gateway(arguments(port, folder));
            Http.WaitForOk(port, path);
            var spent = (Linux.Now() - start) / 1e9;
            if (pass > 0)
            {
                times.Add(spent);
            }
        }

        return times;
    }

    private static string[] Row(string name, List<double> times) =>
        [name, Report.Number(Report.Median(times)), Report.Number(times.Min()), Report.Number(times.Max())];
}
