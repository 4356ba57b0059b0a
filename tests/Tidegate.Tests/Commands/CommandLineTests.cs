using System.Text.RegularExpressions;

namespace Tidegate.Tests.Commands;

public sealed class CommandLineTests : IDisposable
{
    private const string A = "dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4";
    private readonly Executable exe = new();

    public void Dispose() => exe.Dispose();

    [Theory]
    [InlineData("serve --nope", "--nope")]
    [InlineData("serve --netwrok testnet", "did you mean \"--network\"")]
    [InlineData("sevre", "did you mean \"serve\"")]
    [InlineData("token", "create, list, revoke")]
    [InlineData("token creat", "did you mean \"create\"")]
    [InlineData("token create", "--address")]
    [InlineData("token create --address nonsense", "nonsense")]
    [InlineData("token create --address " + A + " --ttl 30", "such as 12h")]
    [InlineData("serve --ws-url ftp://x --rest-url http://x", "ws:// or wss://")]
    [InlineData("serve --ws-url ws://x/v4/ws", "RestUrl")]
    [InlineData("serve --network devnet", "mainnet or testnet")]
    [InlineData("serve --urls 127.0.0.1:8000", "http://HOST:PORT")]
    [InlineData("serve --log-format jsn", "did you mean \"json\"")]
    [InlineData("serve --set Sessions:QueueFrame=1", "did you mean \"Sessions:QueueFrames\"")]
    [InlineData("serve --set Polling:Interval=15", "a duration")]
    [InlineData("serve --config /nowhere.json", "/nowhere.json")]
    [InlineData("simulate --seed x", "--seed")]
    [InlineData("watch v4_nothing", "v4_orderbook")]
    [InlineData("watch v4_orderbook", "BTC-USD")]
    [InlineData("watch v4_orders x --from ws://h/v4/ws", "v4_subaccounts")]
    [InlineData("watch v4_markets --from ws://h/other", "/ws/dashboard or /v4/ws")]
    [InlineData("doctor --ws-url x --rest-url y", "ws:// or wss://")]
    [InlineData("record", "unknown command")]
    public async Task Bad_usage_ends_with_2_and_one_line_that_names_it(string arguments, string told)
    {
        var (code, output, error) = await exe.RunAsync(arguments.Split(' '));
        Assert.Equal(2, code);
        Assert.Contains(told, Assert.Single(error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error + output, StringComparison.Ordinal);
        Assert.Equal("", output);
    }

    [Theory]
    [InlineData("TIDEGATE__ACCESS__MODE", "closed", "token or open")]
    [InlineData("tidegate__acces__mode", "open", "did you mean \"Access:Mode\"")]
    [InlineData("Tidegate__Access__SigningKey", "short", "at least 32 bytes")]
    public async Task A_bad_environment_variable_ends_with_2_and_its_name(string name, string value, string told)
    {
        var (code, _, error) = await exe.RunAsync(["serve"], (name, value));
        Assert.Equal(2, code);
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.Contains(name, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve --help")]
    [InlineData("demo --help")]
    [InlineData("simulate --help")]
    [InlineData("watch --help")]
    [InlineData("doctor --help")]
    [InlineData("token --help")]
    [InlineData("token create --help")]
    [InlineData("token list --help")]
    [InlineData("token revoke --help")]
    [InlineData("--version")]
    public async Task Help_stands_on_every_level(string arguments)
    {
        var (code, output, error) = await exe.RunAsync(arguments.Split(' '));
        Assert.Equal((0, ""), (code, error));
        Assert.NotEqual("", output);
    }

    [Fact]
    public async Task Tokens_are_made_listed_and_revoked()
    {
        var made = await exe.RunAsync(["token", "create", "--address", A, "--name", "desk", "--ttl", "12h"]);
        Assert.Equal(0, made.Code);
        Assert.Matches(new Regex(@"^[\w-]+\.[\w-]+\.[\w-]+\n$", RegexOptions.None, TimeSpan.FromSeconds(1)), made.Out);

        var listed = await exe.RunAsync(["token", "list"]);
        var row = listed.Out.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(("desk", "valid", A), (row[1], row[2], row[^1]));
        Assert.DoesNotContain(made.Out.Trim(), listed.Out, StringComparison.Ordinal);

        Assert.Equal(0, (await exe.RunAsync(["token", "revoke", row[0]])).Code);
        Assert.Contains("revoked", (await exe.RunAsync(["token", "list"])).Out, StringComparison.Ordinal);
        var unknown = await exe.RunAsync(["token", "revoke", "0000"]);
        Assert.Equal(1, unknown.Code);
        Assert.Contains("0000", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await exe.RunAsync(["token", "revoke", "0000", "--unlisted"])).Code);
    }
}
