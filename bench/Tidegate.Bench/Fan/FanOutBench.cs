namespace Tidegate.Bench.Fan;

/// <summary>
/// CPU that a server spends on a delivery, beside that of other servers in the same run: 1,000 clients, frames of some 360 bytes, three interleaved runs
/// after one that does not count. Servers that are not installed are left out.
/// </summary>
internal static class FanOutBench
{
    private const int Runs = 3;

    public static IEnumerable<Bar> Run(bool quick, IReadOnlyList<string> chosen)
    {
        using var instruments = Instruments.Find(out var why);
        if (instruments is null)
        {
            Console.WriteLine("fanout: " + why + "; skipped");
            return [];
        }

        using var folder = new TemporaryFolder();
        using var source = new LineSource(topics: 100);
        var servers = new List<FanServer>();
        try
        {
            foreach (var start in new Func<FanServer>[] { () => FanServer.Gateway(source, folder), () => servers[0].ByDropIn(), FanServer.SignalR, () => FanServer.Nats(folder), () => FanServer.Nchan(folder), FanServer.NodeWs })
            {
                Add(servers, start);
            }

            var bars = new List<Bar>();
            foreach (var scenario in Scenario.All.Where(one => chosen.Count == 0 || chosen.Contains(one.Command, StringComparer.Ordinal)))
            {
                using var floor = FanServer.Floor(instruments, scenario.FloorSendsEach);
                floor.Listens();
                var medians = Measure(instruments, scenario, [floor, .. servers], quick);
                Print(scenario, medians);
                bars.AddRange(Bars(scenario, medians));
            }

            if (chosen.Count == 0 || chosen.Contains("allocated", StringComparer.Ordinal))
            {
                bars.Add(AllocationBar(instruments, servers[0], quick));
            }

            return bars;
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }
    }

    private static void Add(List<FanServer> servers, Func<FanServer> start)
    {
        try
        {
            var server = start();
            if (server.Listens())
            {
                servers.Add(server);
                return;
            }

            server.Dispose();
            Console.WriteLine($"fanout: {server.Name} did not start; left out");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Console.WriteLine($"fanout: left out: {e.Message}");
        }
    }

    private static Dictionary<string, FanRun> Measure(Instruments instruments, Scenario scenario, IReadOnlyList<FanServer> servers, bool quick)
    {
        var runs = servers.ToDictionary(server => server.Name, _ => new List<FanRun>(), StringComparer.Ordinal);

        // What compiles as it runs is warm after this.
        foreach (var server in servers.Where(server => server.Name is "tidegate" or FanServer.DropIn or "SignalR"))
        {
            instruments.Run(server, scenario, warm: 0.5, quick ? 0.5 : 10);
        }

        for (var run = 0; run < (quick ? 1 : Runs); run++)
        {
            foreach (var server in servers)
            {
                runs[server.Name].Add(instruments.Run(server, scenario, warm: 1, quick ? 1 : 3));
            }
        }

        return runs.ToDictionary(pair => pair.Key, pair => Median(pair.Value), StringComparer.Ordinal);
    }

    private static FanRun Median(List<FanRun> runs) => new(
        Report.Median(runs.Select(run => run.DeliveriesPerSecond)),
        Report.Median(runs.Select(run => run.CpuMicroseconds)),
        Report.Median(runs.Select(run => run.MedianMicroseconds)),
        Report.Median(runs.Select(run => run.P99Microseconds)),
        runs.Sum(run => run.Gaps),
        runs.Sum(run => run.Closed));

    private static void Print(Scenario scenario, Dictionary<string, FanRun> medians) => Report.Table(
        $"fanout: {scenario.Name}, 1,000 clients (medians of {Runs} interleaved runs)",
        ["server", "deliveries/s", "server CPU us a delivery", "median ms", "p99 ms", "missed", "closed"],
        [.. medians.Select(pair => new[]
        {
            pair.Key, Report.Number(pair.Value.DeliveriesPerSecond), Report.Number(pair.Value.CpuMicroseconds), Report.Number(pair.Value.MedianMicroseconds / 1000),
            Report.Number(pair.Value.P99Microseconds / 1000), Report.Number(pair.Value.Gaps), Report.Number(pair.Value.Closed),
        })]);

    private static IEnumerable<Bar> Bars(Scenario scenario, Dictionary<string, FanRun> medians)
    {
        var own = medians["tidegate"];
        yield return new Bar($"{scenario.Command}: missed or closed", own.Gaps + own.Closed, "", 0, AtLeast: false);
        foreach (var (peer, most) in MostTimes(scenario).Where(bar => medians.ContainsKey(bar.Peer)))
        {
            yield return new Bar($"{scenario.Command}: CPU a delivery, times {peer}'s", own.CpuMicroseconds / medians[peer].CpuMicroseconds, "", most, AtLeast: false);
        }

        if (scenario != Scenario.Saturation)
        {
            yield return new Bar($"{scenario.Command}: CPU a delivery by /v4/ws, times the dashboard socket's", medians[FanServer.DropIn].CpuMicroseconds / own.CpuMicroseconds, "", 1.15, AtLeast: false);
        }

        if (scenario == Scenario.Saturation && medians.TryGetValue("nats-server", out var nats))
        {
            yield return new Bar("saturation: deliveries a second, times nats-server's", own.DeliveriesPerSecond / nats.DeliveriesPerSecond, "", 1.5, AtLeast: true);
        }
    }

    private static (string Peer, double Most)[] MostTimes(Scenario scenario) => scenario.Command switch
    {
        "singly" => [("floor", 1.3), ("SignalR", 0.5)],
        "bursts" => [("floor", 2.2), ("nats-server", 0.6)],
        "topics" => [("floor", 1.7), ("nats-server", 0.6)],
        _ => [],
    };

    // What a message costs once is in both runs: the difference is what a delivery costs.
    private static Bar AllocationBar(Instruments instruments, FanServer server, bool quick)
    {
        const int Few = 100;
        var seconds = quick ? 1 : 5;
        var (few, many) = (Allocated(Few), Allocated(1000));
        return new Bar("allocated a delivery", Math.Round((many - few) / (100 * seconds * (1000 - Few)), 1), " B", 0, AtLeast: false);

        double Allocated(int clients)
        {
            double at = 0, end = 0;
            using var watch = new Timer(_ => at = Metrics.Read(server.Port, "dotnet_gc_heap_total_allocated_bytes_total"), null, 3500, Timeout.Infinite);
            using var after = new Timer(_ => end = Metrics.Read(server.Port, "dotnet_gc_heap_total_allocated_bytes_total"), null, 3500 + (seconds * 1000), Timeout.Infinite);
            instruments.Run(server, Scenario.Singly, warm: 2, seconds + 2, clients);
            return end - at;
        }
    }
}
