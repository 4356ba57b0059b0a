using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Tidegate.Access;

/// <summary>A token that was made, and what it says.</summary>
/// <param name="Text">The token itself: shown once, stored nowhere.</param>
/// <param name="Record">What the store keeps.</param>
public sealed record MintedToken(string Text, TokenRecord Record);

/// <summary>Makes local tokens: HS256 with issuer, name, id, times and addresses (contract 1).</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class TokenMinter(SymmetricSecurityKey key, string addressClaim, TimeProvider time)
{
    /// <summary>The issuer of local tokens.</summary>
    public const string Issuer = "tidegate";

    /// <summary>Makes a token for addresses that were checked before.</summary>
    public MintedToken Mint(string name, IReadOnlyList<string> addresses, TimeSpan lifetime)
    {
        var now = time.GetUtcNow();
        // exp has whole seconds: rounded up, so that a token lives as long as was asked for
        var expires = DateTimeOffset.FromUnixTimeSeconds((long)Math.Ceiling((now + lifetime - DateTimeOffset.UnixEpoch).TotalSeconds));
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var text = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            IssuedAt = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Claims = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                [JwtRegisteredClaimNames.Sub] = name,
                [JwtRegisteredClaimNames.Jti] = id,
                [addressClaim] = addresses.ToArray(),
            },
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.HmacSha256),
        });
        return new MintedToken(text, new TokenRecord(id, name, addresses, now, expires, RevokedAt: null));
    }
}
