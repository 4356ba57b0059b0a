using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Tidegate.Access;
using Tidegate.Configuration;
using Tidegate.Endpoints;
using Tidegate.Indexer.Sockets;
using Tidegate.Operations;

namespace Tidegate.Commands;

/// <summary>What a gateway is started with, all of it validated.</summary>
internal sealed record GatewayLaunch(TidegateOptions Options, UpstreamOptions Upstream, string Network, IReadOnlyList<string> Urls, DataFolder Data, ConsoleLog Log);

/// <summary>A running gateway: web server, access, operations, and the rooms behind <see cref="GatewayWiring"/>.</summary>
/// <remarks>
/// Built on the empty host: no appsettings.json of the working directory, no ASPNETCORE_ variable and no development page can change it.
/// It holds the upstream's lock until it is disposed.
/// </remarks>
internal sealed partial class GatewayHost : IAsyncDisposable
{
    // SIGXFSZ, which has this number on Linux and macOS: a write beyond a limit on file sizes (ulimit -f, LimitFSIZE) fails like one on a full disk,
    // and is dealt with as that; unhandled, the signal would end the process.
    private const PosixSignal FileTooLarge = (PosixSignal)25;
    private readonly WebApplication app;
    private readonly UpstreamLock upstreamLock;
    private readonly PosixSignalRegistration? fileTooLarge = OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileTooLarge, context => context.Cancel = true);

    private GatewayHost(WebApplication app, UpstreamLock upstreamLock) => (this.app, this.upstreamLock) = (app, upstreamLock);

    /// <summary>The addresses it listens on, real ports in place of 0.</summary>
    public IReadOnlyList<string> Addresses => [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    /// <summary>Makes tokens for it; null where an authority alone does.</summary>
    public TokenMinter? Minter => app.Services.GetService<TokenMinter>();

    /// <summary>Starts a gateway, and returns when it listens.</summary>
    /// <exception cref="CommandFailure">Data folder or port is taken or cannot be used.</exception>
    public static async Task<GatewayHost> StartAsync(GatewayLaunch launch, CancellationToken cancellationToken)
    {
        var held = TakeLock(launch);
        WebApplication? app = null;
        try
        {
            app = Build(launch);
            await app.StartAsync(cancellationToken);
            launch.Log.Started();
            var host = new GatewayHost(app, held);
            Log.Listening(app.Services.GetRequiredService<ILogger<GatewayHost>>(), GatewayVersion.Text, launch.Network, launch.Upstream.Endpoints[0].WebSocketUrl, string.Join(' ', host.Addresses), launch.Data.Path);
            return host;
        }
        catch (Exception e)
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            held.Dispose();
            throw Explain(e, launch) ?? e;
        }
    }

    /// <summary>Runs until stopped from outside or by a failure of its own; says which.</summary>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        await app.WaitForShutdownAsync(stop);
        return stop.IsCancellationRequested;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        upstreamLock.Dispose();
        fileTooLarge?.Dispose();
    }

    private static UpstreamLock TakeLock(GatewayLaunch launch)
    {
        var url = launch.Upstream.Endpoints[0].WebSocketUrl;
        try
        {
            launch.Data.Ensure();
            return UpstreamLock.TryTake(launch.Data.EnsureUpstream(url))
                ?? throw new CommandFailure($"another gateway already serves {url} from \"{launch.Data.Path}\"; stop it, or give this one a folder of its own by --set Data=FOLDER");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"Tidegate:Data = \"{launch.Data.Path}\": a folder that can be written is needed ({e.Message})", inner: e);
        }
    }

    private static WebApplication Build(GatewayLaunch launch)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "tidegate",
            EnvironmentName = Environments.Production,
            ContentRootPath = AppContext.BaseDirectory,
        });
        launch.Log.AddTo(builder.Logging);
        builder.WebHost.UseKestrelCore().UseUrls([.. launch.Urls]).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 64 * 1024;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });

        // A write comes back when its bytes have left, so that a session may go on straight at the socket (Sessions/ClientWire). No request blocks: it is
        // answered where its bytes were read, without a change of threads.
        builder.Services.Configure<SocketTransportOptions>(sockets => (sockets.MaxWriteBufferSize, sockets.UnsafePreferInlineScheduling) = (2, true));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = launch.Options.Sessions.ShutdownTimeout + TimeSpan.FromSeconds(1));
        AddServices(builder.Services, launch);
        GatewayWiring.AddGateway(builder.Services, launch.Options, launch.Upstream, launch.Network);

        var app = builder.Build();
        FrontDoor.Use(app, app.Services.GetRequiredService<RequestGuard>());
        StatusEndpoints.Map(app, launch.Options.Access, launch.Network);
        Telemetry.Map(app);
        GatewayWiring.MapGateway(app);
        return app;
    }

    private static void AddServices(IServiceCollection services, GatewayLaunch launch)
    {
        var access = launch.Options.Access;
        services.AddRoutingCore();
        services.AddSingleton<IHostLifetime, NoLifetime>();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(launch.Options);
        services.AddSingleton(access);
        services.AddSingleton(launch.Data);
        services.AddSingleton(new RequestGuard(access, launch.Urls));
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<Telemetry>();
        services.AddSingleton<Revocations>();
        services.AddHostedService(s => s.GetRequiredService<Revocations>());
        var key = SigningKey.For(access, launch.Data);
        if (key is not null)
        {
            services.AddSingleton(s => new TokenMinter(key, access.AddressClaim, s.GetRequiredService<TimeProvider>()));
        }

        services.AddSingleton(s => new TokenGate(key, access.Authority is { } a ? new AuthorityKeys(a) : null, access,
            s.GetRequiredService<Revocations>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<TokenGate>>()));
    }

    private static CommandFailure? Explain(Exception e, GatewayLaunch launch)
    {
        var urls = string.Join(' ', launch.Urls);
        var reason = e.GetBaseException();
        if (e is IOException { InnerException: AddressInUseException } || reason is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse })
        {
            return new CommandFailure($"--urls \"{urls}\": the port is in use; stop what listens there or choose another, such as --urls http://127.0.0.1:8010", inner: e);
        }

        return reason is SocketException or IOException or UnauthorizedAccessException
            ? new CommandFailure($"cannot listen on --urls \"{urls}\" with Tidegate:Data = \"{launch.Data.Path}\": {reason.Message}", inner: e)
            : null;
    }

    /// <summary>Signals are <see cref="StopSignal"/>'s, from the first moment of the process on.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(2010, LogLevel.Information, "Tidegate {Version} serves {Network} ({Upstream}) on {Addresses}, data in {Data}")]
        public static partial void Listening(ILogger logger, string version, string network, Uri upstream, string addresses, string data);
    }
}
