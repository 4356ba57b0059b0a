using System.Buffers;
using System.Buffers.Text;
using Tidegate.Indexer.Units;

namespace Tidegate.Indexer.Accounts;

/// <summary>The sums of an account or of a parent over its children (protocol.md 5).</summary>
internal struct AccountTotals
{
    /// <summary>What is told where a sum is beyond what a decimal holds: nothing.</summary>
    public static readonly AccountTotals Unknown = new() { IsKnown = false };

    /// <summary>Empty sums.</summary>
    public AccountTotals()
    {
    }

    public bool IsKnown = true;
    public decimal Equity = 0m;
    public decimal Notional = 0m;
    public decimal InitialMargin = 0m;
    public decimal MaintenanceMargin = 0m;
    public decimal UnrealizedPnl = 0m;

    /// <summary>Adds a child's sums.</summary>
    public void Add(in AccountTotals child)
    {
        if (!IsKnown || !child.IsKnown)
        {
            IsKnown = false;
            return;
        }

        try
        {
            Equity += child.Equity;
            Notional += child.Notional;
            InitialMargin += child.InitialMargin;
            MaintenanceMargin += child.MaintenanceMargin;
            UnrealizedPnl += child.UnrealizedPnl;
        }
        catch (OverflowException)
        {
            IsKnown = false;
        }
    }

    /// <summary>Writes the totals' fields, each with a comma before it.</summary>
    public readonly void Write(IBufferWriter<byte> to)
    {
        var hasEquity = IsKnown && Equity > 0m;
        ValueText.Field(",\"equity\":"u8, Known(Equity), to);
        ValueText.Field(",\"freeCollateral\":"u8, FreeCollateral, to);
        ValueText.Field(",\"marginUsed\":"u8, Known(InitialMargin), to);
        ValueText.Field(",\"initialMargin\":"u8, Known(InitialMargin), to);
        ValueText.Field(",\"maintenanceMargin\":"u8, Known(MaintenanceMargin), to);
        ValueText.Field(",\"marginUsage\":"u8, hasEquity ? DecimalText.Quotient(InitialMargin, Equity) : null, to);
        ValueText.Field(",\"leverage\":"u8, hasEquity ? DecimalText.Quotient(Notional, Equity) : null, to);
        ValueText.Field(",\"unrealizedPnl\":"u8, Known(UnrealizedPnl), to);
    }

    /// <summary>Writes those that the Indexer tells, each with a comma before it.</summary>
    public readonly void WriteRest(IBufferWriter<byte> to)
    {
        ValueText.Field(",\"equity\":"u8, Known(Equity), to);
        ValueText.Field(",\"freeCollateral\":"u8, FreeCollateral, to);
    }

    private readonly decimal? FreeCollateral
    {
        get
        {
            try
            {
                return Known(Equity - InitialMargin);
            }
            catch (OverflowException)
            {
                return null;
            }
        }
    }

    private readonly decimal? Known(decimal value) => IsKnown ? value : null;
}

/// <summary>How computed values are written: plain digits without trailing zeros, <c>null</c> where there is none.</summary>
internal static class ValueText
{
    /// <summary>Writes a name (as it stands, colon included) and a computed amount.</summary>
    public static void Field(ReadOnlySpan<byte> name, decimal? value, IBufferWriter<byte> to)
    {
        to.Write(name);
        if (value is not { } number)
        {
            to.Write("null"u8);
            return;
        }

        var span = to.GetSpan(DecimalText.MaxLength + 2);
        span[0] = (byte)'"';
        var length = DecimalText.Format(DecimalText.Canonical(number), span[1..]);
        span[length + 1] = (byte)'"';
        to.Advance(length + 2);
    }

    /// <summary>Writes a whole number.</summary>
    public static void Whole(long value, IBufferWriter<byte> to)
    {
        Utf8Formatter.TryFormat(value, to.GetSpan(24), out var written);
        to.Advance(written);
    }

    /// <summary>Writes the comma between items.</summary>
    public static void Comma(bool first, IBufferWriter<byte> to)
    {
        if (!first)
        {
            to.Write(","u8);
        }
    }
}
