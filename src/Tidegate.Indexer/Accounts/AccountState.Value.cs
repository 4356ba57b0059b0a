using System.Buffers;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Accounts;

// What follows from positions, assets and oracle prices (protocol.md 5), and how it is written.
public sealed partial class AccountState
{
    /// <summary>Writes the account's whole current value, the object itself (contract 2, account_update); equity and margins computed with these markets. A position without an oracle price counts at its last known unrealised value of the snapshot, or zero.</summary>
    public void Write(IBufferWriter<byte> to, MarketTable markets)
    {
        to.Write("{\"address\":"u8);
        to.Write(JsonRow.Quote(Address));
        to.Write(",\"subaccountNumber\":"u8);
        ValueText.Whole(SubaccountNumber, to);
        var totals = Compute(markets);
        totals.Write(to);
        to.Write(",\"openPerpetualPositions\":{"u8);
        var first = true;
        foreach (var position in positions.Values)
        {
            WritePosition(position, markets, totals, first, to);
            first = false;
        }

        to.Write("}"u8);
        WriteAssets(to);
        if (extra.Fields.Count > 0)
        {
            to.Write(","u8);
            extra.WriteFields(to);
        }

        if (seenHeight > 0)
        {
            to.Write(",\"blockHeight\":\""u8);
            ValueText.Whole(seenHeight, to);
            to.Write("\""u8);
        }

        to.Write("}"u8);
    }

    /// <summary>The highest block height told with the account, 0 before the first.</summary>
    internal long SeenHeight => seenHeight;

    /// <summary>The account's sums with these markets; not known where a number grows beyond what a decimal holds.</summary>
    internal AccountTotals Compute(MarketTable markets)
    {
        try
        {
            var totals = new AccountTotals { Equity = quote };
            foreach (var position in positions.Values)
            {
                markets.TryGet(position.Ticker, out var terms);
                var notional = position.Notional(terms) ?? 0m;
                var size = Math.Abs(notional);
                totals.Equity += notional;
                totals.Notional += size;
                totals.InitialMargin += size * (terms?.InitialMarginFraction ?? 0m);
                totals.MaintenanceMargin += size * (terms?.MaintenanceMarginFraction ?? 0m);
                totals.UnrealizedPnl += position.UnrealizedPnl(terms) ?? 0m;
            }

            return totals;
        }
        catch (OverflowException)
        {
            return AccountTotals.Unknown;
        }
    }

    private void WriteAssets(IBufferWriter<byte> to, params ReadOnlySpan<string> without)
    {
        to.Write(",\"assetPositions\":{"u8);
        var first = true;
        foreach (var (symbol, row) in assets)
        {
            ValueText.Comma(first, to);
            first = false;
            to.Write(JsonRow.KeyOf(symbol));
            to.Write("{"u8);
            row.WriteFields(to, without);
            to.Write("}"u8);
        }

        to.Write("}"u8);
    }

    private static void WritePosition(Position position, MarketTable markets, in AccountTotals totals, bool first, IBufferWriter<byte> to)
    {
        ValueText.Comma(first, to);
        to.Write(position.Key);
        to.Write("{"u8);
        to.Write(position.Fields);
        markets.TryGet(position.Ticker, out var terms);
        decimal? notional = null, pnl = null, maintenance = null, liquidation = null;
        try
        {
            notional = position.Notional(terms);
            pnl = position.UnrealizedPnl(terms);
            maintenance = terms is null ? null : Math.Abs(notional ?? 0m) * terms.MaintenanceMarginFraction;
            liquidation = totals.IsKnown && terms is not null && notional is { } value
                ? LiquidationPrice(position.Size, value, maintenance ?? 0m, terms.MaintenanceMarginFraction, totals)
                : null;
        }
        catch (OverflowException)
        {
            // Beyond what a decimal holds: said to be unknown rather than wrong.
        }

        ValueText.Field(position.Fields.IsEmpty ? "\"notional\":"u8 : ",\"notional\":"u8, notional, to);
        ValueText.Field(",\"unrealizedPnl\":"u8, pnl, to);
        ValueText.Field(",\"maintenanceMargin\":"u8, maintenance, to);
        ValueText.Field(",\"liquidationPrice\":"u8, liquidation, to);
        to.Write("}"u8);
    }

    // As dYdX's own page has it: (maintenance margin of the others + notional − equity) ÷ (size − |size| × MMF), none where not above zero.
    private static decimal? LiquidationPrice(decimal size, decimal notional, decimal maintenance, decimal fraction, in AccountTotals totals)
    {
        var price = Units.DecimalText.Quotient(totals.MaintenanceMargin - maintenance + notional - totals.Equity, size - (Math.Abs(size) * fraction));
        return price > 0m ? price : null;
    }
}
