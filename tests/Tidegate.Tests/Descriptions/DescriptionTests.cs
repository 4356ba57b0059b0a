using Tidegate.Simulator;
using Tidegate.Tests.DropIn;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.Descriptions;

/// <summary>The gateway against its own descriptions: both are valid by their standards, and it sends and answers nothing that they do not describe.</summary>
public sealed class DescriptionTests
{
    [Fact]
    public async Task Every_frame_and_body_is_one_that_the_descriptions_name()
    {
        await ForeignClients.FolderAsync();
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 12, Rate = 100 }, "Indexer:Standby=false", "Reconnect:InitialDelay=00:00:01");
        var told = await ForeignClients.FollowThroughADropAsync(gateway, "described.mjs");
        var (violations, missing) = (told["violations"]!.AsArray(), told["missing"]!.AsArray());
        Assert.True(violations.Count + missing.Count == 0, string.Join('\n', violations.Concat(missing)));
        Assert.Superset(
            new HashSet<string> { "/healthz", "/readyz", "/config.json", "/metrics", "/ws/status", "/ws/status/{address}", "/ws/reconnect/{address}", "/ws/dashboard", "/v4/ws", "/v4/height" },
            told["paths"]!.AsArray().Select(path => (string)path!).ToHashSet());
    }

    [Theory]
    [InlineData("/openapi/v1.json", "application/json")]
    [InlineData("/asyncapi.json", "application/json")]
    [InlineData("/docs/", "text/html")]
    public async Task They_need_no_token(string path, string type)
    {
        await using var gateway = await BuiltGateway.StartAsync();
        using var http = new HttpClient { BaseAddress = gateway.Address };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal((200, type), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.DoesNotContain(gateway.Token, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
