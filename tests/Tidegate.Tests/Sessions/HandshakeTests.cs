using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Sessions;

/// <summary>Who may connect, in which order that is judged, and how long a token holds (contract 2), over real sockets.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public async Task Refusals_come_in_their_order_as_problem_documents()
    {
        await using var gateway = await BuiltGateway.StartAsync(null, "Sessions:MaxConnections=1");
        var client = await gateway.ConnectAsync("&subscribe=none");
        await client.WaitForAsync("connected");
        var (token, other) = (gateway.Token, gateway.Indexer.Addresses[1]);
        await ExpectAsync(gateway, 400, "bad-host", "?token=x&address=y", "evil.example", "https://evil.example");
        await ExpectAsync(gateway, 403, "foreign-origin", "?token=x&address=y", null, "https://evil.example");
        await ExpectAsync(gateway, 401, "token-invalid", "?token=x&address=y");
        await ExpectAsync(gateway, 401, "token-missing", "?address=y");
        await ExpectAsync(gateway, 400, "bad-address", $"?token={token}&address=y&subaccount=x&view=z");
        await ExpectAsync(gateway, 400, "bad-view", $"?token={token}&address={other}&view=z");
        await ExpectAsync(gateway, 400, "bad-subaccount", $"?token={token}&address={other}&subaccount=00");
        await ExpectAsync(gateway, 403, "address-not-covered", $"?token={token}&address={other}");
        var full = await ExpectAsync(gateway, 503, "full", $"?token={token}");
        Assert.NotNull(full.RetryAfter);
        await client.DisposeAsync();
        await ExpectAsync(gateway, 426, "upgrade-required", $"?token={token}", patient: true);
    }

    [Fact]
    public async Task A_token_that_expires_closes_and_one_renewed_in_time_does_not()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        var ends = TimeProvider.System.GetUtcNow().AddSeconds(10);
        await using var expiring = await gateway.ConnectWithAsync(Mint(gateway.Account, ends));
        await using var renewed = await gateway.ConnectWithAsync(Mint(gateway.Account, ends));
        await renewed.SendAsync("""{"type":"authenticate","token":"nonsense"}""");
        await renewed.ErrorAsync("token-refused");
        await renewed.SendAsync($$"""{"type":"authenticate","token":"{{Mint(gateway.Account, ends.AddHours(1))}}"}""");
        var answer = await renewed.WaitForAsync("authenticated");
        Assert.Equal(ends.AddHours(1).ToUnixTimeSeconds(), answer["expires_at"]!.GetValue<DateTimeOffset>().ToUnixTimeSeconds());
        await expiring.WaitForCloseAsync(TimeSpan.FromSeconds(60));
        var late = TimeProvider.System.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(ends.ToUnixTimeSeconds());
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "token-expired"), (expiring.CloseStatus!.Value, expiring.CloseReason));
        Assert.InRange(late.TotalSeconds, 0, 5);
        await renewed.PingAsync();
    }

    [Fact]
    public async Task Renewed_by_a_token_that_covers_less_the_rest_is_unsubscribed()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        var ends = TimeProvider.System.GetUtcNow().AddHours(1);
        await using var client = await gateway.ConnectWithAsync(Mint(gateway.Account, ends));
        await client.WaitForAsync("subscribed", "v4_trades");
        await client.SubscribedAsync("v4_orderbook", "BTC-USD");
        await client.SendAsync($$"""{"type":"authenticate","token":"{{Mint(gateway.Indexer.Addresses[1], ends)}}"}""");
        await client.WaitForAsync("authenticated");
        foreach (var channel in new[] { "v4_subaccounts", "v4_orders", "v4_trades" })
        {
            await client.WaitForAsync("unsubscribed", channel, gateway.Account + "/0");
        }

        await client.SubscribeAsync("v4_orders", gateway.Account + "/0");
        await client.ErrorAsync("address-not-covered");
        await client.WaitForAsync("orderbook_update", "v4_orderbook", from: client.Frames.Count);
    }

    [Fact]
    public async Task A_token_revoked_by_another_process_closes_its_sockets_at_once()
    {
        await using var gateway = await BuiltGateway.StartAsync();
        await using var client = await gateway.ConnectAsync();
        await client.WaitForAsync("connected");
        var claims = gateway.Token.Split('.')[1];
        await gateway.RevokeAsync((string)JsonNode.Parse(Decode(claims))!["jti"]!);
        await client.WaitForCloseAsync(TimeSpan.FromSeconds(15));
        Assert.Equal((WebSocketCloseStatus.PolicyViolation, "token-revoked"), (client.CloseStatus!.Value, client.CloseReason));
        using var answer = await gateway.Http.GetAsync(new Uri(gateway.Address, "/ws/status"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    private static async Task<(int Status, TimeSpan? RetryAfter)> ExpectAsync(BuiltGateway gateway, int status, string code, string query, string? host = null, string? origin = null, bool patient = false)
    {
        using var http = new HttpClient();
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Address, "/ws/dashboard" + query));
            request.Headers.Host = host ?? request.Headers.Host;
            if (origin is not null)
            {
                request.Headers.Add("Origin", origin);
            }

            using var answer = await http.SendAsync(request, late.Token);
            var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync(late.Token))!;
            if (patient && (string?)problem["code"] == "full")
            {
                // the place is given back when the server has seen the end
                continue;
            }

            Assert.Equal((code, status, status), ((string?)problem["code"], (int)answer.StatusCode, (int)problem["status"]!));
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            return (status, answer.Headers.RetryAfter?.Delta);
        }
    }

    // A token as any other program would make it (contract 1, Tokens).
    private static string Mint(string address, DateTimeOffset ends)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var claims = $$"""{"iss":"tidegate","sub":"test","jti":"{{Guid.NewGuid():N}}","iat":{{now}},"exp":{{ends.ToUnixTimeSeconds()}},"addresses":["{{address}}"]}""";
        var text = Encode("""{"alg":"HS256","typ":"JWT"}"""u8) + "." + Encode(Encoding.UTF8.GetBytes(claims));
        return text + "." + Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(BuiltGateway.Key), Encoding.UTF8.GetBytes(text)));
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
