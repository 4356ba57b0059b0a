using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Tidegate.Descriptions;

/// <summary>The OpenAPI document of <c>/openapi/v1.json</c>: the endpoints as they are mapped, and the Indexer's paths behind <c>/v4</c>, which are one endpoint here.</summary>
internal static class RestDescription
{
    private const string Bearer = "bearer";
    private const string Query = "query";
    private const string IndexerTag = "Indexer";

    /// <summary>Sets up the document.</summary>
    public static void Configure(OpenApiOptions options, string version, bool needsToken)
    {
        options.AddSchemaTransformer((schema, context, _) =>
        {
            var allowed = context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(AllowedValuesAttribute), inherit: false).OfType<AllowedValuesAttribute>().FirstOrDefault();
            schema.Enum = allowed?.Values.Select(value => (JsonNode)value!.ToString()!).ToList();
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Tidegate", Version = version, Description = "A self-hosted real-time gateway for dYdX v4. The WebSockets are described in `/asyncapi.json`." };
            foreach (var path in document.Paths.Values)
            {
                path.Operations!.Remove(HttpMethod.Head);
            }

            foreach (var path in IndexerPath.All)
            {
                document.Paths.Add(path.Path, new OpenApiPathItem { Operations = new Dictionary<HttpMethod, OpenApiOperation> { [HttpMethod.Get] = Describe(path, document) } });
            }

            if (needsToken)
            {
                RequireToken(document);
            }

            return Task.CompletedTask;
        });
    }

    private static OpenApiOperation Describe(IndexerPath path, OpenApiDocument document) => new()
    {
        Summary = path.Summary,
        Description = path.Source,
        Tags = new HashSet<OpenApiTagReference> { new(IndexerTag, document) },
        Parameters = [.. PartsOf(path.Path).Select(name => Parameter(name, ParameterLocation.Path)), .. path.Query.Select(name => Parameter(name, ParameterLocation.Query))],
        Responses = new OpenApiResponses
        {
            ["200"] = new OpenApiResponse { Description = "The Indexer's body, unchanged or from the gateway's state.", Headers = Headers(), Content = Json() },
            ["429"] = new OpenApiResponse { Description = "It would wait longer than two seconds for its share of the Indexer's request budget.", Content = Json() },
            ["502"] = new OpenApiResponse { Description = "The Indexer cannot be reached.", Content = Json() },
        },
    };

    private static IEnumerable<string> PartsOf(string path) => path.Split('/').Where(part => part.StartsWith('{')).Select(part => part[1..^1]);

    private static OpenApiParameter Parameter(string name, ParameterLocation place) =>
        new() { Name = name, In = place, Required = place == ParameterLocation.Path, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };

    // The Indexer's own, and they grow: what is in them is not promised here.
    private static Dictionary<string, OpenApiMediaType> Json() => new() { ["application/json"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.Object | JsonSchemaType.Array } } };

    private static Dictionary<string, IOpenApiHeader> Headers() => new()
    {
        ["X-Tidegate-Source"] = new OpenApiHeader { Description = "Where the answer comes from.", Schema = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["state", "cache", "upstream"] } },
        ["Age"] = new OpenApiHeader { Description = "How many seconds ago the Indexer was asked.", Schema = new OpenApiSchema { Type = JsonSchemaType.Integer } },
    };

    private static void RequireToken(OpenApiDocument document)
    {
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            [Query] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Query, Name = "token", Description = "For clients that cannot set a header. Drop-in clients may have it before the path instead: `/t/TOKEN/v4/…`." },
        };
        foreach (var operation in document.Paths.Where(path => path.Key.StartsWith("/ws", StringComparison.Ordinal) || path.Key.StartsWith("/v4", StringComparison.Ordinal)).SelectMany(path => path.Value.Operations!.Values))
        {
            operation.Security =
            [
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, document)] = [] },
                new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Query, document)] = [] },
            ];
        }
    }
}
