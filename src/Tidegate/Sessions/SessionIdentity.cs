using Tidegate.Access;

namespace Tidegate.Sessions;

/// <summary>Who a session speaks for, and what it looks at.</summary>
/// <param name="Token">The token's identity; null in open mode and for public market data.</param>
/// <param name="Open">Whether any address may be looked at.</param>
/// <param name="Address">The account chosen at connect, null for market data only.</param>
internal sealed record SessionIdentity(TokenIdentity? Token, bool Open, string? Address)
{
    /// <summary>The addresses told in <c>connected</c>.</summary>
    public IReadOnlyList<string> Addresses => Token?.Addresses ?? (Address is { } one ? [one] : []);

    /// <summary>Whether the session may follow the address's topics.</summary>
    public bool Covers(string address) => Open || (Token?.Covers(address) ?? false);
}
