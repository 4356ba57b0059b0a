using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Tidegate.Tests.Commands;

public sealed class ServeTests : IDisposable
{
    private const string A = "dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4";

    // A second where nothing else runs; what waits for its connections or its Indexer takes half a minute.
    private static readonly TimeSpan InTime = TimeSpan.FromSeconds(15);
    private readonly Executable exe = new();
    private readonly int port = FreePort.Next();

    private string Url => $"http://127.0.0.1:{port}";

    public void Dispose() => exe.Dispose();

    [Fact]
    public async Task It_answers_until_it_is_told_to_stop_and_ends_with_0_in_time()
    {
        var gateway = exe.Start(Arguments(), ("Tidegate__Access__Mode", "open"));
        using var http = await Executable.UntilUpAsync(Url);
        using var config = JsonDocument.Parse(await http.GetStringAsync("/config.json", TestContext.Current.CancellationToken));
        var root = config.RootElement;
        Assert.Equal(("custom", "0.1.0", "open", false),
            (root.GetProperty("network").GetString(), root.GetProperty("version").GetString(), root.GetProperty("access").GetString(), root.GetProperty("public_market_data").GetBoolean()));
        Assert.Contains((await http.GetAsync("/readyz", TestContext.Current.CancellationToken)).StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable });
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/nowhere", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Contains("tidegate_upstream_reconnects", await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        var begin = Stopwatch.GetTimestamp();
        Assert.Equal(0, await Executable.StopAsync(gateway));
        Assert.True(Stopwatch.GetElapsedTime(begin) < InTime, $"the end took {Stopwatch.GetElapsedTime(begin)}");
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/config.json")]
    [InlineData("/metrics")]
    [InlineData("/nowhere")]
    public async Task Host_and_origin_hold_for_every_endpoint(string path)
    {
        exe.Start(Arguments());
        using var http = await Executable.UntilUpAsync(Url);
        Assert.Equal("bad-host", await CodeOf(http, path, HttpStatusCode.BadRequest, "Host", "evil.example"));
        Assert.Equal("foreign-origin", await CodeOf(http, path, HttpStatusCode.Forbidden, "Origin", "http://localhost.evil.example"));
    }

    [Fact]
    public async Task A_second_gateway_on_the_same_data_or_port_ends_with_1_and_one_line()
    {
        exe.Start(Arguments());
        using var http = await Executable.UntilUpAsync(Url);

        var folder = await exe.RunAsync([.. Arguments(), "--urls", $"http://127.0.0.1:{FreePort.Next()}"]);
        Assert.Equal(2, folder.Code); // --urls twice is a slip of its own
        folder = await exe.RunAsync(Arguments(FreePort.Next()));
        Assert.Equal((1, ""), (folder.Code, folder.Out));
        Assert.Contains("another gateway", Assert.Single(folder.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);

        var taken = await exe.RunAsync([.. Arguments(), "--set", "Data=" + Path.Combine(exe.Home, "second")]);
        Assert.Equal(1, taken.Code);
        Assert.All(taken.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(": Tidegate.Indexer.", line, StringComparison.Ordinal)); // it may have asked its Indexer before
        Assert.Contains(Url, Assert.Single(taken.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task A_token_in_a_query_header_or_path_lands_in_no_log_even_at_debug(string format)
    {
        var gateway = exe.Start([.. Arguments(), "--log-level", "trace", "--log-format", format], ("Logging__LogLevel__Default", "Trace"), ("ASPNETCORE_ENVIRONMENT", "Development"));
        var (output, error) = (gateway.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), gateway.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        using var http = await Executable.UntilUpAsync(Url);
        foreach (var path in new[] { "/ws/dashboard?token=SECRET", "/config.json?token=SECRET", "/t/SECRET/v4/height", "/nowhere?token=SECRET%", "/healthz?token=SECRET", "/metrics?token=SECRET" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Authorization", "Bearer SECRET" }, { "Sec-WebSocket-Protocol", "tidegate.v1, bearer.SECRET" } } };
            using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.DoesNotContain("SECRET", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(0, await Executable.StopAsync(gateway));
        Assert.Contains("Tidegate", await output, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", await output + await error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_signing_key_of_token_create_is_that_of_serve()
    {
        Assert.Equal(0, (await exe.RunAsync(["token", "create", "--address", A])).Code);
        var made = await File.ReadAllTextAsync(Path.Combine(exe.Home, "tidegate", "signing.key"), TestContext.Current.CancellationToken);
        exe.Start(Arguments());
        using var http = await Executable.UntilUpAsync(Url);
        Assert.Equal(made, await File.ReadAllTextAsync(Path.Combine(exe.Home, "tidegate", "signing.key"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_demo_prints_its_address_with_a_token_in_the_fragment_and_leaves_nothing_behind()
    {
        var begin = Stopwatch.GetTimestamp();
        var demo = exe.Start(["--urls", Url]);
        var line = await Executable.LineAsync(demo, "Dashboard:");
        var took = Stopwatch.GetElapsedTime(begin);
        Assert.StartsWith($"Dashboard: {Url}/#token=eyJ", line, StringComparison.Ordinal);
        Assert.True(took < TimeSpan.FromSeconds(30), $"{took} until the address: a loaded machine may be slow, but not so slow");
        using var http = await Executable.UntilUpAsync(Url);
        Assert.Contains("\"simulated\"", await http.GetStringAsync("/config.json", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, await Executable.StopAsync(demo));
        Assert.Empty(Directory.GetFileSystemEntries(exe.Home));
    }

    private static async Task<string?> CodeOf(HttpClient http, string path, HttpStatusCode status, string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { header, value } } };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((status, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return problem.RootElement.GetProperty("code").GetString();
    }

    private string[] Arguments(int? other = null) =>
        ["serve", "--ws-url", "ws://127.0.0.1:9/v4/ws", "--rest-url", "http://127.0.0.1:9/v4", "--urls", other is { } p ? $"http://127.0.0.1:{p}" : Url];
}
