using Microsoft.Extensions.FileProviders;
using Tidegate.Configuration;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;
using Tidegate.Operations;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary>Where the host hands over to the gateway's rooms.</summary>
internal static class GatewayWiring
{
    // A ping each 20 s, and a peer silent for 20 s more is dropped (contract 2): a proxy in between cuts quiet sockets at 60 s (cases.md 72).
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(20);

    /// <summary>Registers feeds, topics and sessions.</summary>
    public static void AddGateway(IServiceCollection services, TidegateOptions options, UpstreamOptions upstream, string network)
    {
        var sessions = options.Sessions;
        services.AddSingleton(s => new GatewayIdentity(network, GatewayVersion.Text, s.GetRequiredService<TimeProvider>().GetUtcNow()));
        services.AddSingleton(new TopicLimits(sessions.QueueFrames, sessions.ResumeFrames));
        services.AddSingleton(new SessionLimits(sessions.MaxConnections, sessions.MaxConnectionsPerToken, sessions.MaxConnectionsPerIp, sessions.MaxSubscriptions, sessions.QueueFrames, sessions.QueueBytes));
        services.AddSingleton(s => new SocketPool(upstream, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(s => new IndexerRestClient(upstream.Endpoints[0].RestUrl, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<IndexerRestClient>>()));
        services.AddSingleton(s => new IndexerFeeds(
            s.GetRequiredService<SocketPool>(),
            s.GetRequiredService<IndexerRestClient>(),
            options.Polling.Interval,
            options.Indexer.BackfillHold,
            new AuditPolicy(options.Audit.BookInterval, options.Audit.AccountInterval, options.Audit.RestShare),
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(s => new TopicHub(
            s.GetRequiredService<IndexerFeeds>(),
            s.GetRequiredService<TopicLimits>(),
            options.Indexer.GraceTime,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<TopicHub>>()));
        services.AddSingleton<SessionHub>();
        services.AddSingleton<ReconnectGate>();
        services.AddSingleton<DashboardEndpoint>();
        services.AddSingleton<StatusEndpoint>();
        services.AddSingleton<IReadiness, GatewayReadiness>();
        services.AddHostedService<GatewayRun>();
    }

    /// <summary>Maps sockets, status and the page.</summary>
    public static void MapGateway(WebApplication app)
    {
        DashboardEndpoint.UseTap(app);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = PingEvery, KeepAliveTimeout = PingEvery });
        UsePage(app);
        app.Map(DashboardEndpoint.Path, (RequestDelegate)(context => Only(context, "GET", c => c.RequestServices.GetRequiredService<DashboardEndpoint>().HandleAsync(c))));
        app.Map("/ws/status", (RequestDelegate)(context => Only(context, "GET", c => c.RequestServices.GetRequiredService<StatusEndpoint>().GatewayAsync(c))));
        app.Map("/ws/status/{address}", (RequestDelegate)(context => Only(context, "GET", c => c.RequestServices.GetRequiredService<StatusEndpoint>().AccountAsync(c, AddressOf(c)))));
        app.Map("/ws/reconnect/{address}", (RequestDelegate)(context => Only(context, "POST", c => c.RequestServices.GetRequiredService<StatusEndpoint>().ReconnectAsync(c, AddressOf(c)))));
    }

    private static void UsePage(WebApplication app)
    {
        var root = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (!File.Exists(Path.Combine(root, "index.html")))
        {
            return;
        }

        var files = new PhysicalFileProvider(root);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = PageHeaders.Set });
    }

    private static Task Only(HttpContext context, string method, Func<HttpContext, Task> handle)
    {
        if (string.Equals(context.Request.Method, method, StringComparison.Ordinal))
        {
            return handle(context);
        }

        context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        context.Response.Headers.Allow = method;
        return Task.CompletedTask;
    }

    private static string AddressOf(HttpContext context) => context.Request.RouteValues["address"] as string ?? "";
}
