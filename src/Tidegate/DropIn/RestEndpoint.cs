using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Tidegate.Access;
using Tidegate.Configuration;
using Tidegate.Indexer;
using Tidegate.Indexer.Rest;

namespace Tidegate.DropIn;

/// <summary><c>GET /v4/*</c>: the Indexer's REST side, from the live state where it holds the answer, else asked for all programs together (contract 4).</summary>
internal sealed class RestEndpoint(AccessSettings access, TokenGate tokens, LiveAnswers live, RestForwarder forwarder, SteadyTime time)
{
    private const string Json = "application/json; charset=utf-8";
    private static readonly Refusal NotCovered = new(403, "address-not-covered", "The token does not cover what is asked for.");
    private static readonly byte[] NotFound = """{"error":"Not Found","errorCode":404}"""u8.ToArray();
    private static readonly byte[] TooMany = """{"errors":[{"msg":"Too many requests"}]}"""u8.ToArray();
    private static readonly byte[] Unreachable = """{"errors":[{"msg":"the Indexer cannot be reached"}]}"""u8.ToArray();

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        // Not the decoded path: what is asked of the Indexer is what was asked here, to the byte.
        if (RestTarget.Parse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget) is not { IsSocket: false } target)
        {
            await WriteAsync(context, 404, NotFound, Json).ConfigureAwait(false);
            return;
        }

        var (identity, refusal) = await AdmitAsync(context, target).ConfigureAwait(false);
        var order = refusal is null && target.OrderId is { } id ? live.Order(id) : null;
        if (refusal is null && identity is not null && target.OrderId is not null && !(order is { } known && identity.Covers(known.Address)))
        {
            refusal = NotCovered; // whose an order is can only be told where it is known, and ids can be computed
        }

        if (refusal is not null)
        {
            await RequestGuard.WriteAsync(context.Response, refusal).ConfigureAwait(false);
        }
        else if ((order?.Body ?? live.For(target.PathAndQuery)) is { } state)
        {
            context.Response.Headers["X-Tidegate-Source"] = "state";
            await WriteAsync(context, 200, state, Json).ConfigureAwait(false);
        }
        else
        {
            await ForwardAsync(context, target.PathAndQuery, identity is { Id.Length: > 0 } ? identity.Id : context.Connection.RemoteIpAddress?.ToString() ?? "").ConfigureAwait(false);
        }
    }

    private async Task ForwardAsync(HttpContext context, string pathAndQuery, string program)
    {
        try
        {
            var (answer, kept) = await forwarder.AskAsync(pathAndQuery, program, context.RequestAborted).ConfigureAwait(false);
            await PassOnAsync(context, answer, kept ? "cache" : "upstream").ConfigureAwait(false);
        }
        catch (IndexerRateLimitedException e)
        {
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(Math.Max(1, e.RetryAfter.TotalSeconds))).ToString(CultureInfo.InvariantCulture);
            await (e.Answer is { } answer ? PassOnAsync(context, answer, "upstream") : WriteAsync(context, 429, TooMany, Json)).ConfigureAwait(false);
        }
        catch (IndexerRestException)
        {
            await WriteAsync(context, 502, Unreachable, Json).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // nobody is there to be answered
        }
    }

    private Task PassOnAsync(HttpContext context, RestAnswer answer, string source)
    {
        var headers = context.Response.Headers;
        headers["X-Tidegate-Source"] = source;
        if (answer.MaxAge > TimeSpan.Zero)
        {
            headers.Age = ((long)Math.Max(0, (time.GetUtcNow() - answer.ReceivedAt).TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"{(access.Mode == "open" ? "public" : "private")}, max-age={(long)answer.MaxAge.TotalSeconds}");
        }

        return WriteAsync(context, answer.Status, answer.Body, answer.ContentType);
    }

    private static async Task WriteAsync(HttpContext context, int status, byte[] body, string? contentType)
    {
        var response = context.Response;
        response.StatusCode = status;
        if (response.Headers.CacheControl.Count == 0)
        {
            response.Headers.CacheControl = "no-store";
        }

        // 204 and 304 have no body (RFC 9110, 15.3.5 and 15.4.5).
        if (status is not (204 or 304))
        {
            response.ContentType = contentType;
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    // Market data for any token, or for all where it is public; an account for a token that covers every address named, and at least one is. An order
    // names none: any token comes past here.
    private async ValueTask<(TokenIdentity? Identity, Refusal? Refusal)> AdmitAsync(HttpContext context, RestTarget target)
    {
        if (access.Mode == "open")
        {
            return (null, null);
        }

        var token = target.Token ?? RequestGuard.TokenOf(context.Request);
        if (string.IsNullOrEmpty(token) && access.PublicMarketData && target.IsOfMarkets)
        {
            return (null, null);
        }

        var verdict = await tokens.CheckAsync(token, context.RequestAborted).ConfigureAwait(false);
        if (verdict.Identity is not { } identity)
        {
            return (null, RequestGuard.RefusalOf(verdict));
        }

        var covered = target.Accounts.All(identity.Covers) && (target.IsOfMarkets || target.OrderId is not null || target.Accounts.Any());
        return covered ? (identity, null) : (null, NotCovered);
    }
}
