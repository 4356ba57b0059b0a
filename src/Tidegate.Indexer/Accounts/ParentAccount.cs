using System.Buffers;
using Tidegate.Indexer.Markets;

namespace Tidegate.Indexer.Accounts;

/// <summary>A parent subaccount: the totals over its children n, n+128, … (protocol.md 5).</summary>
public static class ParentAccount
{
    /// <summary>Writes the parent's whole value, the object itself: address, parentSubaccountNumber, totals (equity, freeCollateral, marginUsed, initialMargin, maintenanceMargin, marginUsage, leverage, unrealizedPnl), <c>childSubaccounts</c> as an array of whole accounts.</summary>
    public static void Write(IBufferWriter<byte> to, string address, int number, IReadOnlyCollection<AccountState> children, MarketTable markets) => throw new NotImplementedException();
}
