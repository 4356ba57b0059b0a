using System.CommandLine;
using Tidegate.Configuration;
using Tidegate.Simulator;

namespace Tidegate.Commands;

/// <summary>The options of the simulated exchange.</summary>
internal sealed class SimulationArguments
{
    private readonly Option<string> seed = new("--seed") { Description = "Seed of all randomness", HelpName = "N" };
    private readonly Option<string> markets = new("--markets") { Description = "How many markets", HelpName = "N" };
    private readonly Option<string> rate = new("--rate") { Description = "Book changes a second, over all markets", HelpName = "N" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(seed);
        command.Add(markets);
        command.Add(rate);
    }

    /// <summary>The simulator's options.</summary>
    public SimulatorOptions Read(ParseResult parsed, IReadOnlyList<string> urls, bool control)
    {
        var defaults = new SimulatorOptions();
        return defaults with
        {
            Seed = Values.Whole("--seed", parsed.GetValue(seed), defaults.Seed, 0, int.MaxValue),
            Markets = Values.Whole("--markets", parsed.GetValue(markets), defaults.Markets, 1, 1000),
            Rate = Values.Number("--rate", parsed.GetValue(rate), defaults.Rate, 0, 1_000_000),
            Urls = [.. urls.Select(ListenAddresses.AsUri).Select(u => u.AbsoluteUri)],
            Control = control,
        };
    }
}
