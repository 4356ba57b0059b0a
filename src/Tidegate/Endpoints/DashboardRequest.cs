using Tidegate.Access;
using Tidegate.Configuration;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary>What a request to the dashboard socket asks for, after the checks of contract 2 in their order.</summary>
internal sealed record DashboardRequest(SessionIdentity Identity, IReadOnlyList<TopicAddress> Subscribe)
{
    /// <summary>Checks token, then address, subaccount and view, then whether the token covers the address.</summary>
    public static async ValueTask<(DashboardRequest? Request, Refusal? Refusal)> ReadAsync(HttpRequest request, AccessSettings access, TokenGate tokens, CancellationToken cancellationToken)
    {
        var open = access.Mode == "open";
        TokenIdentity? token = null;
        if (!open)
        {
            var given = RequestGuard.TokenOf(request);
            var verdict = await tokens.CheckAsync(given, cancellationToken).ConfigureAwait(false);
            var marketOnly = string.IsNullOrEmpty(given) && access.PublicMarketData;
            if (verdict.Identity is null && !marketOnly)
            {
                return (null, RequestGuard.RefusalOf(verdict));
            }

            token = verdict.Identity;
        }

        return Choose(request.Query, token, open);
    }

    private static (DashboardRequest? Request, Refusal? Refusal) Choose(IQueryCollection query, TokenIdentity? token, bool open)
    {
        string? address = query["address"];
        if (address is { Length: 0 })
        {
            address = null;
        }

        if (address is not null && !DydxAddress.IsValid(address))
        {
            return (null, new Refusal(400, "bad-address", "address is not a dydx1… address with a right checksum."));
        }

        string view = query["view"].Count == 0 ? "" : query["view"].ToString();
        if (view is not ("" or "parent"))
        {
            return (null, new Refusal(400, "bad-view", "view is parent, or left out."));
        }

        var number = 0;
        var limit = view == "parent" ? TopicAddress.ParentLimit : TopicAddress.SubaccountLimit;
        if (query["subaccount"].Count > 0 && !TopicAddress.TryNumber(query["subaccount"].ToString(), limit, out number))
        {
            return (null, new Refusal(400, "bad-subaccount", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"subaccount is a whole number from 0 to {limit - 1}.")));
        }

        if (address is not null && !open && !(token?.Covers(address) ?? false))
        {
            return (null, new Refusal(403, "address-not-covered", "The token does not cover this address."));
        }

        address ??= token?.Addresses.FirstOrDefault();
        var identity = new SessionIdentity(token, open, address);
        var subscribe = address is null || query["subscribe"] == "none" ? [] : Defaults(address, number, view == "parent");
        return (new DashboardRequest(identity, subscribe), null);
    }

    // One frame of the Indexer gives account, order and trade updates in this order (contract 2).
    private static List<TopicAddress> Defaults(string address, int number, bool parent)
    {
        var own = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{address}/{number}");
        var events = parent ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{address}/parent/{number}") : own;
        (string Channel, string Id)[] topics = [(parent ? "v4_parent_subaccounts" : "v4_subaccounts", own), ("v4_orders", events), ("v4_trades", events)];
        return [.. topics.Select(topic => TopicAddress.Parse(topic.Channel, topic.Id, out _, out _)).OfType<TopicAddress>()];
    }
}
