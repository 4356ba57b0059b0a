using Microsoft.AspNetCore.Http.Features;
using Tidegate.Access;
using Tidegate.Configuration;
using Tidegate.DropIn;
using Tidegate.Sessions;

namespace Tidegate.Endpoints;

/// <summary><c>GET /v4/ws</c>: the Indexer's own WebSocket protocol (contract 4). The checks are those of the dashboard socket.</summary>
internal sealed class IndexerSocketEndpoint(AccessSettings access, DropInSettings limits, TokenGate tokens, SessionHub hub, ClientDoor door, TimeProvider time, ILogger<Session> logger)
{
    private readonly IndexerProtocolLimits protocol = new(limits.MaxSubscriptions, limits.SubscribesPerSecond, limits.BadMessagesPerSecond);

    /// <summary>The Indexer's own WebSocket protocol, for as long as its session lasts.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var (identity, refusal) = await AdmitAsync(context).ConfigureAwait(false);
        if (identity is null)
        {
            await RequestGuard.WriteAsync(context.Response, refusal!).ConfigureAwait(false);
            return;
        }

        await door.ServeAsync(
            context,
            identity,
            protocol: null,
            remote => new IndexerSession(hub, identity, remote, protocol, time, logger),
            (session, socket) => session.Begin(socket)).ConfigureAwait(false);
    }

    private async ValueTask<(SessionIdentity? Identity, Refusal? Refusal)> AdmitAsync(HttpContext context)
    {
        if (access.Mode == "open")
        {
            return (new SessionIdentity(null, Open: true, Address: null), null);
        }

        // A client that only takes a base address has its token in the path.
        var inPath = RestTarget.Parse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget)?.Token;
        var given = inPath ?? RequestGuard.TokenOf(context.Request);
        if (string.IsNullOrEmpty(given) && access.PublicMarketData)
        {
            return (new SessionIdentity(null, Open: false, Address: null), null);
        }

        var verdict = await tokens.CheckAsync(given, context.RequestAborted).ConfigureAwait(false);
        return verdict.Identity is { } token ? (new SessionIdentity(token, Open: false, Address: null), null) : (null, RequestGuard.RefusalOf(verdict));
    }
}
