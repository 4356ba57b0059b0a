using System.Text.Json;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Accounts;

/// <summary>One subaccount's positions and assets, and what follows from them and the oracle prices (protocol.md 5).</summary>
/// <remarks>Serialised by its owner. Knows no clock and no socket.</remarks>
public sealed partial class AccountState(string address, int subaccountNumber)
{
    // What the maths give, or what stands elsewhere in the value: not passed on from upstream.
    private static readonly string[] OwnFields =
    [
        "address", "subaccountNumber", "equity", "freeCollateral", "marginUsed", "initialMargin", "maintenanceMargin", "marginUsage", "leverage",
        "unrealizedPnl", "openPerpetualPositions", "assetPositions", "blockHeight",
    ];

    private Dictionary<string, Position> positions = new(StringComparer.Ordinal);
    private Dictionary<string, JsonRow> assets = new(StringComparer.Ordinal);
    private JsonRow extra = new();
    private decimal quote;
    private long frameHeight;
    private long seenHeight;

    /// <summary>The account's address.</summary>
    public string Address { get; } = address;

    /// <summary>The subaccount's number.</summary>
    public int SubaccountNumber { get; } = subaccountNumber;

    /// <summary>The height that the last whole answer had processed; frames at or below it change no position.</summary>
    public long ProcessedHeight { get; private set; }

    /// <summary>The height that positions and assets are of: the last whole answer's or a later frame's.</summary>
    public long AppliedHeight => Math.Max(ProcessedHeight, frameHeight);

    /// <summary>Whether a position is open: then oracle prices move the value.</summary>
    public bool HasPositions => positions.Count > 0;

    /// <summary>Whether anything was ever known of the account; one that was cannot become one that never was.</summary>
    public bool Exists { get; private set; }

    /// <summary>The tickers of open positions.</summary>
    public IReadOnlyCollection<string> OpenTickers => positions.Keys;

    /// <summary>Takes a whole subaccount, of a snapshot or REST (<c>openPerpetualPositions, assetPositions, latestProcessedBlockHeight…</c>). Never backwards: false for an older height or a shape that does not fit, and nothing has changed then. A default <see cref="JsonElement"/> or an empty object is the account that never was.</summary>
    public bool ApplyWhole(JsonElement subaccount)
    {
        if (subaccount.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return !Exists;
        }

        if (JsonRow.From(subaccount) is not { } row)
        {
            return false;
        }

        if (row.Fields.Count == 0)
        {
            return !Exists;
        }

        // Equal heights pass: within one block REST may have learned more.
        var height = row.Whole("latestProcessedBlockHeight");
        if (height < AppliedHeight)
        {
            return false;
        }

        if (RowWriter.HasBrokenEscapes(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(subaccount)) || !TryPositions(subaccount, out var nextPositions) || !TryAssets(subaccount, out var nextAssets) || !TryQuote(nextAssets, out var nextQuote))
        {
            return false;
        }

        (positions, assets, quote) = (nextPositions, nextAssets, nextQuote);
        Array.ForEach(OwnFields, name => row.Remove(name));
        extra = row;
        Exists = true;
        ProcessedHeight = height ?? ProcessedHeight;
        SeeHeight(ProcessedHeight);
        return true;
    }

    /// <summary>Takes the <c>perpetualPositions</c> and <c>assetPositions</c> of a frame (either may be absent: default). False when nothing applied.</summary>
    /// <remarks>Frames are absolute and in event order: one below the last applied height is a repeated one.</remarks>
    public bool ApplyFrame(JsonElement perpetualPositions, JsonElement assetPositions, long blockHeight)
    {
        SeeHeight(blockHeight);
        if (blockHeight > 0 && (blockHeight <= ProcessedHeight || blockHeight < frameHeight))
        {
            return false;
        }

        var nextPositions = new Dictionary<string, Position>(positions, StringComparer.Ordinal);
        var nextAssets = new Dictionary<string, JsonRow>(assets, StringComparer.Ordinal);
        var applied = false;
        if (!MergePositions(perpetualPositions, nextPositions, ref applied)
            || !MergeAssets(assetPositions, nextAssets, ref applied)
            || !applied
            || !TryQuote(nextAssets, out var nextQuote))
        {
            return false;
        }

        (positions, assets, quote) = (nextPositions, nextAssets, nextQuote);
        Exists = true;
        frameHeight = Math.Max(frameHeight, blockHeight);
        return true;
    }

    /// <summary>Notes a block height told beside the account, such as the snapshot's or a frame's; the highest is shown.</summary>
    public void SeeHeight(long blockHeight) => seenHeight = Math.Max(seenHeight, blockHeight);

    private static bool TryPositions(JsonElement subaccount, out Dictionary<string, Position> positions)
    {
        positions = new Dictionary<string, Position>(StringComparer.Ordinal);
        if (!subaccount.TryGetProperty("openPerpetualPositions", out var open) || open.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (open.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var property in open.EnumerateObject())
        {
            if (JsonRow.From(property.Value) is not { } row || !Position.TryMake(property.Name, row, fromRest: true, out var position))
            {
                return false;
            }

            if (!Position.IsClosed(row) && position!.Size != 0m)
            {
                positions[property.Name] = position;
            }
        }

        return true;
    }

    private static bool TryAssets(JsonElement subaccount, out Dictionary<string, JsonRow> assets)
    {
        assets = new Dictionary<string, JsonRow>(StringComparer.Ordinal);
        if (!subaccount.TryGetProperty("assetPositions", out var told) || told.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        if (told.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var property in told.EnumerateObject())
        {
            if (JsonRow.From(property.Value) is not { } row || !row.TryNumber("size", out var size))
            {
                return false;
            }

            if (size is { } some && some != 0m)
            {
                assets[property.Name] = row;
            }
        }

        return true;
    }

    private static bool MergePositions(JsonElement told, Dictionary<string, Position> into, ref bool applied)
    {
        if (told.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return true;
        }

        if (told.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        // In the array's order: a side flip sends the old position CLOSED, then the new one OPEN (protocol.md 2).
        foreach (var element in told.EnumerateArray())
        {
            if (JsonRow.From(element) is not { } row || row.Text("market") is not { Length: > 0 } ticker)
            {
                return false;
            }

            into.TryGetValue(ticker, out var held);
            var merged = Merge(held, row, out var fromRest);
            if (!Position.TryMake(ticker, merged, fromRest, out var position))
            {
                return false;
            }

            applied = true;
            if (!Position.IsClosed(row) && position!.Size != 0m)
            {
                into[ticker] = position;
            }
            else if (held is not null && IsSamePosition(held.Row, row))
            {
                into.Remove(ticker);
            }
        }

        return true;
    }

    private static JsonRow Merge(Position? held, JsonRow told, out bool fromRest)
    {
        fromRest = false;
        if (held is null || !IsSamePosition(held.Row, told) || held.Row.Text("side") is { } side && told.Text("side") is { } toldSide && side != toldSide)
        {
            return told;
        }

        // REST and frames mean different sums by these two names: never mixed in one field.
        fromRest = held.FromRest;
        var next = held.Row.Clone();
        foreach (var field in told.Fields)
        {
            if (!(fromRest && field.Name is "realizedPnl" or "netFunding" && next.Has(field.Name)))
            {
                next.Set(field.Name, field.Value);
            }
        }

        return next;
    }

    // REST tells no positionId: then a position of the market is taken for the same one.
    private static bool IsSamePosition(JsonRow held, JsonRow told) =>
        held.Text("positionId") is not { } id || told.Text("positionId") is not { } other || id == other;

    private static bool MergeAssets(JsonElement told, Dictionary<string, JsonRow> into, ref bool applied)
    {
        if (told.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return true;
        }

        if (told.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var element in told.EnumerateArray())
        {
            // Old deployments called the symbol denom.
            if (JsonRow.From(element) is not { } row || (row.Text("symbol") ?? row.Text("denom")) is not { Length: > 0 } symbol || !row.TryNumber("size", out var size))
            {
                return false;
            }

            applied = true;
            if (size is null || size == 0m)
            {
                into.Remove(symbol);
                continue;
            }

            var next = into.TryGetValue(symbol, out var held) ? held.Clone() : new JsonRow();
            foreach (var field in row.Fields)
            {
                next.Set(field.Name, field.Value);
            }

            into[symbol] = next;
        }

        return true;
    }

    // Only USDC counts for equity (protocol.md 2).
    private static bool TryQuote(Dictionary<string, JsonRow> assets, out decimal quote)
    {
        quote = 0m;
        if (!assets.TryGetValue("USDC", out var row))
        {
            return true;
        }

        var fits = row.TryNumber("size", out var size);
        quote = row.Text("side") == "SHORT" ? -Math.Abs(size ?? 0m) : row.Text("side") == "LONG" ? Math.Abs(size ?? 0m) : size ?? 0m;
        return fits;
    }
}
