using System.Reflection;
using Tidegate.Configuration;

namespace Tidegate.Tests.Configuration;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void Without_any_source_every_setting_has_its_default()
    {
        var options = Load();
        Assert.Equal("mainnet", options.Indexer.Network);
        Assert.Equal(TimeSpan.FromSeconds(15), options.Polling.Interval);
        Assert.Equal(32, options.DropIn.MaxSubscriptions["v4_orderbook"]);
    }

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        File.WriteAllText(file, """{"Tidegate":{"Sessions":{"QueueFrames":1,"ResumeFrames":1},"Polling":{"Interval":"00:00:01"}}}""");
        var options = SettingsReader.Load(file, [new("TIDEGATE__SESSIONS__QUEUEFRAMES", "2"), new("Tidegate__Polling__Interval", "2s")], [SettingValue.FromAssignment("Polling:Interval=3s")]);
        Assert.Equal(1, options.Sessions.ResumeFrames);
        Assert.Equal(2, options.Sessions.QueueFrames);
        Assert.Equal(TimeSpan.FromSeconds(3), options.Polling.Interval);
    }

    [Theory]
    [InlineData("TIDEGATE__ACCESS__MODE")]
    [InlineData("tidegate__access__mode")]
    [InlineData("Tidegate__Access__Mode")]
    [InlineData("tIDEGATE__aCCESS__mODE")]
    public void An_environment_variable_is_found_in_any_letter_case(string name) =>
        Assert.Equal("open", SettingsReader.Load(null, [new(name, "open"), new("PATH", "x"), new("TIDEGATE_TOKEN", "y")], []).Access.Mode);

    [Fact]
    public void Lists_and_tables_come_from_every_source()
    {
        File.WriteAllText(file, """
            {
              // comments and a trailing comma are fine
              "Tidegate": {
                "Access": { "AllowedOrigins": ["https://Desk.Example:443", "http://a.example:81"], "AllowedHosts": ["Gate.Example."] },
                "Indexer": { "Fallbacks": [{ "WebSocketUrl": "ws://f/v4/ws", "RestUrl": "http://f/v4/" }] },
                "DropIn": { "MaxSubscriptions": { "v4_trades": 5 } },
              },
            }
            """);
        var options = SettingsReader.Load(file, [new("TIDEGATE__ACCESS__ALLOWEDORIGINS__1", "http://b.example")], [SettingValue.FromAssignment("DropIn:MaxSubscriptions:v4_candles=0")]);
        Assert.Equal(["https://desk.example", "http://b.example"], options.Access.AllowedOrigins);
        Assert.Equal(["gate.example"], options.Access.AllowedHosts);
        Assert.Equal("http://f/v4", Assert.Single(options.Indexer.Fallbacks).RestUrl);
        Assert.Equal((5, 0, 32), (options.DropIn.MaxSubscriptions["v4_trades"], options.DropIn.MaxSubscriptions["v4_candles"], options.DropIn.MaxSubscriptions["v4_markets"]));
    }

    [Fact]
    public void A_list_can_be_given_at_once_and_replaces_what_was_there()
    {
        var options = Load("Access:AllowedHosts:0=old.example", "Access:AllowedHosts=a.example, b.example");
        Assert.Equal(["a.example", "b.example"], options.Access.AllowedHosts);
    }

    [Theory]
    [InlineData("Sessions:QueueFrame=1", "Sessions:QueueFrames")]
    [InlineData("Acces:Mode=open", "Access:Mode")]
    [InlineData("QueueFrames=1", "Sessions:QueueFrames")]
    [InlineData("DropIn:MaxSubscriptions:v4_trade=1", "DropIn:MaxSubscriptions:v4_trades")]
    [InlineData("Indexer:Fallbacks:0:RestUri=http://x", "Indexer:Fallbacks:*:RestUrl")]
    [InlineData("Sessions=1", "Sessions:MaxConnections")]
    public void An_unknown_key_suggests_the_nearest_known_one(string assignment, string suggestion)
    {
        var message = Refusal(assignment);
        Assert.Contains(assignment.Split('=')[0], message, StringComparison.Ordinal);
        Assert.Contains($"\"{suggestion}\"", message, StringComparison.Ordinal);
        Assert.Contains("unknown key", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Indexer:Network=devnet", "mainnet or testnet")]
    [InlineData("Access:Mode=closed", "token or open")]
    [InlineData("Sessions:QueueFrames=many", "a whole number from 1")]
    [InlineData("Sessions:QueueFrames=1.5", "a whole number from 1")]
    [InlineData("Sessions:QueueFrames=0", "a whole number from 1")]
    [InlineData("Sessions:QueueFrames=99999999999999999999", "a whole number from 1")]
    [InlineData("Polling:Interval=15", "a duration above 0")]
    [InlineData("Polling:Interval=00:00:00", "a duration above 0")]
    [InlineData("Polling:Interval=-00:00:01", "a duration above 0")]
    [InlineData("Polling:Interval=", "a duration above 0")]
    [InlineData("Indexer:Standby=yes", "true or false")]
    [InlineData("Reconnect:Jitter=1.1", "a number from 0 to 1")]
    [InlineData("Reconnect:Jitter=NaN", "a number from 0 to 1")]
    [InlineData("Audit:RestShare=0", "a number above 0")]
    [InlineData("Indexer:WebSocketUrl=ftp://x", "ws:// or wss://")]
    [InlineData("Indexer:RestUrl=indexer.dydx.trade", "http:// or https://")]
    [InlineData("Access:AllowedOrigins:0=desk.example", "an origin is allowed")]
    [InlineData("Access:AllowedOrigins:0=https://desk.example/path", "an origin is allowed")]
    [InlineData("Access:AllowedHosts:0=http://gate.example", "a host name")]
    [InlineData("Access:AllowedHosts:0=*", "a host name")]
    [InlineData("Access:Authority=http://id.example", "https://")]
    [InlineData("DropIn:MaxSubscriptions:v4_trades=-1", "a whole number from 0")]
    [InlineData("Access:AllowedHosts:100000=a", "at most 256")]
    public void A_value_that_is_not_allowed_is_told_with_key_value_and_what_is(string assignment, string allowed)
    {
        var message = Refusal(assignment);
        Assert.StartsWith("--set " + assignment.Split('=')[0], message, StringComparison.Ordinal);
        Assert.Contains(allowed, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_short_signing_key_is_refused_without_being_repeated()
    {
        var message = Refusal("Access:SigningKey=hunter2");
        Assert.Contains("at least 32 bytes", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { "Indexer:WebSocketUrl=ws://x/v4/ws" }, "RestUrl")]
    [InlineData(new[] { "Indexer:RestUrl=http://x/v4" }, "WebSocketUrl")]
    [InlineData(new[] { "Indexer:Fallbacks:0:RestUrl=http://x/v4" }, "both")]
    [InlineData(new[] { "Reconnect:InitialDelay=20s" }, "MaxDelay")]
    [InlineData(new[] { "Access:AllowedHosts:1=b.example" }, "AllowedHosts:0")]
    public void Settings_that_do_not_go_together_are_refused(string[] assignments, string named)
    {
        var message = Assert.Throws<SettingsException>(() => Load(assignments)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("[]", "section \"Tidegate\"")]
    [InlineData("""{"Tidegate":{"Access":{"Mode":"open","Mode":"token"}}}""", "JSON")]
    [InlineData("""{"Tidgate":{}}""", "did you mean \"Tidegate\"")]
    [InlineData("""{"Access":{"Mode":"open"}}""", "below \"Tidegate\"")]
    [InlineData("""{"Tidegate":{"Access":{"Mod":"open"}}}""", "Access:Mode")]
    [InlineData("""{"Tidegate":{"Sessions":{"QueueFrames":true}}}""", "a whole number")]
    [InlineData("""{"Tidegate":7}""", "an object")]
    public void A_file_that_cannot_be_used_is_told_with_its_place(string json, string told)
    {
        File.WriteAllText(file, json);
        var message = Assert.Throws<SettingsException>(() => SettingsReader.Load(file, [], [])).Message;
        Assert.Contains(told, message, StringComparison.Ordinal);
        Assert.Contains(file, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Assert.Contains("/nowhere.json", Assert.Throws<SettingsException>(() => SettingsReader.Load("/nowhere.json", [], [])).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_member_of_the_options_can_be_set_and_every_key_has_a_member()
    {
        var members = Members(typeof(TidegateOptions), "").Order(StringComparer.Ordinal);
        var keys = SettingsReader.Keys.Where(k => !SettingsReader.Keys.Contains(k + ":*", StringComparer.Ordinal)).Select(k => k.StartsWith("DropIn:MaxSubscriptions:", StringComparison.Ordinal) ? "DropIn:MaxSubscriptions" : k)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        Assert.Equal(members, keys);
    }

    [Theory]
    [InlineData("mainnet", "wss://indexer.dydx.trade/v4/ws", "https://indexer.dydx.trade/v4")]
    [InlineData("testnet", "wss://indexer.v4testnet.dydx.exchange/v4/ws", "https://indexer.v4testnet.dydx.exchange/v4")]
    public void A_network_stands_for_its_addresses(string network, string socket, string rest)
    {
        var resolved = UpstreamResolution.From(Load("Indexer:Network=" + network));
        Assert.Equal(network, resolved.Network);
        Assert.Equal((socket, rest), (resolved.Upstream.Endpoints[0].WebSocketUrl.AbsoluteUri, resolved.Upstream.Endpoints[0].RestUrl.AbsoluteUri));
    }

    [Fact]
    public void Own_addresses_make_the_network_custom_and_fallbacks_follow()
    {
        var resolved = UpstreamResolution.From(Load("Indexer:WebSocketUrl=ws://x/v4/ws", "Indexer:RestUrl=http://x/v4/", "Indexer:Fallbacks:0:WebSocketUrl=ws://y/v4/ws", "Indexer:Fallbacks:0:RestUrl=http://y/v4", "Health:StaleAfter=5s"));
        Assert.Equal("custom", resolved.Network);
        Assert.Equal(["http://x/v4", "http://y/v4"], resolved.Upstream.Endpoints.Select(e => e.RestUrl.AbsoluteUri));
        Assert.Equal(TimeSpan.FromSeconds(5), resolved.Upstream.StaleAfter);
    }

    private static IEnumerable<string> Members(Type type, string prefix) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(p =>
        p.PropertyType == typeof(List<string>) ? [prefix + p.Name + ":*"]
        : p.PropertyType == typeof(List<FallbackSettings>) ? Members(typeof(FallbackSettings), prefix + p.Name + ":*:")
        : p.PropertyType.Namespace == typeof(TidegateOptions).Namespace ? Members(p.PropertyType, prefix + p.Name + ":")
        : (IEnumerable<string>)[prefix + p.Name]);

    private static string Refusal(string assignment) => Assert.Throws<SettingsException>(() => Load(assignment)).Message;

    private static TidegateOptions Load(params string[] assignments) => SettingsReader.Load(null, [], assignments.Select(SettingValue.FromAssignment));
}
