using Microsoft.OpenApi;
using Tidegate.Access;

namespace Tidegate.Descriptions;

/// <summary>What a route's description says besides the framework's own words.</summary>
internal static class RouteDescriptions
{
    /// <summary>It refuses by these statuses, each with a problem document.</summary>
    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder route, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            route.Produces<Problem>(status, Problem.MediaType);
        }

        return route;
    }

    /// <summary>It reads these query parameters, by itself: a wrong one is refused in its own words.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, params string[] query) => route.AddOpenApiOperationTransformer((operation, _, _) =>
    {
        operation.Parameters = [.. query.Select(name => new OpenApiParameter { Name = name, In = ParameterLocation.Query, Schema = new OpenApiSchema { Type = JsonSchemaType.String } })];
        return Task.CompletedTask;
    });
}
