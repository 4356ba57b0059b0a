using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.DropIn;

/// <summary>Pages of other origins: none by default, those that a setting names with what a browser asks for.</summary>
public sealed class CrossOriginTests
{
    private const string Desk = "https://desk.example";

    [Fact]
    public async Task A_page_of_an_allowed_origin_may_ask_and_read()
    {
        await using var gateway = await BuiltGateway.StartAsync(null, "Access:AllowedOrigins:0=" + Desk);
        using var allowed = await AskAsync(gateway, HttpMethod.Options, Desk, preflight: true);
        Assert.Equal((204, Desk), ((int)allowed.StatusCode, Header(allowed, "Access-Control-Allow-Origin")));
        Assert.Contains("Authorization", Header(allowed, "Access-Control-Allow-Headers"), StringComparison.Ordinal);
        using var read = await AskAsync(gateway, HttpMethod.Get, Desk, preflight: false);
        Assert.Equal((200, Desk, "Origin"), ((int)read.StatusCode, Header(read, "Access-Control-Allow-Origin"), Header(read, "Vary")));
        Assert.Contains("X-Tidegate-Source", Header(read, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        using var other = await AskAsync(gateway, HttpMethod.Get, "https://other.example", preflight: false);
        Assert.Equal((403, ""), ((int)other.StatusCode, Header(other, "Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task By_default_no_page_of_another_origin_may()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        using var refused = await AskAsync(gateway, HttpMethod.Options, Desk, preflight: true);
        Assert.Equal((403, ""), ((int)refused.StatusCode, Header(refused, "Access-Control-Allow-Origin")));
    }

    private static async Task<HttpResponseMessage> AskAsync(BuiltGateway gateway, HttpMethod method, string origin, bool preflight)
    {
        using var request = new HttpRequestMessage(method, new Uri(gateway.Address, "/v4/height"));
        request.Headers.Add("Origin", origin);
        if (preflight)
        {
            request.Headers.Add("Access-Control-Request-Method", "GET");
        }

        return await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
