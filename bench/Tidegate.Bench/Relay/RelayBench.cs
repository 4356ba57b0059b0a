using System.Globalization;
using Tidegate.Bench.Starting;

namespace Tidegate.Bench.Relay;

/// <summary>
/// Time from the source's socket write to a client's receipt, through the built gateway and through a bare relay, in turn: 1,000 updates a second over
/// 20 topics, 50 clients with 4 topics each, so 10,000 deliveries a second.
/// </summary>
internal static class RelayBench
{
    private const int Rate = 1000;
    private const int Fan = LoadClients.Count * LoadClients.TopicsEach / Marker.Topics;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private enum Schedule
    {
        Even,
        Block,
    }

    private sealed record Figures(double Median, double P99, double P999, double Most, double CpuMicroseconds);

    private sealed record Target(string Name, FakeIndexer Source, Child Server, Child Clients);

    public static IEnumerable<Bar> Run(bool quick)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("relay: needs Linux; skipped");
            return [];
        }

        using var folder = new TemporaryFolder();
        using var relaySource = new FakeIndexer();
        using var gatewaySource = new FakeIndexer();
        var (relayPort, gatewayPort) = (Wire.FreePort(), Wire.FreePort());
        using var relay = Child.Self("bare-relay", Text(relaySource.Port), Text(relayPort));
        using var gateway = Child.Gateway([.. StartBench.Serve(gatewaySource.Port, gatewayPort, folder), "--set", "Access:Mode=open", "--set", "Indexer:Standby=false"]); // one source socket, as the relay has
        Http.WaitForOk(gatewayPort, "/healthz");
        WaitFor(() => relaySource.Followed == Marker.Topics);
        using var relayClients = Child.Self("clients", "relay", Text(relayPort));
        using var gatewayClients = Child.Self("clients", "gateway", Text(gatewayPort));
        relayClients.Hear();
        gatewayClients.Hear();
        WaitFor(() => gatewaySource.Followed == Marker.Topics);
        Thread.Sleep(1000);

        Target[] targets = [new("bare relay", relaySource, relay, relayClients), new("gateway", gatewaySource, gateway, gatewayClients)];
        var seconds = quick ? 1 : 5;
        foreach (var target in targets)
        {
            Pass(target, Schedule.Even, seconds);
            for (var block = 0; block < 3 * seconds; block++)
            {
                Pass(target, Schedule.Block, 1);
            }
        }

        var rows = new List<string[]>();
        var bars = new List<Bar>();
        foreach (var schedule in Enum.GetValues<Schedule>())
        {
            var passes = targets.Select(_ => new List<Figures>()).ToArray();
            for (var pass = 0; pass < (quick ? 1 : 3); pass++)
            {
                for (var target = 0; target < targets.Length; target++)
                {
                    passes[target].Add(Pass(targets[target], schedule, seconds));
                }
            }

            var medians = passes.Select(Median).ToArray();
            var name = schedule == Schedule.Even ? "even" : "1,000 at once";
            for (var target = 0; target < targets.Length; target++)
            {
                rows.Add([$"{name}: {targets[target].Name}", .. Cells(medians[target])]);
            }

            rows.Add([$"{name}: ratio", .. Cells(Ratio(medians[1], medians[0]))]);
            bars.AddRange(Bars(schedule, name, medians[0], medians[1]));
        }

        Report.Table(
            $"relay: milliseconds from write to receipt, {Rate} updates/s, {LoadClients.Count} clients x {LoadClients.TopicsEach} of {Marker.Topics} topics (medians of interleaved passes)",
            ["schedule", "median", "p99", "p99.9", "max", "server CPU us a delivery"],
            rows);
        return bars;
    }

    private static IEnumerable<Bar> Bars(Schedule schedule, string name, Figures relay, Figures gateway)
    {
        if (schedule == Schedule.Even)
        {
            yield return new Bar($"{name}: median", gateway.Median, " ms", 0.6, AtLeast: false);
            yield return new Bar($"{name}: p99", gateway.P99, " ms", 3, AtLeast: false);
        }

        var most = schedule == Schedule.Even ? 2 : 2.5;
        yield return new Bar($"{name}: median, times the bare relay's", gateway.Median / relay.Median, "", most, AtLeast: false);
        yield return new Bar($"{name}: p99, times the bare relay's", gateway.P99 / relay.P99, "", most, AtLeast: false);
    }

    private static Figures Pass(Target target, Schedule schedule, int seconds)
    {
        target.Clients.Say("begin");
        target.Clients.Hear();
        var cpu = target.Server.Cpu;
        var start = Linux.Now();
        if (schedule == Schedule.Even)
        {
            for (var i = 0; i < seconds * Rate; i++)
            {
                Linux.SleepUntil(start + (i * (1_000_000_000L / Rate)));
                target.Source.Trade();
            }
        }
        else
        {
            for (var i = 0; i < seconds; i++)
            {
                Linux.SleepUntil(start + (i * 1_000_000_000L));
                target.Source.Burst(Rate);
            }
        }

        Thread.Sleep(300);
        var deliveries = seconds * Rate * Fan;
        cpu = target.Server.Cpu - cpu;
        target.Clients.Say("end");
        var told = target.Clients.Hear().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        if ((int)told[0] != deliveries || told[1] > 0)
        {
            throw new InvalidOperationException($"{target.Name}: {told[0]} of {deliveries} deliveries, {told[1]} out of order: the figures mean nothing");
        }

        return new Figures(told[2], told[3], told[4], told[5], cpu * 1e6 / deliveries);
    }

    private static Figures Median(List<Figures> passes) => new(
        Report.Median(passes.Select(pass => pass.Median)),
        Report.Median(passes.Select(pass => pass.P99)),
        Report.Median(passes.Select(pass => pass.P999)),
        Report.Median(passes.Select(pass => pass.Most)),
        Report.Median(passes.Select(pass => pass.CpuMicroseconds)));

    private static Figures Ratio(Figures left, Figures right) =>
        new(left.Median / right.Median, left.P99 / right.P99, left.P999 / right.P999, left.Most / right.Most, left.CpuMicroseconds / right.CpuMicroseconds);

    private static string[] Cells(Figures figures) =>
        [.. new[] { figures.Median, figures.P99, figures.P999, figures.Most, figures.CpuMicroseconds }.Select(Report.Number)];

    private static void WaitFor(Func<bool> condition)
    {
        var until = Linux.Now() + (long)Patience.TotalNanoseconds;
        while (!condition())
        {
            if (Linux.Now() > until)
            {
                throw new TimeoutException("the parts of the bench did not find each other");
            }

            Thread.Sleep(20);
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
