using System.Globalization;

namespace Tidegate.Simulator.Ledger;

/// <summary>One subaccount: USDC, positions, orders and all that ever happened to it. The maths are protocol.md 5, in exact decimal.</summary>
internal sealed class Subaccount(string address, int number)
{
    /// <summary>The number of children's steps: child n + 128 belongs to parent n.</summary>
    public const int Parents = 128;

    public string Address => address;

    public int Number => number;

    public string Id { get; } = Identity.Of(string.Create(CultureInfo.InvariantCulture, $"{address}/{number}"));

    public string Topic { get; } = string.Create(CultureInfo.InvariantCulture, $"{address}/{number}");

    /// <summary>Settled USDC, signed.</summary>
    public decimal Usdc { get; private set; }

    public long UpdatedAtHeight { get; private set; }

    /// <summary>Whether it ever received anything: before that the Indexer does not know it.</summary>
    public bool Born { get; private set; }

    public List<Position> Positions { get; private init; } = [];
    public Dictionary<string, Order> Orders { get; private init; } = new(StringComparer.Ordinal);
    public List<Fill> Fills { get; private init; } = [];
    public List<Transfer> Transfers { get; private init; } = [];
    public List<FundingPayment> Fundings { get; private init; } = [];
    public List<PnlTick> Pnl { get; private init; } = [];

    public IEnumerable<Position> OpenPositions => Positions.Where(p => p.Open);

    /// <summary>USDC as REST shows it: with unsettled funding.</summary>
    public decimal ShownUsdc => Usdc + OpenPositions.Sum(p => p.UnsettledFunding);

    public decimal Equity => ShownUsdc + OpenPositions.Sum(p => p.Notional);

    public decimal InitialMargin => OpenPositions.Sum(p => Math.Abs(p.Notional) * p.Market.InitialMarginFraction);

    public decimal FreeCollateral => Equity - InitialMargin;

    public decimal NetTransfers => Transfers.Sum(t => Equals(t.RecipientNumber, number) && t.Recipient == address ? t.Size : -t.Size);

    public Position? PositionIn(Market market) => Positions.FindLast(p => p.Open && p.Market == market);

    /// <summary>Takes or gives USDC.</summary>
    public void Move(Transfer transfer, long height)
    {
        var incoming = transfer.RecipientNumber == number && string.Equals(transfer.Recipient, address, StringComparison.Ordinal);
        Settle();
        Usdc += incoming ? transfer.Size : -transfer.Size;
        Transfers.Add(transfer);
        Touch(height);
    }

    /// <summary>Applies one fill and returns the positions that it changed, a closed one first.</summary>
    public List<Position> Apply(Fill fill)
    {
        Settle();
        var signed = fill.Side == Side.Buy ? fill.Size : -fill.Size;
        Usdc += Amount.Usdc(-signed * fill.Price) - fill.Fee;
        Fills.Add(fill);
        Touch(fill.Height);

        var changed = new List<Position>();
        if (PositionIn(fill.Market) is { } position)
        {
            changed.Add(position);
            position.Fees += fill.Fee;
            if (position.Size > 0 == signed > 0) return Increase(position, signed, fill.Price, changed);
            signed = Reduce(position, signed, fill);
        }
        if (signed == 0) return changed;
        var opened = new Position
        {
            Id = Identity.Of($"position {Id} {fill.EventId}"),
            Market = fill.Market,
            CreatedAt = fill.CreatedAt,
            CreatedAtHeight = fill.Height,
            Long = signed > 0,
            FundingIndex = fill.Market.FundingIndex,
        };
        Positions.Add(opened);
        changed.Add(opened);
        return Increase(opened, signed, fill.Price, changed);
    }

    /// <summary>A copy that stays as it is: what a replica that lags still shows.</summary>
    public Subaccount Copy() => new(address, number)
    {
        Usdc = Usdc,
        UpdatedAtHeight = UpdatedAtHeight,
        Born = Born,
        Positions = [.. Positions.Select(p => p with { })],
        Orders = Orders.ToDictionary(o => o.Key, o => o.Value with { }, StringComparer.Ordinal),
        Fills = [.. Fills],
        Transfers = [.. Transfers],
        Fundings = [.. Fundings],
        Pnl = [.. Pnl],
    };

    private void Touch(long height)
    {
        Born = true;
        UpdatedAtHeight = height;
    }

    private void Settle()
    {
        foreach (var position in OpenPositions)
        {
            var due = position.UnsettledFunding;
            Usdc += due;
            position.SettledFunding += due;
            position.FundingIndex = position.Market.FundingIndex;
        }
    }

    private static List<Position> Increase(Position position, decimal signed, decimal price, List<Position> changed)
    {
        var size = Math.Abs(signed);
        position.EntryPrice = Amount.Mean(((position.EntryPrice * position.SumOpen) + (price * size)) / (position.SumOpen + size));
        position.SumOpen += size;
        position.Size += signed;
        position.MaxSize = Math.Abs(position.Size) > Math.Abs(position.MaxSize) ? position.Size : position.MaxSize;
        return changed;
    }

    /// <summary>Closes as much as the fill covers and returns what is left of it.</summary>
    private static decimal Reduce(Position position, decimal signed, Fill fill)
    {
        var size = Math.Min(Math.Abs(signed), Math.Abs(position.Size));
        var direction = Math.Sign(signed);
        position.ExitPrice = Amount.Mean((((position.ExitPrice ?? 0) * position.SumClose) + (fill.Price * size)) / (position.SumClose + size));
        position.SumClose += size;
        position.ClosingPnl += size * (fill.Price - position.EntryPrice) * -direction;
        position.Size += direction * size;
        if (position.Size == 0) position.ClosedAt = fill.CreatedAt;
        return signed - (direction * size);
    }
}
