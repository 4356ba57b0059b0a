using Microsoft.AspNetCore.StaticFiles;

namespace Tidegate.Endpoints;

/// <summary>Headers of the page's files: nothing from elsewhere is loaded, hashed files are kept, the page itself is asked for anew.</summary>
internal static class PageHeaders
{
    // 'self' covers the page's own WebSocket too. Nothing inline, neither script nor style.
    private const string Policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Sets them on one file's response.</summary>
    public static void Set(StaticFileResponseContext context)
    {
        var headers = context.Context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.Vary = "Accept-Encoding";
        headers.CacheControl = context.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        if (PageFiles.EncodingOf(context.File.Name) is { } encoding)
        {
            headers.ContentEncoding = encoding;
        }
    }
}
