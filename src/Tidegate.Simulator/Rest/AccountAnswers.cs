using System.Text.Json;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Shapes;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Rest;

/// <summary>Answers about accounts.</summary>
internal static class AccountAnswers
{
    public static Subaccount? One(LedgerView view, string address, int number) => view.Accounts.FirstOrDefault(a => a.Born && a.Number == number && a.Address == address);

    public static List<Subaccount> Children(LedgerView view, string address, int parent) =>
        [.. view.Accounts.Where(a => a.Born && a.Address == address && a.Number % Subaccount.Parents == parent).OrderBy(a => a.Number)];

    public static void Address(Utf8JsonWriter json, LedgerView view, string address)
    {
        var all = view.Accounts.Where(a => a.Born && a.Address == address).ToList();
        if (all.Count == 0) throw new RestRefusal(404, $"No subaccounts found for address {address}");
        json.WriteStartObject();
        json.WriteStartArray("subaccounts");
        foreach (var account in all) json.Account(account, view.Height);
        json.WriteEndArray();
        json.WriteString("totalTradingRewards", "0.000000000000000000");
        json.WriteEndObject();
    }

    public static void Account(Utf8JsonWriter json, LedgerView view, string address, int number)
    {
        json.WriteStartObject();
        json.WritePropertyName("subaccount");
        json.Account(Known(view, address, number), view.Height);
        json.WriteEndObject();
    }

    public static void Parent(Utf8JsonWriter json, LedgerView view, string address, int parent)
    {
        var children = Children(view, address, parent);
        if (children.Count == 0) throw new RestRefusal(404, $"No subaccounts found with address {address} and parentSubaccountNumber {parent}");
        json.WriteStartObject();
        json.WritePropertyName("subaccount");
        json.Parent(address, parent, children, view.Height);
        json.WriteEndObject();
    }

    public static Subaccount Known(LedgerView view, string address, int number) =>
        One(view, address, number) ?? throw new RestRefusal(404, $"No subaccount found with address {address} and subaccountNumber {number}");

    public static void Fills(Utf8JsonWriter json, LedgerView view, IEnumerable<Subaccount> accounts, Paging paging, Query query, bool parent)
    {
        var market = parent ? null : query.Text("market");
        var (include, exclude) = (query.Texts("includeTypes"), query.Texts("excludeTypes"));
        var all = accounts.SelectMany(a => a.Fills).Where(f => f.Height <= view.Height && paging.Covers(f.CreatedAt, f.Height)
            && (market is null || f.Market.Ticker == market)
            && include?.Contains(f.Type) != false
            && exclude?.Contains(f.Type) != true).ToList();
        Lists.Events(json, "fills", all, paging, f => f.EventId, f => f.Height, json.Fill);
    }

    /// <summary>Transfers, newest first; the parent's leave out those between its own children.</summary>
    public static void Transfers(Utf8JsonWriter json, LedgerView view, string address, List<Subaccount> accounts, Paging paging, bool parent)
    {
        bool Mine(int number) => accounts.Exists(a => a.Number == number);
        var all = accounts.SelectMany(a => a.Transfers).DistinctBy(t => t.Id)
            .Where(t => t.Height <= view.Height && paging.Covers(t.CreatedAt, t.Height))
            .Where(t => !parent || !(t.Sender == address && t.Recipient == address && t.SenderNumber is { } from && Mine(from) && t.RecipientNumber is { } to && Mine(to)))
            .OrderByDescending(t => t.Height).ToList();
        Lists.Newest(json, "transfers", all, paging, t => json.Transfer(t, t.TypeFor(address, Mine), id: true));
    }

    public static void Positions(Utf8JsonWriter json, Subaccount? account, Paging paging, List<string>? status)
    {
        json.WriteStartObject();
        json.WriteStartArray("positions");
        foreach (var position in (account?.Positions ?? []).AsEnumerable().Reverse()
            .Where(p => paging.Covers(p.CreatedAt, p.CreatedAtHeight) && status?.Contains(p.Open ? "OPEN" : "CLOSED") != false).Take(paging.Limit))
        {
            json.Position(account!, position);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Assets(Utf8JsonWriter json, Subaccount account)
    {
        json.WriteStartObject();
        json.WriteStartArray("positions");
        if (account.ShownUsdc != 0) json.Usdc(account);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void Pnl(Utf8JsonWriter json, string name, List<Subaccount> accounts, Paging paging, Query query)
    {
        var (after, afterHeight) = (query.Time("createdOnOrAfter"), query.Height("createdOnOrAfterHeight"));
        var all = accounts.SelectMany(a => a.Pnl).Where(p => paging.Covers(p.At, p.Height) && (after is null || p.At >= after) && (afterHeight is null || p.Height >= afterHeight))
            .OrderByDescending(p => p.At).ToList();
        Lists.Newest(json, name, all, paging, tick =>
        {
            json.WriteStartObject();
            json.Amount("equity", tick.Equity);
            json.Amount("totalPnl", tick.TotalPnl);
            json.Amount("netTransfers", tick.NetTransfers);
            json.Time("createdAt", tick.At);
            json.Number("blockHeight", tick.Height);
            json.Time("blockTime", tick.At);
            json.WriteEndObject();
        });
    }

    public static void FundingPayments(Utf8JsonWriter json, IEnumerable<Subaccount> accounts, Paging paging, Query query)
    {
        var (after, ticker, zero) = (query.Time("createdOnOrAfter"), query.Text("ticker"), query.Text("showZeroPayments") == "true");
        var all = accounts.SelectMany(a => a.Fundings).Where(p => (after is null || p.At >= after) && (ticker is null || p.Market.Ticker == ticker) && (zero || p.Payment != 0))
            .OrderByDescending(p => p.At).ToList();
        Lists.Newest(json, "fundingPayments", all, paging, payment =>
        {
            json.WriteStartObject();
            json.Time("createdAt", payment.At);
            json.Number("createdAtHeight", payment.Height);
            json.WriteString("perpetualId", payment.Market.ClobPair);
            json.WriteString("ticker", payment.Market.Ticker);
            json.Amount("oraclePrice", payment.Price);
            json.Amount("size", Math.Abs(payment.Size));
            json.WriteString("side", payment.Size < 0 ? "SHORT" : "LONG");
            json.Amount("rate", payment.Rate);
            json.Amount("payment", payment.Payment);
            json.WriteNumber("subaccountNumber", payment.SubaccountNumber);
            json.WriteString("fundingIndex", "0");
            json.WriteEndObject();
        });
    }
}
