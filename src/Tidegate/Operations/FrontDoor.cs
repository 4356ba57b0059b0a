using Tidegate.Access;

namespace Tidegate.Operations;

/// <summary>The first step of every request, before any endpoint: host and origin (contract 2), and CORS for the pages of allowed origins.</summary>
internal static class FrontDoor
{
    /// <summary>Puts it in front of all that is mapped or used after it.</summary>
    public static void Use(IApplicationBuilder app, RequestGuard guard) => app.Use((context, next) =>
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (guard.CheckHostAndOrigin(context.Request) is { } refusal)
        {
            return RequestGuard.WriteAsync(context.Response, refusal);
        }

        return guard.AllowedForeignOrigin(context.Request) is { } origin && Allow(context, origin) ? Task.CompletedTask : next(context);
    });

    // Whether that is all that was asked.
    private static bool Allow(HttpContext context, string origin)
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = origin;
        headers.Vary = "Origin";
        headers.AccessControlExposeHeaders = "Retry-After, X-Tidegate-Source";
        if (!HttpMethods.IsOptions(context.Request.Method) || context.Request.Headers.AccessControlRequestMethod.Count == 0)
        {
            return false;
        }

        headers.AccessControlAllowMethods = "GET, POST";
        headers.AccessControlAllowHeaders = "Authorization, Content-Type";
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
