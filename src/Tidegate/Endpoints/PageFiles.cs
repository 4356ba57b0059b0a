using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Tidegate.Endpoints;

/// <summary>Serves the page beside the executable, in the smallest form that the build laid down and the browser takes.</summary>
internal static class PageFiles
{
    // In order of preference; the names are those of HTTP's Content-Encoding.
    private static readonly (string Encoding, string Suffix)[] Forms = [("br", ".br"), ("gzip", ".gz")];

    /// <summary>Maps the page's files, where the build made any.</summary>
    public static void Use(WebApplication app)
    {
        var root = Path.Combine(AppContext.BaseDirectory, "wwwroot");
        if (!File.Exists(Path.Combine(root, "index.html")))
        {
            return;
        }

        var files = new PhysicalFileProvider(root);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.Use((context, next) => Choose(context, files, next));
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, ContentTypeProvider = new OriginalTypes(), OnPrepareResponse = PageHeaders.Set });
    }

    private static Task Choose(HttpContext context, PhysicalFileProvider files, RequestDelegate next)
    {
        var path = context.Request.Path.Value ?? "";
        var accepted = context.Request.Headers.AcceptEncoding.ToString();
        foreach (var (encoding, suffix) in Forms)
        {
            if (Takes(accepted, encoding) && files.GetFileInfo(path + suffix).Exists)
            {
                context.Request.Path = path + suffix;
                break;
            }
        }

        return next(context);
    }

    private static bool Takes(string accepted, string encoding) =>
        accepted.Split(',').Any(one => one.Split(';') is [var name, .. var weights]
            && string.Equals(name.Trim(), encoding, StringComparison.OrdinalIgnoreCase)
            && !weights.Any(weight => weight.Trim() is "q=0" or "q=0.0"));

    /// <summary>How a file's name tells its form; none for a plain one.</summary>
    public static string? EncodingOf(string name) => Array.Find(Forms, form => name.EndsWith(form.Suffix, StringComparison.Ordinal)).Encoding;

    private sealed class OriginalTypes : IContentTypeProvider
    {
        private readonly FileExtensionContentTypeProvider plain = new();

        public bool TryGetContentType(string subpath, out string contentType)
        {
            var name = EncodingOf(subpath) is null ? subpath : subpath[..^3];
            return plain.TryGetContentType(name, out contentType!) || (name.EndsWith(".md", StringComparison.Ordinal) && (contentType = "text/markdown") is not null);
        }
    }
}
