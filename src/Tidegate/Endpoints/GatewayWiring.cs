using Tidegate.Configuration;
using Tidegate.DropIn;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;
using Tidegate.Journal;
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

        // Feeds and topics measure by it; tokens and the journal, which outlive the process, go by the wall clock.
        services.AddSingleton(s => new SteadyTime(s.GetRequiredService<TimeProvider>()));
        services.AddSingleton(s => new GatewayIdentity(network, GatewayVersion.Text, s.GetRequiredService<SteadyTime>().GetUtcNow()));
        services.AddSingleton(new TopicLimits(sessions.QueueFrames, sessions.QueueBytes, sessions.ResumeFrames, sessions.ResumeBytes));
        services.AddSingleton(new SessionLimits(sessions.MaxConnections, sessions.MaxConnectionsPerToken, sessions.MaxConnectionsPerIp, sessions.MaxSubscriptions, sessions.QueueFrames, sessions.QueueBytes));
        services.AddSingleton(s => new SocketPool(upstream, s.GetRequiredService<SteadyTime>(), s.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton(s => new IndexerRestClient([.. upstream.Endpoints.Select(endpoint => endpoint.RestUrl)], s.GetRequiredService<SteadyTime>(), s.GetRequiredService<ILogger<IndexerRestClient>>(), null));
        services.AddSingleton(s => new IndexerFeeds(
            s.GetRequiredService<SocketPool>(),
            s.GetRequiredService<IndexerRestClient>(),
            options.Polling.Interval,
            options.Indexer.BackfillHold,
            new AuditPolicy(options.Audit.BookInterval, options.Audit.AccountInterval, options.Audit.RestShare),
            s.GetRequiredService<SteadyTime>(),
            s.GetRequiredService<ILoggerFactory>()));
        var kept = new JournalLimits(options.Journal.MaxEvents, options.Journal.MaxAge, options.Journal.MaxBytes);
        services.AddSingleton(s => new EventJournal(
            new JournalFolder(s.GetRequiredService<DataFolder>().EnsureUpstream(upstream.Endpoints[0].WebSocketUrl), kept),
            options.Journal.Enabled,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<EventJournal>>()));
        services.AddSingleton(s => new TopicHub(
            s.GetRequiredService<IndexerFeeds>(),
            s.GetRequiredService<EventJournal>(),
            s.GetRequiredService<TopicLimits>(),
            options.Indexer.GraceTime,
            s.GetRequiredService<SteadyTime>(),
            s.GetRequiredService<ILogger<TopicHub>>()));
        services.AddSingleton<SessionHub>();
        services.AddSingleton<ReconnectGate>();
        services.AddSingleton<ClientDoor>();
        services.AddSingleton<DashboardEndpoint>();
        services.AddSingleton(options.DropIn);
        services.AddSingleton<IndexerSocketEndpoint>();
        services.AddSingleton<StatusEndpoint>();
        services.AddSingleton<LiveAnswers>();
        services.AddSingleton(s => new RestForwarder(s.GetRequiredService<IndexerRestClient>(), s.GetRequiredService<SteadyTime>()));
        services.AddSingleton<RestEndpoint>();
        services.AddResponseCompression(compression => (compression.EnableForHttps, compression.MimeTypes) = (true, ["application/json"]));
        services.AddSingleton<IReadiness, GatewayReadiness>();
        services.AddHostedService<GatewayRun>();
    }

    /// <summary>Maps sockets, status and the page.</summary>
    public static void MapGateway(WebApplication app)
    {
        ClientDoor.UseTap(app);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = PingEvery, KeepAliveTimeout = PingEvery });
        PageFiles.Use(app);
        app.Map(DashboardEndpoint.Path, (RequestDelegate)(context => Only(context, "GET", c => c.RequestServices.GetRequiredService<DashboardEndpoint>().HandleAsync(c))));
        app.Map("/ws/status", (RequestDelegate)(context => Only(context, "GET", c => c.RequestServices.GetRequiredService<StatusEndpoint>().GatewayAsync(c))));
        app.Map("/ws/status/{address}", (RequestDelegate)(context => Only(context, "GET", c => c.RequestServices.GetRequiredService<StatusEndpoint>().AccountAsync(c, AddressOf(c)))));
        app.Map("/ws/reconnect/{address}", (RequestDelegate)(context => Only(context, "POST", c => c.RequestServices.GetRequiredService<StatusEndpoint>().ReconnectAsync(c, AddressOf(c)))));
        MapDropIn(app);
    }

    private static void MapDropIn(WebApplication app)
    {
        app.UseWhen(
            context => !context.WebSockets.IsWebSocketRequest && (context.Request.Path.StartsWithSegments("/v4", StringComparison.Ordinal) || context.Request.Path.StartsWithSegments("/t", StringComparison.Ordinal)),
            branch => branch.UseResponseCompression());
        foreach (var path in new[] { "/v4/ws", "/t/{token}/v4/ws" })
        {
            app.Map(path, (RequestDelegate)(context => Only(context, "GET", c => c.RequestServices.GetRequiredService<IndexerSocketEndpoint>().HandleAsync(c))));
        }

        foreach (var path in new[] { "/v4/{**path}", "/t/{token}/v4/{**path}" })
        {
            app.Map(path, (RequestDelegate)(context => Only(context, "GET", c => c.RequestServices.GetRequiredService<RestEndpoint>().HandleAsync(c))));
        }
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
