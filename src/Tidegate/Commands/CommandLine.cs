using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Tidegate.Configuration;

namespace Tidegate.Commands;

/// <summary>The command line: what there is, and how every refusal becomes one line and an exit code (contract 1).</summary>
internal static class CommandLine
{
    /// <summary>Runs one command to its end. 0 ok, 1 failed, 2 bad usage or configuration.</summary>
    public static async Task<int> RunAsync(string[] arguments, TextWriter errors)
    {
        using var stop = new StopSignal();
        try
        {
            var parsed = Create(stop).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
            {
                throw new SettingsException(Refusal(parsed));
            }

            // the signals are StopSignal's; exceptions are told below
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (SettingsException e)
        {
            await errors.WriteLineAsync("tidegate: " + OneLine(e.Message));
            return 2;
        }
        catch (CommandFailure e)
        {
            await errors.WriteLineAsync("tidegate: " + OneLine(e.Message));
            return e.ExitCode;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e)
        {
            await errors.WriteLineAsync($"tidegate: {e.GetType().Name}: {OneLine(e.Message)}");
            return 1;
        }
    }

    private static RootCommand Create(StopSignal stop)
    {
        var common = new CommonOptions();
        var root = new RootCommand("Tidegate, a self-hosted gateway for dYdX v4. Without a command it runs the demo.");
        common.AddTo(root);
        root.Add(DemoCommand.Create(common, stop));
        root.Add(ServeCommand.Create(common, stop));
        root.Add(SimulateCommand.Create(common, stop));
        root.Add(WatchCommand.Create(common, stop));
        root.Add(TokenCommand.Create(common));
        root.Add(DoctorCommand.Create(common, stop));
        root.SetAction((parsed, _) => DemoCommand.RunAsync(parsed, common, stop.Token));
        return root;
    }

    private static string Refusal(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var where = command is RootCommand ? "" : $" for \"{command.Name}\"";
        if (parsed.UnmatchedTokens is not [var first, ..])
        {
            return command.Subcommands.Count > 0 && command is not RootCommand
                ? $"\"{command.Name}\" needs one of {string.Join(", ", command.Subcommands.Select(c => c.Name))}"
                : parsed.Errors[0].Message;
        }

        if (first.StartsWith('-'))
        {
            var option = first.Split('=')[0];
            var known = Options(parsed.CommandResult).SelectMany(o => o.Aliases.Append(o.Name)).Where(n => n.StartsWith("--", StringComparison.Ordinal)).ToList();
            return $"unknown option \"{option}\"{where}{Hint(option, known)}";
        }

        var commands = command.Subcommands.Select(c => c.Name).ToList();
        return commands.Count > 0
            ? $"unknown command \"{first}\"{where}{Hint(first, commands)}"
            : $"unexpected \"{first}\"{where}; see tidegate {command.Name} --help";
    }

    private static string Hint(string word, List<string> known) =>
        Spelling.Nearest(word, known) is { } near ? $"; did you mean \"{near}\"?" : $"; {string.Join(", ", known)} are allowed";

    private static IEnumerable<Option> Options(CommandResult result)
    {
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            foreach (var option in (at as CommandResult)?.Command.Options.Where(o => at == result || o.Recursive) ?? [])
            {
                yield return option;
            }
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
