using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Features;
using Tidegate.Configuration;
using Tidegate.Descriptions;
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
    private const string StatusTag = "Status";
    private const string SocketTag = "WebSockets";

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
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, StatusJson.Default);
        });
        DescribedRoutes.Add(services, needsToken: options.Access.Mode != "open");
    }

    /// <summary>Maps sockets, status and the page.</summary>
    public static void MapGateway(WebApplication app)
    {
        // Before routing, which hands the Indexer's paths over at once: what follows is for sockets and the page.
        app.UseWhen(MayCompress, branch => branch.UseResponseCompression());
        app.UseRouting();
        ClientDoor.UseTap(app);
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = PingEvery, KeepAliveTimeout = PingEvery });
        PageFiles.Use(app);
        DescribedRoutes.Map(app);
        MapStatus(app, app.Services.GetRequiredService<StatusEndpoint>());
        MapSockets(app);
        MapRest(app);
    }

    // Delegates rather than request delegates: those are what the description lists.
    private static void MapStatus(WebApplication app, StatusEndpoint status)
    {
        app.MapGet("/ws/status", (Delegate)status.GatewayAsync)
            .WithTags(StatusTag).Produces<GatewayStatus>().Refuses(401);
        app.MapGet("/ws/status/{address}", status.AccountAsync)
            .WithTags(StatusTag).Produces<AccountStatus>().Refuses(400, 401, 403, 404);
        app.MapPost("/ws/reconnect/{address}", status.ReconnectAsync)
            .WithTags(StatusTag).Produces<ReconnectAccepted>(StatusCodes.Status202Accepted).Refuses(400, 401, 403, 404, 429);
    }

    private static void MapSockets(WebApplication app)
    {
        app.MapGet(DashboardEndpoint.Path, (Delegate)app.Services.GetRequiredService<DashboardEndpoint>().HandleAsync)
            .WithTags(SocketTag).Takes("token", "address", "subaccount", "view", "subscribe")
            .Produces(StatusCodes.Status101SwitchingProtocols).Refuses(400, 401, 403, 426, 503);
        var indexer = app.Services.GetRequiredService<IndexerSocketEndpoint>();
        app.MapGet("/v4/ws", (Delegate)indexer.HandleAsync)
            .WithTags(SocketTag).Takes("token")
            .Produces(StatusCodes.Status101SwitchingProtocols).Refuses(400, 401, 403, 426, 503);
        app.MapGet("/t/{token}/v4/ws", (RequestDelegate)indexer.HandleAsync);
    }

    private static void MapRest(WebApplication app)
    {
        var rest = app.Services.GetRequiredService<RestEndpoint>();
        app.MapGet("/v4/{**path}", (RequestDelegate)rest.HandleAsync).ShortCircuit();
        app.MapGet("/t/{token}/v4/{**path}", (RequestDelegate)rest.HandleAsync).ShortCircuit();
    }

    private static bool MayCompress(HttpContext context) =>
        context.Request.Headers.AcceptEncoding.Count > 0
        && (context.Request.Path.StartsWithSegments("/v4", StringComparison.Ordinal) || context.Request.Path.StartsWithSegments("/t", StringComparison.Ordinal))
        && context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true };
}
