using System.Text.Json.Nodes;
using Tidegate.Simulator;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.DropIn;

/// <summary>Clients that are not ours, unchanged but for their addresses, through the gateway in front of the simulated exchange: dYdX's own TypeScript client, and ccxt.</summary>
public sealed class ForeignClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    [Fact]
    public async Task It_follows_all_it_can_and_does_not_notice_a_drop_of_the_upstream()
    {
        await ForeignClients.FolderAsync();
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 8, Rate = 100, CrossProbability = 0.02 }, "Indexer:Standby=false", "Reconnect:InitialDelay=00:00:00.3");
        var told = await ForeignClients.FollowThroughADropAsync(gateway, "drive.mjs", "ws");
        Assert.Equal((0, false, 0, 0), (told["errors"]!.AsArray().Count, (bool)told["closed"]!, (int)told["holes"]!, (int)told["crossed"]!));
        Assert.Equal(5, told["frames"]!.AsObject().Where(kind => kind.Key.StartsWith("subscribed", StringComparison.Ordinal)).Sum(kind => (int)kind.Value!));
    }

    [Fact]
    public async Task Every_read_method_answers_as_the_indexer_itself_answers_it()
    {
        var folder = await ForeignClients.FolderAsync();
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 9, Rate = 20 });
        await using var follower = await gateway.ConnectAsync();
        await follower.WaitForAsync("subscribed", "v4_orders");
        gateway.Indexer.Exchange.Held = true;
        var direct = await ReadAsync(folder, gateway.Indexer.RestUrl.GetLeftPart(UriPartial.Authority), gateway.Account);
        var through = await ReadAsync(folder, gateway.Address.OriginalString.TrimEnd('/'), gateway.Account, gateway.Token);
        Assert.Equal(direct.Select(call => call.Key), through.Select(call => call.Key));
        Assert.All(direct, call => Assert.Equal(call.Value!.ToJsonString(), through[call.Key]!.ToJsonString()));
        Assert.True(direct.Count(call => call.Value is not JsonValue) >= 25, direct.ToJsonString());
    }

    [Fact]
    public async Task Ccxt_reads_and_follows_all_that_it_knows_of()
    {
        var folder = await ForeignClients.FolderAsync();
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 11, Rate = 100 });
        var run = await Tool.RunAsync(Patience, folder, "node", "ccxt.mjs", gateway.Address.OriginalString.TrimEnd('/'), gateway.Account, gateway.Token);
        Assert.True(run.ExitCode == 0, run.All);
        var told = JsonNode.Parse(run.Output)!.AsObject();
        Assert.True(told.Count >= 11 && told.All(call => (string?)call.Value == "good"), run.Output);
    }

    private static async Task<JsonObject> ReadAsync(string folder, params string[] arguments)
    {
        var run = await Tool.RunAsync(Patience, folder, "node", ["drive.mjs", "rest", .. arguments]);
        Assert.True(run.ExitCode == 0, run.All);
        return JsonNode.Parse(run.Output)!.AsObject();
    }
}
