using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Tidegate.Operations;

/// <summary>Exports what <see cref="GatewayMetrics"/> counts: <c>/metrics</c> for Prometheus, and OTLP where its standard variable names a collector.</summary>
/// <remarks>Built on the first scrape, or after the start where OTLP is on: OpenTelemetry costs 75 ms of start-up.</remarks>
internal sealed partial class Telemetry : IDisposable
{
    private readonly Lazy<MeterProvider> meters;
    private readonly GatewayMetrics metrics;
    private readonly ILogger<Telemetry> logger;
    private readonly bool otlp = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };
    private TracerProvider? traces;
    private readonly Lazy<RequestDelegate> scrape;

    /// <summary>Makes it; nothing is built yet.</summary>
    public Telemetry(GatewayMetrics metrics, ILogger<Telemetry> logger, IServiceProvider services)
    {
        (this.metrics, this.logger) = (metrics, logger);
        meters = new Lazy<MeterProvider>(BuildMeters);
        scrape = new Lazy<RequestDelegate>(() => new ApplicationBuilder(services)
            .UseOpenTelemetryPrometheusScrapingEndpoint(meters.Value, _ => true, path: null, configureBranchedPipeline: null, optionsName: null).Build());
    }

    /// <summary>Maps <c>/metrics</c>.</summary>
    public static void Map(WebApplication app)
    {
        var telemetry = app.Services.GetRequiredService<Telemetry>();
        app.MapGet("/metrics", (Delegate)telemetry.ScrapeAsync)
            .WithSummary("Counters and gauges, as Prometheus reads them").WithTags("Operations").Produces<string>(StatusCodes.Status200OK, "text/plain");
        if (telemetry.otlp)
        {
            app.Lifetime.ApplicationStarted.Register(() => _ = Task.Run(telemetry.StartOtlp));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        traces?.Dispose();
        if (meters.IsValueCreated)
        {
            meters.Value.Dispose();
        }
    }

    private Task ScrapeAsync(HttpContext context) => scrape.Value(context);

    private void StartOtlp()
    {
        try
        {
            _ = meters.Value;
            traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(GatewayMetrics.MeterName).AddOtlpExporter().Build();
        }
        catch (Exception e)
        {
            Log.OtlpFailed(logger, e.GetBaseException().Message);
        }
    }

    private MeterProvider BuildMeters()
    {
        var builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource())
            .AddMeter(metrics.Meter.Name).AddRuntimeInstrumentation().AddPrometheusExporter();
        return (otlp ? builder.AddOtlpExporter() : builder).Build();
    }

    private static ResourceBuilder Resource() => ResourceBuilder.CreateDefault().AddService("tidegate", serviceVersion: GatewayVersion.Text);

    private static partial class Log
    {
        [LoggerMessage(2011, LogLevel.Error, "OTLP export did not start ({Reason}); the gateway runs without it")]
        public static partial void OtlpFailed(ILogger logger, string reason);
    }
}
