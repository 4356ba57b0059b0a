using System.Text.Json;
using Tidegate.Configuration;

namespace Tidegate.Operations;

/// <summary><c>/healthz</c>, <c>/readyz</c> and <c>/config.json</c>: what machines and the page ask before they have a token.</summary>
internal static class StatusEndpoints
{
    private static readonly string[] Methods = ["GET", "HEAD"];
    private static readonly string[] Starting = ["starting"];

    /// <summary>Maps them.</summary>
    public static void Map(WebApplication app, AccessSettings access, string network)
    {
        app.MapMethods("/healthz", Methods, (RequestDelegate)(context => WriteAsync(context, 200, w => w.WriteString("status", "alive"))));
        app.MapMethods("/readyz", Methods, (RequestDelegate)ReadyAsync);
        app.MapMethods("/config.json", Methods, (RequestDelegate)(context => WriteAsync(context, 200, w =>
        {
            w.WriteString("network", network);
            w.WriteString("version", GatewayVersion.Text);
            w.WriteString("access", access.Mode);
            w.WriteBoolean("public_market_data", access.PublicMarketData);
        })));
    }

    private static Task ReadyAsync(HttpContext context)
    {
        var readiness = context.RequestServices.GetService<IReadiness>();
        var (ready, reasons) = readiness is null ? (false, Starting) : (readiness.Ready, readiness.Reasons);
        return WriteAsync(context, ready ? 200 : 503, w =>
        {
            w.WriteString("status", !ready ? "unavailable" : reasons.Count > 0 ? "degraded" : "ready");
            w.WriteStartArray("reasons");
            foreach (var reason in reasons)
            {
                w.WriteStringValue(reason);
            }

            w.WriteEndArray();
        });
    }

    private static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> members)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    }
}
