using System.Buffers;
using System.Text.Json;

namespace Tidegate.Indexer.Accounts;

/// <summary>The orders of one subaccount, each merged whole from partial frames by the rules of protocol.md 2, "Order life".</summary>
/// <remarks>Serialised by its owner. Keeps every order that can still change and the 100 last ended.</remarks>
public sealed class OrderTable
{
    /// <summary>
    /// Merges one order of a frame or a REST row. When the merged order differs from before, its whole row is written and true returned. False
    /// for a row without id, one that says nothing new, and one that the rules refuse (a terminal order is not revived by an older frame).
    /// </summary>
    public bool Apply(JsonElement order, int subaccountNumber, IBufferWriter<byte> row) => throw new NotImplementedException();

    /// <summary>Ids of orders that can still change.</summary>
    public IEnumerable<string> Live() => throw new NotImplementedException();

    /// <summary>Whether the order is known and misses price or size, which a first frame may lack.</summary>
    public bool IsPartial(string id) => throw new NotImplementedException();

    /// <summary>Ids and statuses of short-term orders whose time is over by this height (goodTilBlock + 3).</summary>
    public IReadOnlyList<(string Id, string Status)> Expired(long height) => throw new NotImplementedException();

    /// <summary>Ends an order by the keeper's own conclusion: CANCELED, or FILLED when wholly filled; gives way to any later row with more filled. As <see cref="Apply"/>.</summary>
    public bool Conclude(string id, IBufferWriter<byte> row) => throw new NotImplementedException();

    /// <summary>Writes <c>{"orders":[…]}</c>, oldest first.</summary>
    public void WriteState(IBufferWriter<byte> to) => throw new NotImplementedException();
}
