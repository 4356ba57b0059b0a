using Tidegate.Bench.Inner;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Starting;

namespace Tidegate.Bench;

/// <summary>The benchmarks of docs/benchmarks.md. Bounded in time and load, on loopback only, ending by themselves.</summary>
internal static class Program
{
    private const string Usage = """
        Tidegate.Bench book | encode | relay | start | rss | check [--quick]
          book    book frames parsed and applied, a core
          encode  from bytes to an encoded frame in the topic's ring, a core
          relay   time that the gateway adds, beside a bare coalescing relay (Linux)
          start   start-up of the built executable: serve and demo
          rss     memory of serve, a minute after its start
          check   all of them; the exit code is 1 when a bar is missed
          --quick fewer and shorter passes: to see that it runs, not for figures
        """;

    private static int Main(string[] arguments)
    {
        var quick = arguments.Contains("--quick", StringComparer.Ordinal);
        var bars = new List<Bar>();
        switch (arguments.FirstOrDefault())
        {
            case "book":
                bars.AddRange(BookBench.Run(quick));
                break;
            case "encode":
                bars.AddRange(EncodeBench.Run(quick));
                break;
            case "relay":
                bars.AddRange(RelayBench.Run(quick));
                break;
            case "start":
                bars.AddRange(StartBench.Run(quick));
                break;
            case "rss":
                bars.AddRange(MemoryBench.Run(quick));
                break;
            case "check":
                bars.AddRange(BookBench.Run(quick));
                bars.AddRange(EncodeBench.Run(quick));
                bars.AddRange(RelayBench.Run(quick));
                bars.AddRange(StartBench.Run(quick));
                bars.AddRange(MemoryBench.Run(quick));
                break;

            // The two other ends of the relay bench, each a process of its own.
            case "bare-relay" when arguments.Length == 3:
                return BareRelay.Run(int.Parse(arguments[1], Report.Culture), int.Parse(arguments[2], Report.Culture));
            case "clients" when arguments.Length == 3:
                return LoadClients.Run(arguments[1], int.Parse(arguments[2], Report.Culture));
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }

        Console.WriteLine();
        foreach (var bar in bars)
        {
            Console.WriteLine(bar);
        }

        return bars.TrueForAll(bar => bar.Holds) ? 0 : 1;
    }
}
