using System.Text.Json;

namespace Tidegate.Indexer.Trades;

/// <summary>Makes the rows of contract 2 from the Indexer's own.</summary>
public static class EventRows
{
    /// <summary>A trade of the public tape, as it is. Null when it has no usable id.</summary>
    public static EventRow? Trade(JsonElement trade) => throw new NotImplementedException();

    /// <summary>A fill of an account, from a frame or from REST (<c>market</c> becomes <c>ticker</c>), with <c>account:true</c> and <c>subaccountNumber</c>.</summary>
    public static EventRow? Fill(JsonElement fill, int subaccountNumber) => throw new NotImplementedException();

    /// <summary>A transfer, from a frame (no id) or from REST. Its <see cref="EventRow.Id"/> is REST's id or else the empty string.</summary>
    public static EventRow? Transfer(JsonElement transfer, int subaccountNumber) => throw new NotImplementedException();

    /// <summary>What tells one transfer from another where there is no id: transaction, parties, symbol, size and height (cases.md 27).</summary>
    public static string TransferIdentity(JsonElement transfer) => throw new NotImplementedException();

    /// <summary>Compares in chain order: by height, then by id where both ids are event ids (24 hex digits), else by time.</summary>
    public static int CompareChainOrder(EventRow left, EventRow right) => throw new NotImplementedException();
}
