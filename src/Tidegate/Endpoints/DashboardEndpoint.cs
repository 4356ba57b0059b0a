using Tidegate.Access;
using Tidegate.Configuration;
using Tidegate.Sessions;

namespace Tidegate.Endpoints;

/// <summary><c>GET /ws/dashboard</c>: all checks before any upgrade, so that a browser can learn by a plain fetch why a socket fails (contract 2).</summary>
internal sealed class DashboardEndpoint(GatewayIdentity gateway, AccessSettings access, TokenGate tokens, SessionHub hub, ClientDoor door, TimeProvider time, ILogger<Session> logger)
{
    /// <summary>The path.</summary>
    public const string Path = "/ws/dashboard";

    private const string Protocol = "tidegate.v1";

    /// <summary>The dashboard's WebSocket, for as long as its session lasts.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var (request, refusal) = await DashboardRequest.ReadAsync(context.Request, access, tokens, context.RequestAborted).ConfigureAwait(false);
        if (request is null)
        {
            await RequestGuard.WriteAsync(context.Response, refusal!).ConfigureAwait(false);
            return;
        }

        var offered = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol, StringComparer.Ordinal);
        await door.ServeAsync(
            context,
            request.Identity,
            offered ? Protocol : null,
            remote => new DashboardSession(hub, request.Identity, remote, time, logger),
            (session, socket) => session.Begin(socket, ServerFrames.Connected(session.Id, request.Identity, gateway.Network, gateway.Version, time.GetUtcNow()), request.Subscribe)).ConfigureAwait(false);
    }
}
