namespace Tidegate.Access;

/// <summary>A refusal as an RFC 9457 problem document with a stable code (contract 2).</summary>
public sealed record Refusal(int Status, string Code, string Detail);

/// <summary>The checks every endpoint shares: host, origin, token, address form; in the order of contract 2.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class RequestGuard
{
    /// <summary>400 <c>bad-host</c> or 403 <c>foreign-origin</c>; null when both pass.</summary>
    public Refusal? CheckHostAndOrigin(HttpRequest request) => throw new NotImplementedException();

    /// <summary>The token of a request: query, Authorization, or the subprotocol pair <c>tidegate.v1, bearer.TOKEN</c>.</summary>
    public static string? TokenOf(HttpRequest request) => throw new NotImplementedException();

    /// <summary>Writes a problem document.</summary>
    public static Task WriteAsync(HttpResponse response, Refusal refusal, TimeSpan? retryAfter = null) => throw new NotImplementedException();
}
