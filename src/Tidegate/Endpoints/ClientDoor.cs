using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Tidegate.Access;
using Tidegate.Operations;
using Tidegate.Sessions;

namespace Tidegate.Endpoints;

/// <summary>Lets a client in that has passed the checks: the place it takes, the upgrade, and its session for as long as that lasts.</summary>
internal sealed class ClientDoor(SessionHub hub, GatewayMetrics metrics)
{
    private static readonly TimeSpan RetryWhenFull = TimeSpan.FromSeconds(5);

    /// <summary>Puts the tap between handshake and WebSocket; has to come before the framework's WebSocket middleware.</summary>
    public static void UseTap(IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            context.Features.Set<IHttpUpgradeFeature>(new TapUpgrade(upgrade));
        }

        return next(context);
    });

    /// <summary>Serves a client: 503 when full, 426 without an upgrade, else its session.</summary>
    public async Task ServeAsync<TSession>(HttpContext context, SessionIdentity identity, string? protocol, Func<string, TSession> make, Action<TSession, WebSocket> begin)
        where TSession : Session
    {
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
                await RunAsync(context, protocol, make(remote), begin).ConfigureAwait(false);
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

    private async Task RunAsync<TSession>(HttpContext context, string? protocol, TSession session, Action<TSession, WebSocket> begin)
        where TSession : Session
    {
        var tap = (TapUpgrade)context.Features.Get<IHttpUpgradeFeature>()!;
        tap.Write = session.WriteControl;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol).ConfigureAwait(false);
        Forget(context);
        begin(session, socket);
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
}
