using Tidegate.Access;
using Tidegate.Configuration;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Journal;
using Tidegate.Operations;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary><c>/ws/status</c>, <c>/ws/status/{address}</c> and <c>POST /ws/reconnect/{address}</c> (contract 3).</summary>
internal sealed class StatusEndpoint(GatewayIdentity gateway, AccessSettings access, TokenGate tokens, TopicHub topics, SessionHub sessions, IndexerFeeds feeds, EventJournal journal, SteadyTime clock, ReconnectGate reconnects)
{
    /// <summary>How one account is followed.</summary>
    public async Task AccountAsync(HttpContext context, string address)
    {
        if (await CheckAsync(context, address).ConfigureAwait(false) is { } followed)
        {
            await JsonAnswer.WriteAsync(context, 200, AccountStatus.Of(address, followed, feeds, sessions, clock), StatusJson.Default.AccountStatus).ConfigureAwait(false);
        }
    }

    /// <summary>The whole gateway.</summary>
    public async Task GatewayAsync(HttpContext context)
    {
        var verdict = await IdentifyAsync(context).ConfigureAwait(false);
        if (verdict.Refusal is { } refusal)
        {
            await RequestGuard.WriteAsync(context.Response, refusal).ConfigureAwait(false);
            return;
        }

        await JsonAnswer.WriteAsync(context, 200, GatewayStatus.Of(gateway, feeds, journal, topics, sessions, clock, Covers), StatusJson.Default.GatewayStatus).ConfigureAwait(false);

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
        await JsonAnswer.WriteAsync(context, 202, new ReconnectAccepted("accepted"), StatusJson.Default.ReconnectAccepted).ConfigureAwait(false);
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
}

/// <summary>That it is being done.</summary>
/// <param name="Status">Always <c>accepted</c>.</param>
internal sealed record ReconnectAccepted(string Status);
