using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
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
        var config = new PageConfig(network, GatewayVersion.Text, access.Mode, access.PublicMarketData);
        app.MapMethods("/healthz", Methods, (Delegate)((HttpContext context) => JsonAnswer.WriteAsync(context, 200, new Health("alive"), OperationsJson.Default.Health)))
            .WithSummary("The process lives").WithTags("Operations").Produces<Health>();
        app.MapMethods("/readyz", Methods, (Delegate)ReadyAsync)
            .WithSummary("It can serve").WithTags("Operations").Produces<Readiness>().Produces<Readiness>(StatusCodes.Status503ServiceUnavailable);
        app.MapMethods("/config.json", Methods, (Delegate)((HttpContext context) => JsonAnswer.WriteAsync(context, 200, config, OperationsJson.Default.PageConfig)))
            .WithSummary("What a page asks before it connects").WithTags("Operations").Produces<PageConfig>();
    }

    private static Task ReadyAsync(HttpContext context)
    {
        var readiness = context.RequestServices.GetService<IReadiness>();
        var (ready, reasons) = readiness is null ? (false, Starting) : (readiness.Ready, readiness.Reasons);
        var status = !ready ? "unavailable" : reasons.Count > 0 ? "degraded" : "ready";
        return JsonAnswer.WriteAsync(context, ready ? 200 : 503, new Readiness(status, reasons), OperationsJson.Default.Readiness);
    }
}

/// <summary>That the process lives.</summary>
/// <param name="Status">Always the same.</param>
internal sealed record Health([property: AllowedValues("alive")] string Status);

/// <summary>Whether it can serve.</summary>
/// <param name="Status"><c>degraded</c>: it serves, but without what the reasons name.</param>
/// <param name="Reasons">Why it cannot, or what it serves without: <c>starting</c>, <c>markets</c>, <c>upstream</c>, <c>journal</c>.</param>
internal sealed record Readiness([property: AllowedValues("ready", "degraded", "unavailable")] string Status, IReadOnlyList<string> Reasons);

/// <summary>What a page asks before it connects.</summary>
/// <param name="Network">Whose data it is.</param>
/// <param name="Version">The gateway's version.</param>
/// <param name="Access">Whether a token is needed.</param>
/// <param name="PublicMarketData">Market data needs none.</param>
internal sealed record PageConfig(
    [property: AllowedValues("mainnet", "testnet", "custom", "simulated")] string Network,
    string Version,
    [property: AllowedValues("token", "open")] string Access,
    bool PublicMarketData);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(Readiness))]
[JsonSerializable(typeof(PageConfig))]
internal sealed partial class OperationsJson : JsonSerializerContext;
