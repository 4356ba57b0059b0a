using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Tidegate.Simulator.Control;
using Tidegate.Simulator.Operator;
using Tidegate.Simulator.Protocol;
using Tidegate.Simulator.Rest;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator;

/// <summary>A seeded exchange with the Indexer's two protocols in front of it, on loopback.</summary>
/// <remarks>
/// A bare Kestrel without a host: it starts in a few ten milliseconds, logs no request and takes no signal.
/// Every address has both protocols: <c>/v4/ws</c> and <c>/v4/*</c>, and with <see cref="SimulatorOptions.Control"/> also <c>/ctl/*</c>.
/// </remarks>
public sealed class SimulatedIndexer : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource stopping = new();
    private readonly KestrelServer server;
    private readonly Clients clients;
    private readonly Router router;
    private readonly ITimer? clock;
    private int disposed;

    private SimulatedIndexer(SimulatorOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        Exchange = new Exchange(options, time.GetUtcNow());
        Faults = new Faults();
        Log = new ClientLog(time);
        var topics = new Topics();
        var replica = new Replica(Exchange, () => Faults.RestLag ?? options.RestLag);
        Exchange.Listener = new Publisher(topics, Faults, options, replica);
        clients = new Clients(new Subscriptions(topics, new Snapshots(Exchange, replica), Faults, Log, options, time), Faults, Log, options, time, stopping.Token);
        var rest = new RestServer(Exchange, new RestRoutes(Exchange, replica, time), new RateLimits(time), Faults, Log, options, time);
        server = Bare(options, loggers);
        router = new Router(clients, rest, options.Control ? new ControlEndpoint(this) : null);
        if (options.Running) clock = time.CreateTimer(_ => Exchange.Follow(time.GetUtcNow()), null, Tick, Tick);
    }

    /// <summary>Where the WebSocket is: <c>ws://127.0.0.1:port/v4/ws</c>.</summary>
    public Uri WebSocketUrl => new UriBuilder(RestUrl) { Scheme = "ws", Path = "/v4/ws" }.Uri;

    /// <summary>Where REST is: <c>http://127.0.0.1:port/v4</c>.</summary>
    public Uri RestUrl { get; private set; } = new("http://127.0.0.1/v4");

    /// <summary>The demo accounts, the liveliest first; the first has the isolated child 128.</summary>
    public IReadOnlyList<string> Addresses => Exchange.Addresses;

    /// <summary>The ledger.</summary>
    public Exchange Exchange { get; }

    /// <summary>What is to go wrong.</summary>
    public Faults Faults { get; }

    /// <summary>What clients did.</summary>
    public ClientLog Log { get; }

    /// <summary>How many sockets are open.</summary>
    public int Connections => Log.Open;

    /// <summary>Starts the exchange and listens.</summary>
    public static async Task<SimulatedIndexer> StartAsync(SimulatorOptions options, TimeProvider time, ILoggerFactory? loggers, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        var simulator = new SimulatedIndexer(options, time, loggers ?? NullLoggerFactory.Instance);
        try
        {
            await simulator.server.StartAsync(simulator.router, ct);
        }
        catch
        {
            await simulator.DisposeAsync();
            throw;
        }
        var address = simulator.server.Features.Get<IServerAddressesFeature>()!.Addresses.First();
        simulator.RestUrl = new UriBuilder(address) { Path = "/v4" }.Uri;
        return simulator;
    }

    /// <summary>The truth as JSON with its height: all of it, or only some of books, trades, markets, candles and accounts (with fills, orders, transfers).</summary>
    public byte[] Truth(params ReadOnlySpan<string> parts) => Tidegate.Simulator.Operator.Truth.Of(Exchange, parts);

    /// <summary>Closes every socket with 1012, stops listening and ends the exchange.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1) return;
        clock?.Dispose();
        Faults.Close(1012, """{"message":"Service restarting"}""");
        await clients.GoneAsync(TimeSpan.FromSeconds(1));
        await stopping.CancelAsync();
        await server.StopAsync(new CancellationToken(canceled: true));
        server.Dispose();
        stopping.Dispose();
    }

    private static KestrelServer Bare(SimulatorOptions options, ILoggerFactory loggers)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        foreach (var url in options.Urls)
        {
            var uri = new Uri(url);
            kestrel.Listen(IPAddress.TryParse(uri.Host, out var address) ? address : IPAddress.Loopback, uri.Port);
        }
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        return new KestrelServer(Options.Create(kestrel), transport, loggers);
    }

    /// <summary>Which request goes where.</summary>
    private sealed class Router(Clients clients, RestServer rest, ControlEndpoint? control) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }

        public Task ProcessRequestAsync(HttpContext context)
        {
            var path = context.Request.Path;
            if (path == "/v4/ws") return clients.AcceptAsync(context);
            if (path.StartsWithSegments("/v4", StringComparison.Ordinal)) return rest.HandleAsync(context);
            if (control is not null && path.StartsWithSegments("/ctl", StringComparison.Ordinal)) return control.HandleAsync(context);
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        }
    }
}
