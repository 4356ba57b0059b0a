using System.Buffers;
using System.Globalization;
using System.Text;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Accounts;

// The account in the Indexer's own shape: as a snapshot, and as the update that leads from one state to another.
public sealed partial class AccountState
{
    // What tells two states of a position apart. Sums that REST and frames mean differently, and what follows from a price, do not.
    private static readonly string[] PositionNumbers = ["size", "entryPrice", "exitPrice", "sumOpen", "sumClose"];

    /// <summary>Names that rows of frames have and those of REST and snapshots do not (protocol.md 2).</summary>
    internal static readonly string[] OfFramesAlone = ["address", "positionId"];

    /// <summary>Positions and assets at some moment. Immutable.</summary>
    internal readonly record struct Holdings(IReadOnlyDictionary<string, Position> Positions, IReadOnlyDictionary<string, JsonRow> Assets);

    /// <summary>Whether every position has REST's own sums.</summary>
    internal bool IsOfRest => positions.Values.All(position => position.FromRest);

    /// <summary>What is held now.</summary>
    internal Holdings Held => new(positions, assets);

    /// <summary>Writes the subaccount as REST has it, the object itself.</summary>
    internal void WriteRest(IBufferWriter<byte> to, MarketTable markets)
    {
        to.Write("{\"address\":"u8);
        to.Write(JsonRow.Quote(Address));
        to.Write(",\"subaccountNumber\":"u8);
        ValueText.Whole(SubaccountNumber, to);
        Compute(markets).WriteRest(to);
        to.Write(",\"openPerpetualPositions\":{"u8);
        var first = true;
        foreach (var position in positions.Values)
        {
            ValueText.Comma(first, to);
            first = false;
            to.Write(position.Key);
            to.Write("{"u8);
            position.WriteRestFields(to);
            markets.TryGet(position.Ticker, out var terms);
            ValueText.Field(",\"unrealizedPnl\":"u8, UnrealizedOf(position, terms), to);
            to.Write("}"u8);
        }

        to.Write("}"u8);
        WriteAssets(to, OfFramesAlone);
        var rest = extra.Clone();
        rest.Set("latestProcessedBlockHeight", JsonRow.Quote(AppliedHeight.ToString(CultureInfo.InvariantCulture)));
        to.Write(","u8);
        rest.WriteFields(to);
        to.Write("}"u8);
    }

    private static decimal? UnrealizedOf(Position position, MarketTerms? terms)
    {
        try
        {
            return position.UnrealizedPnl(terms);
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>Positions that differ from before, as an update tells them: those that are gone first.</summary>
    internal IEnumerable<JsonRow> ChangedPositions(Holdings before)
    {
        foreach (var (ticker, position) in before.Positions)
        {
            if (!positions.ContainsKey(ticker))
            {
                var closed = Own(position.Row);
                closed.Set("status", "\"CLOSED\""u8.ToArray());
                closed.Set("size", "\"0\""u8.ToArray());
                yield return closed;
            }
        }

        foreach (var (ticker, position) in positions)
        {
            before.Positions.TryGetValue(ticker, out var known);
            if (known is not null && IsSame(known, position))
            {
                continue;
            }

            var row = Own(position.Row);
            row.Set("market", JsonRow.Quote(ticker));
            if (position.FromRest)
            {
                row.Remove("realizedPnl");
                row.Remove("netFunding");
            }

            // REST tells no positionId.
            if (known is not null && known.Size * position.Size > 0 && !row.Has("positionId") && known.Row.Raw("positionId") is { IsEmpty: false } id)
            {
                row.Set("positionId", id.ToArray());
            }

            yield return row;
        }
    }

    /// <summary>As <see cref="ChangedPositions"/>, of assets.</summary>
    internal IEnumerable<JsonRow> ChangedAssets(Holdings before)
    {
        foreach (var (symbol, row) in before.Assets)
        {
            if (!assets.ContainsKey(symbol))
            {
                var gone = Own(row);
                gone.Set("size", "\"0\""u8.ToArray());
                yield return gone;
            }
        }

        foreach (var (symbol, row) in assets)
        {
            if (!before.Assets.TryGetValue(symbol, out var known) || known.Text("side") != row.Text("side") || !IsSameNumber(known, row, "size"))
            {
                var own = Own(row);
                own.Set("symbol", JsonRow.Quote(symbol));
                yield return own;
            }
        }
    }

    private static bool IsSame(Position left, Position right) =>
        left.Size == right.Size && Array.TrueForAll(PositionNumbers, name => IsSameNumber(left.Row, right.Row, name));

    private static bool IsSameNumber(JsonRow left, JsonRow right, string name)
    {
        left.TryNumber(name, out var one);
        right.TryNumber(name, out var other);
        return one == other || (name == "exitPrice" && (one is null || other is null)); // absent and null are one
    }

    // Rows of an update say whose they are.
    private JsonRow Own(JsonRow row)
    {
        var own = row.Clone();
        own.Set("address", JsonRow.Quote(Address));
        own.Set("subaccountNumber", Encoding.ASCII.GetBytes(SubaccountNumber.ToString(CultureInfo.InvariantCulture)));
        return own;
    }
}
