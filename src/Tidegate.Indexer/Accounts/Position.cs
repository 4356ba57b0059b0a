using System.Buffers;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Accounts;

/// <summary>One open position: the Indexer's fields as they came, and the numbers that the maths need.</summary>
internal sealed class Position
{
    // These are computed here; the rest goes out as it came.
    private static readonly string[] Computed = ["notional", "unrealizedPnl", "maintenanceMargin", "liquidationPrice"];
    private static readonly string[] NotOfRest = [.. Computed, .. AccountState.OfFramesAlone];

    private readonly ArrayBufferWriter<byte> fields = new(512);

    private Position(string ticker, JsonRow row, bool fromRest, decimal size, decimal? entryPrice, decimal? toldPnl)
    {
        (Ticker, Row, FromRest, Size, EntryPrice, ToldPnl) = (ticker, row, fromRest, size, entryPrice, toldPnl);
        Key = JsonRow.KeyOf(ticker);
        row.WriteFields(fields, Computed);
    }

    public string Ticker { get; }

    /// <summary>The ticker as it stands before the position.</summary>
    public byte[] Key { get; }

    public JsonRow Row { get; }

    /// <summary>Whether realizedPnl and netFunding are those of REST; frames mean other sums by these names (protocol.md 2).</summary>
    public bool FromRest { get; }

    /// <summary>Signed: negative when short.</summary>
    public decimal Size { get; }

    public decimal? EntryPrice { get; }

    /// <summary>The unrealised value that the Indexer told last.</summary>
    public decimal? ToldPnl { get; }

    /// <summary>The fields to be passed on, without brackets.</summary>
    public ReadOnlySpan<byte> Fields => fields.WrittenSpan;

    /// <summary>The fields that REST has too, without brackets.</summary>
    public void WriteRestFields(IBufferWriter<byte> to) => Row.WriteFields(to, NotOfRest);

    /// <summary>Whether the row says that the position is closed.</summary>
    public static bool IsClosed(JsonRow row) => row.Text("status") is { } status && status != "OPEN";

    /// <summary>Makes a position of a row; false when a number of it cannot be read.</summary>
    public static bool TryMake(string ticker, JsonRow row, bool fromRest, out Position? position)
    {
        position = null;
        if (!row.TryNumber("size", out var size) || !row.TryNumber("entryPrice", out var entry) || !row.TryNumber("unrealizedPnl", out var pnl))
        {
            return false;
        }

        // The side says the sign; old frames had short sizes without one (cases.md 41).
        var signed = row.Text("side") switch
        {
            "LONG" => Math.Abs(size ?? 0m),
            "SHORT" => -Math.Abs(size ?? 0m),
            _ => size ?? 0m,
        };
        position = new Position(ticker, row, fromRest, signed, entry, pnl);
        return true;
    }

    /// <summary>Size × oracle price; without an oracle price what follows from the last told unrealised value; null without either.</summary>
    public decimal? Notional(MarketTerms? terms) => terms?.OraclePrice is { } oracle ? Size * oracle : ToldPnl is { } pnl && EntryPrice is { } entry ? (Size * entry) + pnl : null;

    /// <summary>Size × (oracle price − entry price).</summary>
    public decimal? UnrealizedPnl(MarketTerms? terms) => terms?.OraclePrice is { } oracle && EntryPrice is { } entry ? Size * (oracle - entry) : ToldPnl;
}
