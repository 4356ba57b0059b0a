using System.Text.Json.Serialization.Metadata;

namespace Tidegate.Operations;

/// <summary>How the gateway's own bodies are answered: as they are at this moment, kept by nobody.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes one; to HEAD its headers alone.</summary>
    public static Task WriteAsync<T>(HttpContext context, int status, T body, JsonTypeInfo<T> type)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        response.ContentType = "application/json";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.WriteAsJsonAsync(body, type, "application/json");
    }
}
