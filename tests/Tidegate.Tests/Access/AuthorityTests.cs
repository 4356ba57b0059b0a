using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tidegate.Access;
using Tidegate.Configuration;

namespace Tidegate.Tests.Access;

public sealed class AuthorityTests : IDisposable
{
    private const string A = "dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4";
    private readonly RSA rsa = RSA.Create(2048);
    private readonly DataFolder data = new(Directory.CreateTempSubdirectory("tidegate-test-").FullName);

    public void Dispose()
    {
        rsa.Dispose();
        Directory.Delete(data.Path, recursive: true);
    }

    [Fact]
    public async Task A_token_of_the_authority_is_valid_and_one_of_another_key_issuer_or_kind_is_not()
    {
        await using var authority = await StartAsync();
        var url = authority.Urls.First();
        var key = new RsaSecurityKey(rsa) { KeyId = "k1" };
        Assert.Equal([A], (await Check(url, Sign(key, SecurityAlgorithms.RsaSha256, url))).Identity?.Addresses);
        Assert.Equal("token-invalid", (await Check(url, Sign(key, SecurityAlgorithms.RsaSha256, "https://other.example"))).Code);
        using var other = RSA.Create(2048);
        Assert.Equal("token-invalid", (await Check(url, Sign(new RsaSecurityKey(other) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256, url))).Code);

        // the classic confusion: the public key's bytes used as an HS256 secret
        var confused = new SymmetricSecurityKey(rsa.ExportSubjectPublicKeyInfo()) { KeyId = "k1" };
        Assert.Equal("token-invalid", (await Check(url, Sign(confused, SecurityAlgorithms.HmacSha256, url))).Code);
    }

    [Fact]
    public async Task While_the_authority_cannot_be_reached_its_tokens_are_refused() =>
        Assert.Equal("token-invalid", (await Check("http://127.0.0.1:9", Sign(new RsaSecurityKey(rsa) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256, "http://127.0.0.1:9"))).Code);

    private async Task<TokenVerdict> Check(string authority, string token)
    {
        using var revocations = new Revocations(data, TimeProvider.System, NullLogger<Revocations>.Instance);
        var gate = new TokenGate(null, new AuthorityKeys(authority), new AccessSettings { Authority = authority }, revocations, TimeProvider.System, NullLogger<TokenGate>.Instance);
        return await gate.CheckAsync(token, TestContext.Current.CancellationToken);
    }

    private static string Sign(SecurityKey key, string algorithm, string issuer) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = issuer,
        Expires = DateTime.UtcNow.AddHours(1),
        Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["addresses"] = new[] { A }, ["sub"] = "desk" },
        SigningCredentials = new SigningCredentials(key, algorithm),
    });

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var parameters = rsa.ExportParameters(false);
        app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = app.Urls.First(), jwks_uri = app.Urls.First() + "/keys" }));
        app.MapGet("/keys", () => Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "k1", n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) } } }));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
