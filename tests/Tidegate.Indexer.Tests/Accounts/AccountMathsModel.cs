using System.Globalization;
using System.Numerics;

namespace Tidegate.Indexer.Tests.Accounts;

/// <summary>An exact amount: a whole number of 10⁻⁴⁰. Products are exact as long as their factors have at most forty decimals together.</summary>
internal readonly record struct Exact(BigInteger Units)
{
    private const int Places = 40;
    private static readonly BigInteger One = BigInteger.Pow(10, Places);

    public static Exact Zero => default;

    public static Exact Of(long digits, int scale) => new(digits * BigInteger.Pow(10, Places - scale));

    public static Exact operator +(Exact left, Exact right) => new(left.Units + right.Units);

    public static Exact operator -(Exact left, Exact right) => new(left.Units - right.Units);

    public static Exact operator *(Exact left, Exact right) => new(left.Units * right.Units / One);

    public Exact Abs() => new(BigInteger.Abs(Units));

    /// <summary>The quotient rounded half-even at twelve places; null where the divisor is zero.</summary>
    public static Exact? Divide(Exact top, Exact bottom)
    {
        if (bottom.Units.IsZero)
        {
            return null;
        }

        var sign = top.Units.Sign * bottom.Units.Sign;
        var (whole, rest) = BigInteger.DivRem(BigInteger.Abs(top.Units) * BigInteger.Pow(10, 12), BigInteger.Abs(bottom.Units));
        var order = (2 * rest).CompareTo(BigInteger.Abs(bottom.Units));
        whole += order > 0 || (order == 0 && !whole.IsEven) ? 1 : 0;
        return new Exact(sign * whole * BigInteger.Pow(10, Places - 12));
    }

    /// <summary>Plain digits without trailing zeros.</summary>
    public override string ToString()
    {
        var digits = BigInteger.Abs(Units).ToString(CultureInfo.InvariantCulture).PadLeft(Places + 1, '0');
        var text = (digits[..^Places] + "." + digits[^Places..]).TrimEnd('0').TrimEnd('.');
        return Units.Sign < 0 ? "-" + text : text;
    }
}

/// <summary>The sums of protocol.md 5 on exact fractions, written down as plainly as they stand there.</summary>
internal sealed class AccountMathsModel
{
    public Dictionary<string, (Exact Size, Exact Entry)> Positions { get; set; } = [];

    public Dictionary<string, (Exact? Oracle, Exact Initial, Exact Maintenance)> Markets { get; } = [];

    public Exact Quote { get; set; }

    public Exact Equity => Sum(Quote, t => Notional(t) ?? Exact.Zero);

    public Exact InitialMargin => Sum(Exact.Zero, t => Size(t) * Terms(t).Initial);

    public Exact MaintenanceMargin => Sum(Exact.Zero, t => Maintenance(t) ?? Exact.Zero);

    public Exact UnrealizedPnl => Sum(Exact.Zero, t => Pnl(t) ?? Exact.Zero);

    public Exact? Notional(string ticker) => Terms(ticker).Oracle is { } oracle ? Positions[ticker].Size * oracle : null;

    public Exact? Pnl(string ticker) => Terms(ticker).Oracle is { } oracle ? Positions[ticker].Size * (oracle - Positions[ticker].Entry) : null;

    public Exact? Maintenance(string ticker) => Markets.ContainsKey(ticker) ? Size(ticker) * Terms(ticker).Maintenance : null;

    /// <summary>(maintenance margin of the other positions + notional − equity) ÷ (size − |size| × MMF), none where not above zero.</summary>
    public Exact? LiquidationPrice(string ticker)
    {
        if (Notional(ticker) is not { } notional)
        {
            return null;
        }

        var others = Positions.Keys.Where(t => t != ticker).Aggregate(Exact.Zero, (sum, t) => sum + (Maintenance(t) ?? Exact.Zero));
        var size = Positions[ticker].Size;
        var price = Exact.Divide(others + notional - Equity, size - (size.Abs() * Terms(ticker).Maintenance));
        return price is { } some && some.Units > 0 ? price : null;
    }

    public Exact? MarginUsage => Equity.Units > 0 ? Exact.Divide(InitialMargin, Equity) : null;

    public Exact? Leverage => Equity.Units > 0 ? Exact.Divide(Sum(Exact.Zero, Size), Equity) : null;

    private (Exact? Oracle, Exact Initial, Exact Maintenance) Terms(string ticker) => Markets.GetValueOrDefault(ticker);

    private Exact Size(string ticker) => Notional(ticker)?.Abs() ?? Exact.Zero;

    private Exact Sum(Exact start, Func<string, Exact> of) => Positions.Keys.Aggregate(start, (sum, ticker) => sum + of(ticker));
}
