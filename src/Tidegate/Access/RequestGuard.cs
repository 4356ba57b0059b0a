using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using Microsoft.Net.Http.Headers;
using Tidegate.Configuration;

namespace Tidegate.Access;

/// <summary>The checks every endpoint shares: host, origin, token, address form; in the order of contract 2.</summary>
/// <remarks>Thread-safe. Host and origin keep pages of other sites away from a gateway on loopback, DNS rebinding included (cases.md 71).</remarks>
public sealed class RequestGuard
{
    private const string BearerScheme = "Bearer ";
    private const string Protocol = "tidegate.v1";
    private const string ProtocolPrefix = "bearer.";

    private static readonly Refusal BadHost = new(400, "bad-host", "The gateway does not answer to this Host; add it to Tidegate:Access:AllowedHosts.");
    private static readonly Refusal ForeignOrigin = new(403, "foreign-origin", "Pages of this Origin may not connect; add it to Tidegate:Access:AllowedOrigins.");

    private readonly FrozenSet<string> hosts;
    private readonly FrozenSet<string> origins;
    private readonly bool anyAddress;

    /// <summary>Makes the checks for a gateway that listens on <paramref name="urls"/> (as <c>--urls</c> says them).</summary>
    public RequestGuard(AccessSettings access, IEnumerable<string> urls)
    {
        var bound = urls.Select(ListenAddresses.HostOf).ToList();
        anyAddress = bound.Contains("*", StringComparer.Ordinal);
        hosts = bound.Where(h => h != "*").Concat(access.AllowedHosts.Select(WebAddress.Host)).Append("localhost").ToFrozenSet(StringComparer.Ordinal);
        origins = access.AllowedOrigins.Select(WebAddress.Origin).OfType<string>().ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>400 <c>bad-host</c> or 403 <c>foreign-origin</c>; null when both pass.</summary>
    public Refusal? CheckHostAndOrigin(HttpRequest request)
    {
        if (!PassesHost(request.Host))
        {
            return BadHost;
        }

        return PassesOrigin(request, out _) ? null : ForeignOrigin;
    }

    /// <summary>The <c>Origin</c> of a request when it is another than the gateway's own but allowed: the page needs CORS headers to read the answer.</summary>
    public string? AllowedForeignOrigin(HttpRequest request) =>
        request.Headers.Origin is [var origin] && PassesOrigin(request, out var own) && !own ? origin : null;

    /// <summary>The token of a request: query, Authorization, or the subprotocol pair <c>tidegate.v1, bearer.TOKEN</c>.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        if (request.QueryString.HasValue && request.Query["token"] is [{ Length: > 0 } fromQuery, ..])
        {
            return fromQuery;
        }

        foreach (var value in request.Headers.Authorization)
        {
            if (value is not null && value.StartsWith(BearerScheme, StringComparison.OrdinalIgnoreCase) && value.AsSpan(BearerScheme.Length).Trim() is { Length: > 0 } bearer)
            {
                return bearer.ToString();
            }
        }

        var offered = request.Headers.GetCommaSeparatedValues(HeaderNames.SecWebSocketProtocol);
        return offered.Contains(Protocol, StringComparer.Ordinal)
            ? offered.FirstOrDefault(p => p.Length > ProtocolPrefix.Length && p.StartsWith(ProtocolPrefix, StringComparison.Ordinal))?[ProtocolPrefix.Length..]
            : null;
    }

    /// <summary>The refusal that a verdict of <see cref="TokenGate"/> stands for; null for a valid token.</summary>
    public static Refusal? RefusalOf(TokenVerdict verdict) => verdict.Code is not { } code ? null : new Refusal(401, code, code switch
    {
        "token-missing" => "A token is needed: query token, Authorization: Bearer, or the subprotocols tidegate.v1, bearer.TOKEN.",
        "token-expired" => "The token has expired.",
        "token-revoked" => "The token was revoked.",
        _ => "The token is not one that this gateway accepts.",
    });

    /// <summary>Writes a problem document. It repeats nothing of the request.</summary>
    public static async Task WriteAsync(HttpResponse response, Refusal refusal, TimeSpan? retryAfter = null)
    {
        response.StatusCode = refusal.Status;
        response.Headers.CacheControl = "no-store";
        if (retryAfter is { } wait)
        {
            response.Headers.RetryAfter = ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }
        else if (refusal.Status == StatusCodes.Status426UpgradeRequired)
        {
            response.Headers.Upgrade = "websocket";
            response.Headers.Connection = "Upgrade";
        }

        var problem = new Problem("urn:tidegate:problem:" + refusal.Code, refusal.Code, refusal.Status, refusal.Detail, refusal.Code);
        await response.WriteAsJsonAsync(problem, ProblemJson.Default.Problem, Problem.MediaType);
    }

    private bool PassesHost(HostString host)
    {
        if (!host.HasValue)
        {
            return false;
        }

        if (hosts.Contains(host.Host))
        {
            return true;
        }

        var name = WebAddress.Host(host.Host);
        return hosts.Contains(name) || (IPAddress.TryParse(name, out var address) && (anyAddress || IPAddress.IsLoopback(address)));
    }

    private bool PassesOrigin(HttpRequest request, out bool own)
    {
        own = true;
        var given = request.Headers.Origin;
        if (given.Count == 0)
        {
            return true;
        }

        if (given.Count > 1 || given[0] is not { } text || WebAddress.Origin(text) is not { } origin)
        {
            return false;
        }

        own = origin == WebAddress.Origin(request.Scheme, request.Host.Host, request.Host.Port);
        return own || origins.Contains(origin);
    }
}
