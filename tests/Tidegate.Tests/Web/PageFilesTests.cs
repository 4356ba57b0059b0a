using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Tidegate.Simulator;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.Web;

/// <summary>How the built gateway hands out the page's files.</summary>
[Collection(AloneCollection.Name)]
public sealed partial class PageFilesTests
{
    [Fact]
    public async Task The_page_comes_compressed_under_a_strict_policy_and_its_hashed_files_are_kept_for_good()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot", "index.html")), "the page was not built (no Node, or BuildWeb=false)");
        await using var gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Rate = 1 }, []);

        using var plain = await GetAsync(gateway, "/", null);
        var html = await plain.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        Assert.Equal("no-cache", plain.Headers.CacheControl!.ToString());
        var policy = Assert.Single(plain.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(InlineCode(), html);

        var script = ScriptPath().Match(html).Groups["path"].Value;
        foreach (var encoding in new[] { "br", "gzip" })
        {
            using var packed = await GetAsync(gateway, "/" + script, encoding);
            Assert.Equal(encoding, Assert.Single(packed.Content.Headers.ContentEncoding));
            Assert.Equal("text/javascript", packed.Content.Headers.ContentType!.MediaType);
            Assert.Contains("immutable", packed.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
            Assert.Contains("Accept-Encoding", packed.Headers.Vary);
        }

        using var refused = await GetAsync(gateway, "/" + script, "br;q=0");
        Assert.Empty(refused.Content.Headers.ContentEncoding);
    }

    private static async Task<HttpResponseMessage> GetAsync(BuiltGateway gateway, string path, string? encoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (encoding is not null)
        {
            request.Headers.AcceptEncoding.Add(StringWithQualityHeaderValue.Parse(encoding));
        }

        var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.EnsureSuccessStatusCode();
    }

    [GeneratedRegex("""<script(?![^>]* src=)|<style|\son[a-z]+=|\sstyle=""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InlineCode();

    [GeneratedRegex("""<script[^>]* src="\./(?<path>assets/[^"]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScriptPath();
}
