using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tidegate.Access;
using Tidegate.Configuration;

namespace Tidegate.Tests.Access;

public sealed class TokenGateTests : IDisposable
{
    private const string A = "dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4";
    private const string B = "dydx1n88uc38xhjgxzw9nwre4ep2c8ga4fjxc565lnf";
    private static readonly SymmetricSecurityKey Key = new(Encoding.UTF8.GetBytes("check-check-check-check-check-check-check-1234"));

    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly DataFolder data = new(Directory.CreateTempSubdirectory("tidegate-test-").FullName);
    private readonly Revocations revocations;

    public TokenGateTests() => revocations = new Revocations(data, time, NullLogger<Revocations>.Instance);

    public void Dispose()
    {
        revocations.Dispose();
        Directory.Delete(data.Path, recursive: true);
    }

    [Fact]
    public async Task A_minted_token_is_valid_and_says_who_it_is_for()
    {
        var minted = Minter().Mint("desk", [A, B], TimeSpan.FromDays(30));
        var identity = (await Check(minted.Text)).Identity;
        Assert.NotNull(identity);
        Assert.Equal(("desk", minted.Record.Id), (identity.Name, identity.Id));
        Assert.Equal([A, B], identity.Addresses);
        Assert.Equal(time.GetUtcNow().AddDays(30), identity.ExpiresAt);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task No_token_is_missing(string? token) => Assert.Equal("token-missing", (await Check(token)).Code);

    [Theory]
    [InlineData("abc.def.ghi")]
    [InlineData("abc")]
    [InlineData("..")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9..")]
    [InlineData("\u0000\u0001")]
    public async Task Junk_is_invalid(string token) => Assert.Equal("token-invalid", (await Check(token)).Code);

    [Fact]
    public async Task A_huge_token_is_invalid() => Assert.Equal("token-invalid", (await Check(new string('a', 1 << 20) + ".b.c")).Code);

    [Fact]
    public async Task A_token_ends_at_its_second_without_any_skew()
    {
        var token = Minter().Mint("", [A], TimeSpan.FromSeconds(3)).Text;
        time.Advance(TimeSpan.FromSeconds(2.999));
        Assert.Null((await Check(token)).Code);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("token-expired", (await Check(token)).Code);
    }

    [Fact]
    public async Task An_unsigned_token_is_invalid()
    {
        var parts = Minter().Mint("", [A], TimeSpan.FromDays(1)).Text.Split('.');
        var none = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        Assert.Equal("token-invalid", (await Check($"{none}.{parts[1]}.")).Code);
        Assert.Equal("token-invalid", (await Check($"{none}.{parts[1]}.{parts[2]}")).Code);
        Assert.Equal("token-invalid", (await Check($"{parts[0]}.{parts[1]}.")).Code);
    }

    [Theory]
    [InlineData(SecurityAlgorithms.HmacSha384)]
    [InlineData(SecurityAlgorithms.HmacSha512)]
    public async Task The_right_key_with_another_algorithm_is_invalid(string algorithm)
    {
        var key = new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(64));
        Assert.Equal("token-invalid", (await Check(Sign(key, algorithm, new[] { A }), key)).Code);
    }

    [Fact]
    public async Task A_token_signed_by_an_rsa_key_is_invalid_without_an_authority()
    {
        using var rsa = RSA.Create(2048);
        Assert.Equal("token-invalid", (await Check(Sign(new RsaSecurityKey(rsa), SecurityAlgorithms.RsaSha256, new[] { A }))).Code);
    }

    [Fact]
    public async Task Another_key_and_a_changed_payload_are_invalid_even_when_expired()
    {
        var other = new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(48));
        Assert.Equal("token-invalid", (await Check(Sign(other, SecurityAlgorithms.HmacSha256, new[] { A }))).Code);
        var parts = Minter().Mint("", [A], TimeSpan.FromDays(1)).Text.Split('.');
        var forged = Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace(A, B, StringComparison.Ordinal));
        Assert.Equal("token-invalid", (await Check($"{parts[0]}.{forged}.{parts[2]}")).Code);
        time.Advance(TimeSpan.FromDays(2));
        Assert.Equal("token-invalid", (await Check($"{parts[0]}.{forged}.{parts[2]}")).Code);
    }

    [Theory]
    [InlineData("other", true)]
    [InlineData("tidegate", false)]
    public async Task Another_issuer_and_a_token_without_an_end_are_invalid(string issuer, bool ends)
    {
        var descriptor = Descriptor(Key, SecurityAlgorithms.HmacSha256, new[] { A });
        descriptor.Issuer = issuer;
        descriptor.Expires = ends ? descriptor.Expires : null;
        Assert.Equal("token-invalid", (await Check(new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor))).Code);
    }

    [Fact]
    public async Task A_token_that_does_not_hold_yet_is_invalid()
    {
        var descriptor = Descriptor(Key, SecurityAlgorithms.HmacSha256, new[] { A });
        descriptor.NotBefore = time.GetUtcNow().AddMinutes(1).UtcDateTime;
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
        Assert.Equal("token-invalid", (await Check(token)).Code);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null((await Check(token)).Code);
    }

    [Fact]
    public async Task The_addresses_may_be_one_string() => Assert.Equal([A], (await Check(Sign(Key, SecurityAlgorithms.HmacSha256, A))).Identity?.Addresses);

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    [InlineData(7)]
    [InlineData(null)]
    public async Task Addresses_that_are_none_make_a_token_invalid(object? claim)
    {
        Assert.Equal("token-invalid", (await Check(Sign(Key, SecurityAlgorithms.HmacSha256, claim))).Code);
        Assert.Equal("token-invalid", (await Check(Sign(Key, SecurityAlgorithms.HmacSha256, new object?[] { A, claim }))).Code);
    }

    [Fact]
    public async Task The_claim_with_the_addresses_can_be_named()
    {
        var access = new AccessSettings { AddressClaim = "https://desk.example/dydx" };
        var token = new TokenMinter(Key, access.AddressClaim, time).Mint("", [A], TimeSpan.FromDays(1)).Text;
        Assert.Equal([A], (await Gate(Key, access).CheckAsync(token, TestContext.Current.CancellationToken)).Identity?.Addresses);
        Assert.Equal("token-invalid", (await Check(token)).Code);
    }

    [Fact]
    public async Task A_revocation_from_another_process_holds_within_a_second()
    {
        using var store = new TokenStore(data);
        var minted = Minter().Mint("", [A], TimeSpan.FromDays(1));
        store.Add(minted.Record);
        await revocations.StartAsync(TestContext.Current.CancellationToken);
        Assert.Null((await Check(minted.Text)).Code);

        Assert.True(store.Revoke(minted.Record.Id, time.GetUtcNow()));
        time.Advance(TimeSpan.FromSeconds(1));
        await Until(() => revocations.Contains(minted.Record.Id));
        Assert.Equal("token-revoked", (await Check(minted.Text)).Code);
        Assert.True(Gate(Key).IsRevoked(minted.Record.Id));
        await revocations.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_was_revoked_before_the_start_holds_at_once_and_a_token_without_id_is_never_revoked()
    {
        using var store = new TokenStore(data);
        store.RevokeUnlisted("elsewhere", time.GetUtcNow());
        await revocations.StartAsync(TestContext.Current.CancellationToken);
        Assert.True(Gate(Key).IsRevoked("elsewhere"));
        Assert.False(Gate(Key).IsRevoked(""));
        await revocations.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            Assert.False(late.IsCancellationRequested, "never held");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private TokenMinter Minter() => new(Key, "addresses", time);

    private TokenGate Gate(SymmetricSecurityKey key, AccessSettings? access = null) =>
        new(key, authority: null, access ?? new AccessSettings(), revocations, time, NullLogger<TokenGate>.Instance);

    private ValueTask<TokenVerdict> Check(string? token, SymmetricSecurityKey? key = null) => Gate(key ?? Key).CheckAsync(token, TestContext.Current.CancellationToken);

    private string Sign(SecurityKey key, string algorithm, object? addresses) => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(Descriptor(key, algorithm, addresses));

    private SecurityTokenDescriptor Descriptor(SecurityKey key, string algorithm, object? addresses) => new()
    {
        Issuer = "tidegate",
        IssuedAt = time.GetUtcNow().UtcDateTime,
        Expires = time.GetUtcNow().AddDays(1).UtcDateTime,
        Claims = new Dictionary<string, object>(StringComparer.Ordinal) { ["addresses"] = addresses! },
        SigningCredentials = new SigningCredentials(key, algorithm),
    };
}
