using System.Buffers;
using System.Text.Json;
using Tidegate.Indexer.Markets;

namespace Tidegate.Indexer.Accounts;

/// <summary>One subaccount's positions and assets, and what follows from them and the oracle prices (protocol.md 5).</summary>
/// <remarks>Serialised by its owner. Knows no clock and no socket.</remarks>
public sealed class AccountState(string address, int subaccountNumber)
{
    /// <summary>The account's address.</summary>
    public string Address { get; } = address;

    /// <summary>The subaccount's number.</summary>
    public int SubaccountNumber { get; } = subaccountNumber;

    /// <summary>The height that the last whole answer had processed; frames at or below it change no position.</summary>
    public long ProcessedHeight => throw new NotImplementedException();

    /// <summary>Whether a position is open: then oracle prices move the value.</summary>
    public bool HasPositions => throw new NotImplementedException();

    /// <summary>Takes a whole subaccount, of a snapshot or REST (<c>openPerpetualPositions, assetPositions, latestProcessedBlockHeight…</c>). Never backwards: false for an older height or a shape that does not fit, and nothing has changed then. A default <see cref="JsonElement"/> or an empty object is the account that never was.</summary>
    public bool ApplyWhole(JsonElement subaccount) => throw new NotImplementedException();

    /// <summary>Takes the <c>perpetualPositions</c> and <c>assetPositions</c> of a frame (either may be absent: default). False when nothing applied.</summary>
    public bool ApplyFrame(JsonElement perpetualPositions, JsonElement assetPositions, long blockHeight) => throw new NotImplementedException();

    /// <summary>Writes the account's whole current value, the object itself (contract 2, account_update); equity and margins computed with these markets. A position without an oracle price counts at its last known unrealised value of the snapshot, or zero.</summary>
    public void Write(IBufferWriter<byte> to, MarketTable markets) => throw new NotImplementedException();
}
