using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tidegate.Access;
using Tidegate.Configuration;
using Tidegate.Operations;
using Tidegate.Sessions;

namespace Tidegate.Endpoints;

/// <summary><c>GET /ws/dashboard</c>: all checks before any upgrade, so that a browser can learn by a plain fetch why a socket fails (contract 2).</summary>
internal sealed class DashboardEndpoint(GatewayIdentity gateway, AccessSettings access, TokenGate tokens, SessionHub hub, GatewayMetrics metrics, TimeProvider time, ILogger<Session> logger)
{
    /// <summary>The path.</summary>
    public const string Path = "/ws/dashboard";

    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromSeconds(5);

    /// <summary>Puts the tap between handshake and WebSocket; has to come before the framework's WebSocket middleware.</summary>
    public static void UseTap(IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path == Path && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            context.Features.Set<IHttpUpgradeFeature>(new TapUpgrade(upgrade));
        }

        return next(context);
    });

    /// <summary>Handles one request, for as long as its session lasts.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var (request, refusal) = await DashboardRequest.ReadAsync(context.Request, access, tokens, context.RequestAborted).ConfigureAwait(false);
        if (request is null)
        {
            await RequestGuard.WriteAsync(context.Response, refusal!).ConfigureAwait(false);
            return;
        }

        var identity = request.Identity;
        var remote = context.Connection.RemoteIpAddress?.ToString() ?? "";
        if (!hub.TryAdmit(identity, remote))
        {
            await RequestGuard.WriteAsync(context.Response, new Refusal(503, "full", "All connections are in use."), RetryWhenFull).ConfigureAwait(false);
            return;
        }

        try
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                await ServeAsync(context, request, remote).ConfigureAwait(false);
            }
            else
            {
                await RequestGuard.WriteAsync(context.Response, new Refusal(426, "upgrade-required", "This is a WebSocket.")).ConfigureAwait(false);
            }
        }
        finally
        {
            hub.Release(identity, remote);
        }
    }

    // Plain HTTP/1.1 only: over TLS the bytes are not ours to put on the socket.
    private static Socket? SocketOf(HttpContext context) =>
        context.Request.IsHttps || context.Features.Get<ITlsHandshakeFeature>() is not null ? null : context.Features.Get<IConnectionSocketFeature>()?.Socket;

    // A session may live for days; the text of its request, the token in it above all, need not: two to three kilobytes.
    private static void Forget(HttpContext context)
    {
        context.Features.Set<IQueryFeature>(null);
        context.Request.Headers.Clear();
        if (context.Features.Get<IHttpRequestFeature>() is { } text)
        {
            (text.RawTarget, text.QueryString) = ("", "");
        }
    }

    private async Task ServeAsync(HttpContext context, DashboardRequest request, string remote)
    {
        var session = new Session(hub, request.Identity, remote, time, logger);
        var tap = (TapUpgrade)context.Features.Get<IHttpUpgradeFeature>()!;
        tap.Write = session.WriteControl;
        var offered = context.WebSockets.WebSocketRequestedProtocols.Contains("tidegate.v1", StringComparer.Ordinal);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(offered ? "tidegate.v1" : null).ConfigureAwait(false);
        Forget(context);
        session.Begin(socket, ServerFrames.Connected(session.Id, request.Identity, gateway.Network, gateway.Version, time.GetUtcNow()), request.Subscribe);
        hub.Enter(session);
        metrics.ClientsChanged(1);
        try
        {
            await session.RunAsync(socket, new ClientWire(tap.Raw!, SocketOf(context)), context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            hub.Exit(session);
            metrics.ClientsChanged(-1);
        }
    }
}
