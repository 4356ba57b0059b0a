using System.CommandLine;
using Tidegate.Configuration;
using Tidegate.Simulator;

namespace Tidegate.Commands;

/// <summary><c>simulate</c>: the simulated Indexer alone.</summary>
internal static class SimulateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommonOptions common, StopSignal stop)
    {
        var arguments = new SimulationArguments();
        var command = new Command("simulate", "The simulated Indexer alone, on /v4/ws and /v4/*");
        arguments.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed, common, arguments, stop.Token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CommonOptions common, SimulationArguments arguments, CancellationToken stop)
    {
        common.Settings(parsed);
        var urls = common.Urls(parsed, ListenAddresses.SimulatorDefault);
        var log = common.Log(parsed);
        using var loggers = LoggerFactory.Create(log.AddTo);
        await using var indexer = await StartAsync(arguments.Read(parsed, urls, control: true), loggers, stop);
        log.Started();
        Console.WriteLine($"Simulated Indexer: {indexer.WebSocketUrl} and {indexer.RestUrl}");
        Console.WriteLine("Accounts: " + string.Join(' ', indexer.Addresses));
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    /// <summary>Starts the simulated exchange; a port in use is the command's failure.</summary>
    public static async Task<SimulatedIndexer> StartAsync(SimulatorOptions options, ILoggerFactory loggers, CancellationToken stop)
    {
        try
        {
            return await SimulatedIndexer.StartAsync(options, TimeProvider.System, loggers, stop);
        }
        catch (IOException e)
        {
            throw new CommandFailure($"--urls \"{string.Join(' ', options.Urls)}\": cannot listen there ({e.Message.ReplaceLineEndings(" ")})", inner: e);
        }
    }
}
