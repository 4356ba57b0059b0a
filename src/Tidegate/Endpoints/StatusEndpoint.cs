using System.Globalization;
using System.Text.Json;
using Tidegate.Access;
using Tidegate.Configuration;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Journal;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary><c>/ws/status</c>, <c>/ws/status/{address}</c> and <c>POST /ws/reconnect/{address}</c> (contract 3).</summary>
internal sealed class StatusEndpoint(GatewayIdentity gateway, AccessSettings access, TokenGate tokens, TopicHub topics, SessionHub sessions, IndexerFeeds feeds, EventJournal journal, SteadyTime clock, ReconnectGate reconnects)
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One account's status.</summary>
    public async Task AccountAsync(HttpContext context, string address)
    {
        if (await CheckAsync(context, address).ConfigureAwait(false) is { } followed)
        {
            await WriteAsync(context.Response, 200, writer => WriteAccount(writer, address, followed)).ConfigureAwait(false);
        }
    }

    /// <summary>The whole gateway's status.</summary>
    public async Task GatewayAsync(HttpContext context)
    {
        var verdict = await IdentifyAsync(context).ConfigureAwait(false);
        if (verdict.Refusal is { } refusal)
        {
            await RequestGuard.WriteAsync(context.Response, refusal).ConfigureAwait(false);
            return;
        }

        await WriteAsync(context.Response, 200, writer => GatewayStatus.Write(writer, gateway, feeds, journal, topics, sessions, clock, Covers)).ConfigureAwait(false);

        bool Covers(string account) => access.Mode == "open" || (verdict.Identity?.Covers(account) ?? false);
    }

    /// <summary>Makes the waiting attempts now, or moves the account to a new socket.</summary>
    public async Task ReconnectAsync(HttpContext context, string address)
    {
        if (await CheckAsync(context, address).ConfigureAwait(false) is not { } followed)
        {
            return;
        }

        if (reconnects.Wait(address) is { } wait)
        {
            await RequestGuard.WriteAsync(context.Response, new Refusal(429, "too-soon", "Once in ten seconds."), wait).ConfigureAwait(false);
            return;
        }

        feeds.Pool.ReconnectNow(followed[0].Address.Upstream);
        await WriteAsync(context.Response, 202, writer => writer.WriteString("status", "accepted")).ConfigureAwait(false);
    }

    // In the order 401, 400, 403, 404 (contract 3).
    private async ValueTask<IReadOnlyList<Topic>?> CheckAsync(HttpContext context, string address)
    {
        var (identity, refusal) = await IdentifyAsync(context).ConfigureAwait(false);
        IReadOnlyList<Topic> followed = [];
        if (refusal is null && !DydxAddress.IsValid(address))
        {
            refusal = new Refusal(400, "bad-address", "The path names no dydx1… address with a right checksum.");
        }
        else if (refusal is null && access.Mode != "open" && !(identity?.Covers(address) ?? false))
        {
            refusal = new Refusal(403, "address-not-covered", "The token does not cover this address.");
        }
        else if (refusal is null)
        {
            followed = topics.OfAccount(address);
            refusal = followed.Count == 0 ? new Refusal(404, "not-followed", "Nobody follows this address at the moment.") : null;
        }

        if (refusal is not null)
        {
            await RequestGuard.WriteAsync(context.Response, refusal).ConfigureAwait(false);
            return null;
        }

        return followed;
    }

    private async ValueTask<(TokenIdentity? Identity, Refusal? Refusal)> IdentifyAsync(HttpContext context)
    {
        if (access.Mode == "open")
        {
            return (null, null);
        }

        var verdict = await tokens.CheckAsync(RequestGuard.TokenOf(context.Request), context.RequestAborted).ConfigureAwait(false);
        return (verdict.Identity, RequestGuard.RefusalOf(verdict));
    }

    private void WriteAccount(Utf8JsonWriter writer, string address, IReadOnlyList<Topic> followed)
    {
        clock.Look();
        var upstreams = followed.Select(topic => topic.Output.Feed).Distinct().ToList();
        var status = upstreams.Select(feed => feed.Status).MinBy(one => one.Mode)!;
        var polling = status.Mode == FeedMode.Polling;
        var heartbeat = polling ? feeds.Rest.LastGoodAt : feeds.Pool.LastByteAt;
        writer.WriteBoolean("connected", upstreams.All(feed => feeds.Pool.CarrierOf(feed.Key) is not null));
        writer.WriteBoolean("is_healthy", upstreams.All(feed => feed.Status is { Complete: true, Mode: FeedMode.Streaming or FeedMode.Polling }));
        writer.WriteString("ws_url", feeds.Pool.CurrentUrl.OriginalString);
        writer.WriteString("user_address", address);
        writer.WriteStartArray("subscriptions");
        var channels = followed.Where(topic => topic.ReaderCount > 0 || topic.Output.Kind != OutputKind.Transfers).Select(topic => topic.Address.Channel);
        foreach (var channel in channels.Distinct(StringComparer.Ordinal))
        {
            writer.WriteStringValue(channel);
        }

        writer.WriteEndArray();
        writer.WriteNumber("handlers_registered", followed.Count);
        writer.WriteNumber("reconnect_count", upstreams.Sum(feed => feed.ReconnectCount));
        WriteTime(writer, clock, "last_heartbeat", heartbeat);
        writer.WriteString("mode", StatusBody.NameOf(status.Mode));
        WriteTime(writer, clock, "mode_since", status.Since);
        writer.WriteNumber("clients", sessions.CountOf(address));
        WriteTime(writer, clock, "last_event_at", upstreams.Max(feed => feed.LastChangeAt));
        writer.WriteNumber("poll_count", upstreams.Sum(feed => feed.PollCount));
        writer.WriteNumber("gaps_repaired", upstreams.Sum(feed => feed.GapsRepaired));
        writer.WriteNumber("events_backfilled", upstreams.Sum(feed => feed.EventsBackfilled));
        GatewayStatus.WriteNumber(writer, "upstream_latency_ms", feeds.Rest.Latency?.TotalMilliseconds);
        GatewayStatus.WriteNumber(writer, "lag_ms", feeds.Chain.LagMs);
    }

    /// <summary>Writes a time in milliseconds, or null.</summary>
    internal static void WriteTime(Utf8JsonWriter writer, SteadyTime clock, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            writer.WriteString(name, clock.ByWall(value).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static async Task WriteAsync(HttpResponse response, int status, Action<Utf8JsonWriter> members)
    {
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        await using var writer = new Utf8JsonWriter(response.BodyWriter, Relaxed);
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    }
}
