namespace Tidegate.Access;

/// <summary>Who a valid token speaks for.</summary>
/// <param name="Id">The token's <c>jti</c>, empty when it has none.</param>
/// <param name="Name">Its subject.</param>
/// <param name="Addresses">The addresses it covers, in the token's order.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record TokenIdentity(string Id, string Name, IReadOnlyList<string> Addresses, DateTimeOffset ExpiresAt)
{
    /// <summary>Whether the token covers the address.</summary>
    public bool Covers(string address) => Addresses.Contains(address, StringComparer.Ordinal);
}

/// <summary>The outcome of a check: an identity, or one of <c>token-missing, token-invalid, token-expired, token-revoked</c>.</summary>
public readonly record struct TokenVerdict(TokenIdentity? Identity, string? Code);
