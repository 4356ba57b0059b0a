using System.CommandLine;
using Tidegate.Configuration;

namespace Tidegate.Commands;

/// <summary><c>serve</c>: the gateway against a real Indexer.</summary>
internal static class ServeCommand
{
    /// <summary>The command.</summary>
    public static Command Create(CommonOptions common, StopSignal stop)
    {
        var upstream = new UpstreamArguments();
        var command = new Command("serve", "The gateway against a real Indexer");
        upstream.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed, common, upstream, stop.Token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CommonOptions common, UpstreamArguments upstream, CancellationToken stop)
    {
        var options = common.Settings(parsed, upstream.Settings(parsed));
        var resolved = UpstreamResolution.From(options);
        var launch = new GatewayLaunch(options, resolved.Upstream, resolved.Network, common.Urls(parsed, ListenAddresses.GatewayDefault), DataFolder.For(options), common.Log(parsed));
        await using var gateway = await GatewayHost.StartAsync(launch, stop);
        return await gateway.RunAsync(stop) ? 0 : 1;
    }
}
