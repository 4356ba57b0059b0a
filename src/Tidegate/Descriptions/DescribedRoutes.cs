using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Scalar.AspNetCore;
using Tidegate.Operations;

namespace Tidegate.Descriptions;

/// <summary><c>/openapi/v1.json</c>, <c>/asyncapi.json</c>, and <c>/docs</c>, which shows both. They need no token: they tell of the gateway nothing but how it is spoken to.</summary>
internal static class DescribedRoutes
{
    private const string Document = "v1";

    // The page's own script and what it loads are the gateway's; it styles itself inline.
    private const string Policy = "default-src 'self'; script-src 'self' 'nonce-{0}'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Registers what describes.</summary>
    public static void Add(IServiceCollection services, bool needsToken) =>
        services.AddOpenApi(Document, options => RestDescription.Configure(options, GatewayVersion.Text, needsToken));

    /// <summary>Maps them.</summary>
    public static void Map(WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.MapGet("/asyncapi.json", SocketsAsync).ExcludeFromDescription();
        app.UseWhen(context => context.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal), branch => branch.Use(SecureAsync));
        app.MapScalarApiReference("/docs", options => options
            .WithTitle("Tidegate")
            .WithNonce()
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .DisableMcp()
            .HideClientButton()
            .HideDeveloperTools()
            .AddDocument(Document, "REST")
            .AddAsyncApiDocument("sockets", "WebSockets", "/asyncapi.json"));
    }

    private static Task SecureAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(() =>
        {
            var nonce = context.Items[ScalarOptions.NonceHttpContextItemKey];
            context.Response.Headers["Referrer-Policy"] = "no-referrer";
            context.Response.Headers.ContentSecurityPolicy = string.Format(CultureInfo.InvariantCulture, Policy, nonce);
            return Task.CompletedTask;
        });
        return next(context);
    }

    private static readonly Lazy<JsonObject> Sockets = new(() =>
    {
        using var file = Assembly.GetExecutingAssembly().GetManifestResourceStream("asyncapi.json")!;
        var document = JsonNode.Parse(file)!.AsObject();
        document["info"]!["version"] = GatewayVersion.Text;
        return document;
    });

    private static Task SocketsAsync(HttpContext context)
    {
        var document = Sockets.Value.DeepClone();
        var server = document["servers"]!["gateway"]!;
        (server["host"], server["protocol"]) = (context.Request.Host.Value, context.Request.IsHttps ? "wss" : "ws");
        return context.Response.WriteAsJsonAsync(document);
    }
}
