using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Tidegate.Configuration;

namespace Tidegate.Access;

/// <summary>Checks tokens: HS256 with the local key, or an authority's; expiry without skew; revocation from the store within a second.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class TokenGate
{
    private const int MaxTokenBytes = 16 * 1024;

    private static readonly TokenVerdict Missing = new(null, "token-missing");
    private static readonly TokenVerdict Invalid = new(null, "token-invalid");
    private static readonly TokenVerdict Expired = new(null, "token-expired");
    private static readonly TokenVerdict Revoked = new(null, "token-revoked");

    private readonly JsonWebTokenHandler handler = new() { MaximumTokenSizeInBytes = MaxTokenBytes, MapInboundClaims = false };
    private readonly TokenValidationParameters? local;
    private readonly AuthorityKeys? authority;
    private readonly string addressClaim;
    private readonly Revocations revocations;
    private readonly TimeProvider time;
    private readonly ILogger<TokenGate> logger;

    /// <summary>Makes the gate. <paramref name="key"/> null: no local tokens; <paramref name="authority"/> null: no others.</summary>
    public TokenGate(SymmetricSecurityKey? key, AuthorityKeys? authority, AccessSettings access, Revocations revocations, TimeProvider time, ILogger<TokenGate> logger)
    {
        (this.authority, this.revocations, this.time, this.logger, addressClaim) = (authority, revocations, time, logger, access.AddressClaim);
        local = key is null ? null : new TokenValidationParameters
        {
            ValidIssuer = TokenMinter.Issuer,
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidateAudience = false,
            ValidateLifetime = false, // below, by the clock of this gate
            RequireSignedTokens = true,
            TryAllIssuerSigningKeys = true,
        };
    }

    /// <summary>Checks a token; null or empty is <c>token-missing</c>.</summary>
    public async ValueTask<TokenVerdict> CheckAsync(string? token, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(token))
        {
            return Missing;
        }

        if (token.Length > MaxTokenBytes || Read(token) is not { } unproven || await ParametersAsync(unproven.Alg, cancellationToken) is not { } parameters)
        {
            return Invalid;
        }

        var result = await handler.ValidateTokenAsync(token, parameters);
        if (!result.IsValid && result.Exception is SecurityTokenSignatureKeyNotFoundException && parameters != local)
        {
            authority!.Refresh(); // a key that the authority has rolled to since: known at the next check
        }

        return result is { IsValid: true, SecurityToken: JsonWebToken jwt } ? Judge(jwt) : Invalid;
    }

    /// <summary>Whether the token of this id is revoked by now; cheap, no I/O.</summary>
    public bool IsRevoked(string id) => id.Length > 0 && revocations.Contains(id);

    private TokenVerdict Judge(JsonWebToken jwt)
    {
        var now = time.GetUtcNow();
        if (!jwt.TryGetPayloadValue<long>(JwtRegisteredClaimNames.Exp, out var seconds) || seconds is <= 0 or > 253_402_300_799)
        {
            return Invalid;
        }

        var expires = DateTimeOffset.FromUnixTimeSeconds(seconds);
        if (now >= expires)
        {
            return Expired;
        }

        if (jwt.ValidFrom != DateTime.MinValue && now.UtcDateTime < jwt.ValidFrom)
        {
            return Invalid;
        }

        if (IsRevoked(jwt.Id ?? ""))
        {
            return Revoked;
        }

        var addresses = jwt.Claims.Where(c => string.Equals(c.Type, addressClaim, StringComparison.Ordinal)).Select(c => c.Value).Distinct(StringComparer.Ordinal).ToList();
        return addresses.Count > 0 && addresses.TrueForAll(DydxAddress.IsValid)
            ? new TokenVerdict(new TokenIdentity(jwt.Id ?? "", jwt.Subject ?? "", addresses, expires), null)
            : Invalid;
    }

    private async ValueTask<TokenValidationParameters?> ParametersAsync(string algorithm, CancellationToken cancellationToken)
    {
        if (string.Equals(algorithm, SecurityAlgorithms.HmacSha256, StringComparison.Ordinal))
        {
            return local;
        }

        try
        {
            return authority is not null && AuthorityKeys.Algorithms.Contains(algorithm, StringComparer.Ordinal) ? await authority.ParametersAsync(cancellationToken) : null;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or HttpRequestException or ArgumentException)
        {
            Log.AuthorityUnreachable(logger, authority!.Address, e.GetBaseException().Message);
            return null;
        }
    }

    private JsonWebToken? Read(string token)
    {
        try
        {
            return handler.CanReadToken(token) ? handler.ReadJsonWebToken(token) : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or SecurityTokenException or System.Text.Json.JsonException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2002, LogLevel.Warning, "The keys of {Authority} cannot be read ({Reason}); its tokens are refused until they can")]
        public static partial void AuthorityUnreachable(ILogger logger, string authority, string reason);
    }
}
