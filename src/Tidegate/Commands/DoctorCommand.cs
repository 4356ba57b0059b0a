using System.CommandLine;
using Tidegate.Configuration;
using Tidegate.Operations;

namespace Tidegate.Commands;

/// <summary><c>doctor</c>: whether a gateway would run well here, and what to do where not.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommonOptions common, StopSignal stop)
    {
        var upstream = new UpstreamArguments();
        var command = new Command("doctor", "Checks configuration, upstream, clock, limits, ports and data folder; prints what to do");
        upstream.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed, common, upstream, stop.Token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CommonOptions common, UpstreamArguments upstream, CancellationToken stop)
    {
        var options = common.Settings(parsed, upstream.Settings(parsed));
        var urls = common.Urls(parsed, ListenAddresses.GatewayDefault);
        var resolved = UpstreamResolution.From(options);
        using var examination = new UpstreamExamination(TimeProvider.System);
        var failed = 0;
        foreach (var finding in LocalExamination.Run(options, resolved.Network, urls, DataFolder.For(options)))
        {
            failed += Print(finding);
        }

        foreach (var endpoint in resolved.Upstream.Endpoints)
        {
            await foreach (var finding in examination.RunAsync(endpoint, stop))
            {
                failed += Print(finding);
            }
        }

        Console.WriteLine(failed == 0 ? "All is well." : $"{failed} of the checks failed.");
        return failed == 0 ? 0 : 1;
    }

    private static int Print(Finding finding)
    {
        Console.WriteLine($"{(finding.Ok ? "ok  " : "FAIL")}  {finding.Check,-14}  {finding.Detail.ReplaceLineEndings(" ")}");
        if (finding.Advice is { } advice)
        {
            Console.WriteLine($"      {"",-14}  → {advice}");
        }

        return finding.Ok ? 0 : 1;
    }
}
