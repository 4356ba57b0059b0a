using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tidegate.Access;
using Tidegate.Configuration;

namespace Tidegate.Tests.Access;

public sealed class RequestGuardTests
{
    private const string Loopback = "http://127.0.0.1:8000";

    [Theory]
    [InlineData("127.0.0.1:8000")]
    [InlineData("127.0.0.1")]
    [InlineData("localhost:8000")]
    [InlineData("LOCALHOST.")]
    [InlineData("[::1]:8000")]
    [InlineData("127.9.9.9:1")]
    [InlineData("gate.example:443")]
    public void Bound_loopback_and_allowed_hosts_pass(string host) =>
        Assert.Null(Guard(Loopback, hosts: ["Gate.Example"]).CheckHostAndOrigin(Request(host)));

    [Theory]
    [InlineData("")]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.168.0.7:8000")]
    [InlineData("0.0.0.0:8000")]
    public void Any_other_host_is_refused_as_bad_host(string host)
    {
        var refusal = Guard(Loopback).CheckHostAndOrigin(Request(host));
        Assert.Equal((400, "bad-host"), (refusal?.Status, refusal?.Code));
    }

    [Theory]
    [InlineData("http://0.0.0.0:8000", "192.168.0.7:8000", true)]
    [InlineData("http://*:8000", "[2001:db8::7]:8000", true)]
    [InlineData("http://[::]:8000", "10.0.0.1", true)]
    [InlineData("http://0.0.0.0:8000", "gate.example", false)]
    [InlineData("http://192.168.0.7:8000", "192.168.0.7:8000", true)]
    [InlineData("http://192.168.0.7:8000", "192.168.0.8:8000", false)]
    [InlineData("http://gate.example:8000", "gate.example:8000", true)]
    public void With_a_wildcard_every_ip_literal_passes_and_a_name_needs_to_be_allowed(string url, string host, bool passes) =>
        Assert.Equal(passes, Guard(url).CheckHostAndOrigin(Request(host)) is null);

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:8000")]
    [InlineData("https://desk.example")]
    [InlineData("https://desk.example:443")]
    [InlineData("HTTPS://Desk.Example")]
    public void No_origin_the_own_one_and_allowed_ones_pass(string? origin) =>
        Assert.Null(Guard(Loopback, origins: ["https://desk.example"]).CheckHostAndOrigin(Request("127.0.0.1:8000", origin)));

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://localhost.evil.example")]
    [InlineData("http://127.0.0.1:8000.evil.example")]
    [InlineData("http://127.0.0.1:8000@evil.example")]
    [InlineData("http://127.0.0.1:8001")]
    [InlineData("https://127.0.0.1:8000")]
    [InlineData("http://localhost:8000")]
    [InlineData("http://desk.example")]
    [InlineData("https://desk.example:8443")]
    [InlineData("https://desk.example.evil.example")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("file://")]
    public void Any_other_origin_is_foreign(string origin)
    {
        var refusal = Guard(Loopback, origins: ["https://desk.example"]).CheckHostAndOrigin(Request("127.0.0.1:8000", origin));
        Assert.Equal((403, "foreign-origin"), (refusal?.Status, refusal?.Code));
    }

    [Fact]
    public void Two_origins_at_once_are_foreign()
    {
        var request = Request("127.0.0.1:8000");
        request.Headers.Origin = new(["http://127.0.0.1:8000", "https://evil.example"]);
        Assert.Equal("foreign-origin", Guard(Loopback).CheckHostAndOrigin(request)?.Code);
    }

    [Fact]
    public void A_foreign_page_on_a_rebound_name_is_stopped_by_the_host_though_its_origin_is_its_own()
    {
        var request = Request("evil.example:8000", "http://evil.example:8000");
        Assert.Equal("bad-host", Guard(Loopback).CheckHostAndOrigin(request)?.Code);
    }

    [Fact]
    public void The_host_is_judged_before_the_origin() =>
        Assert.Equal("bad-host", Guard(Loopback).CheckHostAndOrigin(Request("evil.example", "https://evil.example"))?.Code);

    [Fact]
    public void Only_an_allowed_page_of_another_origin_gets_cors_headers()
    {
        var guard = Guard(Loopback, origins: ["https://desk.example"]);
        Assert.Equal("https://desk.example", guard.AllowedForeignOrigin(Request("127.0.0.1:8000", "https://desk.example")));
        Assert.Null(guard.AllowedForeignOrigin(Request("127.0.0.1:8000", Loopback)));
        Assert.Null(guard.AllowedForeignOrigin(Request("127.0.0.1:8000")));
        Assert.Null(guard.AllowedForeignOrigin(Request("127.0.0.1:8000", "https://evil.example")));
    }

    [Theory]
    [InlineData("?token=abc", null, null, "abc")]
    [InlineData("", "Bearer abc", null, "abc")]
    [InlineData("", "bearer  abc ", null, "abc")]
    [InlineData("", null, "tidegate.v1, bearer.abc", "abc")]
    [InlineData("", null, "bearer.abc,tidegate.v1", "abc")]
    [InlineData("?token=", "Bearer abc", null, "abc")]
    [InlineData("", null, "bearer.abc", null)]
    [InlineData("", null, "tidegate.v1, bearer.", null)]
    [InlineData("", "Basic abc", null, null)]
    [InlineData("", "Bearer ", null, null)]
    [InlineData("?address=x", null, null, null)]
    public void The_token_is_found_in_query_header_or_subprotocol(string query, string? authorization, string? protocols, string? token)
    {
        var request = Request("localhost");
        request.QueryString = new QueryString(query);
        if (authorization is not null)
        {
            request.Headers.Authorization = authorization;
        }

        if (protocols is not null)
        {
            request.Headers.SecWebSocketProtocol = protocols;
        }

        Assert.Equal(token, RequestGuard.TokenOf(request));
    }

    [Fact]
    public async Task A_refusal_is_a_problem_document_that_repeats_nothing_of_the_request()
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString("?token=SECRET");
        using var body = new MemoryStream();
        context.Response.Body = body;
        await RequestGuard.WriteAsync(context.Response, new Refusal(503, "full", "All connections are taken."), TimeSpan.FromMilliseconds(1500));
        await context.Response.BodyWriter.FlushAsync(TestContext.Current.CancellationToken);
        using var problem = JsonDocument.Parse(body.ToArray());
        Assert.Equal("full", problem.RootElement.GetProperty("code").GetString());
        Assert.Equal(503, problem.RootElement.GetProperty("status").GetInt32());
        Assert.Equal((503, "application/problem+json", "2"), (context.Response.StatusCode, context.Response.ContentType, context.Response.Headers.RetryAfter.ToString()));
        Assert.DoesNotContain("SECRET", problem.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    private static RequestGuard Guard(string url, string[]? hosts = null, string[]? origins = null) =>
        new(new AccessSettings { AllowedHosts = [.. hosts ?? []], AllowedOrigins = [.. origins ?? []] }, [url]);

    private static HttpRequest Request(string host, string? origin = null)
    {
        var request = new DefaultHttpContext().Request;
        request.Scheme = "http";
        request.Host = new HostString(host);
        if (origin is not null)
        {
            request.Headers.Origin = origin;
        }

        return request;
    }
}
