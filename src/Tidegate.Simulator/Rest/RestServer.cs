using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tidegate.Simulator.Control;
using Tidegate.Simulator.Protocol;
using Tidegate.Simulator.Shapes;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Rest;

/// <summary>The REST half: limits first, then what is to go wrong, then the answer.</summary>
internal sealed class RestServer(Exchange exchange, RestRoutes routes, RateLimits limits, Faults faults, ClientLog log, SimulatorOptions options, TimeProvider time)
{
    private const string NotFound = """{"error":"Not Found","errorCode":404}""";
    private const string TooMany = """{"errors":[{"msg":"Too many requests"}]}""";

    public async Task HandleAsync(HttpContext context)
    {
        var path = (context.Request.Path.Value ?? "")["/v4".Length..].Trim('/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        var client = context.Connection.RemoteIpAddress?.ToString() ?? "";
        log.Add("rest", client, context.Request.Path + context.Request.QueryString.ToString());
        if (faults.Down)
        {
            context.Abort();
            return;
        }
        if (faults.RestDelay > TimeSpan.Zero) await Task.Delay(faults.RestDelay, time, context.RequestAborted);
        if (options.RestLimits && RateLimits.BucketOf(path) is { } bucket && !await TakeAsync(context, client, bucket)) return;
        if (faults.Rest is { } fault && Concerns(fault, path))
        {
            await FailAsync(context, fault);
            return;
        }
        await AnswerAsync(context, path);
    }

    private async Task<bool> TakeAsync(HttpContext context, string client, (string Name, int Limit) bucket)
    {
        var allowance = limits.Take(client, bucket.Name, bucket.Limit);
        var headers = context.Response.Headers;
        headers["RateLimit-Remaining"] = allowance.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = allowance.Reset.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Limit"] = allowance.Limit.ToString(CultureInfo.InvariantCulture);
        if (allowance.Granted) return true;
        log.Add("violation", client, $"rest {bucket.Name}");
        // In milliseconds, against RFC 9110: protocol.md 4.
        headers.RetryAfter = ((long)(allowance.Reset - time.GetUtcNow()).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        await WriteAsync(context, 429, Encoding.UTF8.GetBytes(TooMany));
        return false;
    }

    private async Task AnswerAsync(HttpContext context, string[] path)
    {
        var status = 200;
        var found = false;
        byte[] body;
        try
        {
            var query = new Query(context.Request.Query);
            lock (exchange.Gate) body = Json.Of(json => found = routes.Answer(path, query, json));
        }
        catch (RestRefusal refusal)
        {
            (status, found, body) = (refusal.Status, true, Json.Of(refusal.Write));
        }
        if (!found)
        {
            await WriteAsync(context, 404, Encoding.UTF8.GetBytes(NotFound));
            return;
        }
        if (RestRoutes.Cache(path) is { } cache) context.Response.Headers.CacheControl = cache;
        await WriteAsync(context, status, body);
    }

    private static bool Concerns(RestFault fault, string[] path)
    {
        if (fault.PathPrefix is { } prefix) return ("/" + string.Join('/', path)).StartsWith(prefix, StringComparison.Ordinal);
        return fault.Status != 403 || RestRoutes.IsAccount(path);
    }

    private static Task FailAsync(HttpContext context, RestFault fault)
    {
        if (fault.RetryAfter is { } after) context.Response.Headers.RetryAfter = ((long)after.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        var message = fault.Status switch { 403 => Snapshots.Blocked, 429 => "Too many requests", _ => "Internal Server Error" };
        return WriteAsync(context, fault.Status, Json.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("errors");
            json.WriteStartObject();
            json.WriteString("msg", message);
            if (fault.Code is { } code) json.WriteString("code", code);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }

    private static Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
