using Tidegate.Bench.Crowd;
using Tidegate.Bench.Failing;
using Tidegate.Bench.Fan;
using Tidegate.Bench.Inner;
using Tidegate.Bench.Keeping;
using Tidegate.Bench.Relay;
using Tidegate.Bench.Rest;
using Tidegate.Bench.Starting;

namespace Tidegate.Bench;

/// <summary>The benchmarks of docs/benchmarks.md. Bounded in time and load, on loopback only, ending by themselves.</summary>
internal static class Program
{
    private const string Usage = """
        Tidegate.Bench book | compare | account | encode | journal | relay | start | rss | restcost | reststate | failover | reconnects
                       | fanout [singly|bursts|topics|saturation|allocated]… | idle | stalled | storm | check [--quick]
          book    book frames parsed and applied, a core
          compare a REST answer compared with a book, and updates that cross, a core
          account an account recomputed and written, a core
          encode  from bytes to an encoded frame in the topic's ring, a core
          journal what writing an account event first adds to it
          relay   time that the gateway adds, beside a bare coalescing relay (Linux)
          start   start-up of the built executable: serve and demo
          rss     memory of serve, a minute after its start
          restcost  REST requests a minute that keep 20 books, 5 accounts and 20 series of candles true
          reststate requests a core answers from the live state, beside a bare endpoint (Linux)
          failover    silence that a client sees when the active upstream socket is killed
          reconnects  what the feeds hold after 1,000 reconnects (Linux)
          fanout  CPU a delivery to 1,000 clients, beside other servers (Linux, gcc, ../shared/bench or TG_FAN_BENCH)
          idle    memory of an idle connection, beside a bare upgraded one (Linux)
          stalled what clients notice when one in ten of 500 reads no more (Linux)
          storm   5,000 clients that come back at once and resume (Linux)
          check   those above restcost, and it; the exit code is 1 when a bar is missed
          --quick fewer and shorter passes: to see that it runs, not for figures
        """;

    private static async Task<int> Main(string[] arguments)
    {
        var quick = arguments.Contains("--quick", StringComparer.Ordinal);
        var bars = new List<Bar>();
        switch (arguments.FirstOrDefault())
        {
            case "book":
                bars.AddRange(BookBench.Run(quick));
                break;
            case "compare":
                bars.AddRange(CompareBench.Run(quick));
                break;
            case "account":
                bars.AddRange(AccountBench.Run(quick));
                break;
            case "encode":
                bars.AddRange(EncodeBench.Run(quick));
                break;
            case "journal":
                bars.AddRange(JournalBench.Run(quick));
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
            case "restcost":
                bars.AddRange(await RestCostBench.RunAsync(quick));
                break;
            case "reststate":
                bars.AddRange(await StateBench.RunAsync(quick));
                break;
            case "failover":
                bars.AddRange(FailoverBench.Run(quick));
                break;
            case "reconnects":
                bars.AddRange(ReconnectBench.Run(quick));
                break;
            case "fanout":
                bars.AddRange(FanOutBench.Run(quick, [.. arguments.Skip(1).Where(word => !word.StartsWith('-'))]));
                break;
            case "idle":
                bars.AddRange(IdleBench.Run(quick));
                break;
            case "stalled":
                bars.AddRange(StalledBench.Run(quick));
                break;
            case "storm":
                bars.AddRange(StormBench.Run(quick));
                break;
            case "check":
                bars.AddRange(BookBench.Run(quick));
                bars.AddRange(CompareBench.Run(quick));
                bars.AddRange(AccountBench.Run(quick));
                bars.AddRange(EncodeBench.Run(quick));
                bars.AddRange(JournalBench.Run(quick));
                bars.AddRange(RelayBench.Run(quick));
                bars.AddRange(StartBench.Run(quick));
                bars.AddRange(MemoryBench.Run(quick));
                bars.AddRange(await RestCostBench.RunAsync(quick));
                break;

            // Other ends of the benches, each a process of its own.
            case "bare-relay" when arguments.Length == 3:
                return BareRelay.Run(int.Parse(arguments[1], Report.Culture), int.Parse(arguments[2], Report.Culture));
            case "clients" when arguments.Length == 3:
                return LoadClients.Run(arguments[1], int.Parse(arguments[2], Report.Culture));
            case "fan-source" when arguments.Length == 2:
                return LineSource.Run(int.Parse(arguments[1], Report.Culture));
            case "crowd" when arguments.Length == 2:
                return CrowdClients.Run(int.Parse(arguments[1], Report.Culture));
            case "signalr-peer" when arguments.Length == 3:
                return KestrelPeers.SignalR(int.Parse(arguments[1], Report.Culture), int.Parse(arguments[2], Report.Culture));
            case "body-peer" when arguments.Length == 3:
                return KestrelPeers.Body(int.Parse(arguments[1], Report.Culture), arguments[2]);
            case "raw-peer" when arguments.Length == 2:
                return KestrelPeers.Raw(int.Parse(arguments[1], Report.Culture));
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
