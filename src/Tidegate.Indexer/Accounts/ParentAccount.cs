using System.Buffers;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Accounts;

/// <summary>A parent subaccount: the totals over its children n, n+128, … (protocol.md 5).</summary>
public static class ParentAccount
{
    /// <summary>Children of parent n have the numbers n + 128k.</summary>
    public const int Parents = 128;

    /// <summary>The parent of a subaccount.</summary>
    public static int ParentOf(int subaccountNumber) => subaccountNumber % Parents;

    /// <summary>Writes the parent's whole value, the object itself: address, parentSubaccountNumber, totals (equity, freeCollateral, marginUsed, initialMargin, maintenanceMargin, marginUsage, leverage, unrealizedPnl), <c>childSubaccounts</c> as an array of whole accounts.</summary>
    public static void Write(IBufferWriter<byte> to, string address, int number, IReadOnlyCollection<AccountState> children, MarketTable markets)
    {
        WriteName(to, address, number);
        TotalsOf(children, markets).Write(to);
        to.Write(",\"childSubaccounts\":["u8);
        var first = true;
        foreach (var child in children.OrderBy(c => c.SubaccountNumber))
        {
            ValueText.Comma(first, to);
            first = false;
            child.Write(to, markets);
        }

        to.Write("]"u8);
        var height = children.Select(child => child.SeenHeight).DefaultIfEmpty().Max();
        if (height > 0)
        {
            to.Write(",\"blockHeight\":\""u8);
            ValueText.Whole(height, to);
            to.Write("\""u8);
        }

        to.Write("}"u8);
    }

    /// <summary>As <see cref="Write"/>, in the Indexer's own shape; children that never were are left out.</summary>
    internal static void WriteRest(IBufferWriter<byte> to, string address, int number, IEnumerable<AccountState> children, MarketTable markets)
    {
        WriteName(to, address, number);
        TotalsOf(children, markets).WriteRest(to);
        to.Write(",\"childSubaccounts\":["u8);
        var first = true;
        foreach (var child in children.Where(child => child.Exists).OrderBy(child => child.SubaccountNumber))
        {
            ValueText.Comma(first, to);
            first = false;
            child.WriteRest(to, markets);
        }

        to.Write("]}"u8);
    }

    private static void WriteName(IBufferWriter<byte> to, string address, int number)
    {
        to.Write("{\"address\":"u8);
        to.Write(JsonRow.Quote(address));
        to.Write(",\"parentSubaccountNumber\":"u8);
        ValueText.Whole(number, to);
    }

    private static AccountTotals TotalsOf(IEnumerable<AccountState> children, MarketTable markets)
    {
        var totals = new AccountTotals();
        foreach (var child in children)
        {
            totals.Add(child.Compute(markets));
        }

        return totals;
    }
}
