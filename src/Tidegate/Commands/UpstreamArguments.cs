using System.CommandLine;
using Tidegate.Configuration;

namespace Tidegate.Commands;

/// <summary>The options that say which Indexer: a network, or addresses of one's own.</summary>
internal sealed class UpstreamArguments
{
    private readonly Option<string> network = new("--network") { Description = "mainnet (default) or testnet", HelpName = "NAME" };
    private readonly Option<string> socket = new("--ws-url") { Description = "The Indexer's socket, such as ws://host/v4/ws; with --rest-url", HelpName = "URL" };
    private readonly Option<string> rest = new("--rest-url") { Description = "The Indexer's REST base, such as http://host/v4; with --ws-url", HelpName = "URL" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(network);
        command.Add(socket);
        command.Add(rest);
    }

    /// <summary>The settings they stand for.</summary>
    public IEnumerable<SettingValue> Settings(ParseResult parsed) =>
        new (Option<string> Option, string Key)[] { (network, "Indexer:Network"), (socket, "Indexer:WebSocketUrl"), (rest, "Indexer:RestUrl") }
            .Where(o => parsed.GetValue(o.Option) is not null)
            .Select(o => new SettingValue(o.Key, parsed.GetValue(o.Option)!, o.Option.Name));
}
