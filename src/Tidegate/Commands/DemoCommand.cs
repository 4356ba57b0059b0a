using System.CommandLine;
using Tidegate.Configuration;
using Tidegate.Indexer.Sockets;
using Tidegate.Operations;
using Tidegate.Simulator;

namespace Tidegate.Commands;

/// <summary><c>demo</c>, and no command at all: gateway and simulated exchange in one process, without network or key.</summary>
internal static class DemoCommand
{
    private const int Accounts = 3;
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(30);

    /// <summary>The command.</summary>
    public static Command Create(CommonOptions common, StopSignal stop)
    {
        var arguments = new SimulationArguments();
        var command = new Command("demo", "Gateway and simulated exchange in one process; also what no command at all does");
        arguments.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed, common, arguments, stop.Token));
        return command;
    }

    /// <summary>Runs with the simulator's defaults.</summary>
    public static Task<int> RunAsync(ParseResult parsed, CommonOptions common, CancellationToken stop) =>
        RunAsync(parsed, common, arguments: null, stop);

    private static async Task<int> RunAsync(ParseResult parsed, CommonOptions common, SimulationArguments? arguments, CancellationToken stop)
    {
        var options = common.Settings(parsed);
        var urls = common.Urls(parsed, ListenAddresses.GatewayDefault);
        var log = common.Log(parsed);
        string[] anyPort = ["http://127.0.0.1:0"];
        var simulation = arguments?.Read(parsed, anyPort, control: false) ?? new SimulatorOptions { Urls = anyPort };
        var folder = Directory.CreateTempSubdirectory("tidegate-demo-");
        try
        {
            using var loggers = LoggerFactory.Create(log.AddTo);
            await using var indexer = await SimulateCommand.StartAsync(simulation, loggers, stop);
            var upstream = UpstreamResolution.From(options).Upstream with { Endpoints = [new IndexerEndpoint(indexer.WebSocketUrl, indexer.RestUrl)] };
            await using var gateway = await GatewayHost.StartAsync(new GatewayLaunch(options, upstream, "simulated", urls, new DataFolder(folder.FullName), log), stop);
            Announce(gateway, options, [.. indexer.Addresses.Take(Accounts)]);
            return await gateway.RunAsync(stop) ? 0 : 1;
        }
        finally
        {
            Remove(folder);
        }
    }

    private static void Announce(GatewayHost gateway, TidegateOptions options, IReadOnlyList<string> addresses)
    {
        var address = gateway.Addresses[0].Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal).Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal);
        // in the fragment, which browsers send to no server and servers write to no log
        var fragment = options.Access.Mode == "token" && gateway.Minter is { } minter ? "#token=" + minter.Mint("demo", addresses, TokenLifetime).Text : "";
        Console.WriteLine($"Tidegate {GatewayVersion.Text}: a simulated exchange; nothing leaves this machine. Ctrl-C ends it.");
        Console.WriteLine($"Dashboard: {address}/{fragment}");
    }

    private static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // a file still held: the system's temporary folder is cleaned by others
        }
    }
}
