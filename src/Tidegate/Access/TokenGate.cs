namespace Tidegate.Access;

/// <summary>Checks tokens: HS256 with the local key, or an authority's; expiry without skew; revocation from the store within a second.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class TokenGate
{
    /// <summary>Checks a token; null or empty is <c>token-missing</c>.</summary>
    public ValueTask<TokenVerdict> CheckAsync(string? token, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Whether the token of this id is revoked by now; cheap, no I/O.</summary>
    public bool IsRevoked(string id) => throw new NotImplementedException();
}
