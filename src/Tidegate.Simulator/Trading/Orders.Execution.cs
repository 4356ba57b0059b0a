using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <summary>How an order is filled: in one part or two, with fees, positions and the tape's trade.</summary>
internal sealed partial class Orders
{
    private void Execute(Block block, Subaccount account, Order order, decimal size, string liquidity)
    {
        if (size <= 0) return;
        var type = order.Flags == OrderFlags.Twap ? "TWAP_SUBORDER" : "LIMIT";
        block.NextTransaction();
        var parts = size > order.Market.StepSize * 4 && random.Next(3) == 0 ? 2 : 1;
        for (var left = size; left > 0; parts--)
        {
            var some = parts > 1 ? order.Market.ToStep(left / 2) : left;
            var price = liquidity == "MAKER" ? order.Price : (order.Market.MidTicks + (order.Side == Side.Buy ? order.Market.Grid : -order.Market.Grid)) * order.Market.TickSize;
            Make(block, account, order.Market, order.Side, some, price, type, liquidity, order);
            left -= some;
        }
        order.TotalFilled += size;
        order.OptimisticFilled = order.TotalFilled;
        order.Stored = true;
        Stamp(block, order);
        if (order.Remaining == 0 || order.TimeInForce == "FOK") End(block, order, "FILLED");
        else if (order.TimeInForce == "IOC") End(block, order, "CANCELED");
        else order.Status = order.Status == "BEST_EFFORT_CANCELED" ? order.Status : "OPEN";
        Book(account).Filled[order.Id] = order.Flags == OrderFlags.Twap
            ? new OrderShape(order, OrderFields.Whole, OrderFlags.TwapSuborder, size, order.TotalFilled >= size ? "FILLED" : "OPEN", "LIMIT")
            : new OrderShape(order, OrderFields.Whole);
    }

    private void Make(Block block, Subaccount account, Market market, Side side, decimal size, decimal price, string type, string liquidity, Order? order)
    {
        var id = block.NextEvent();
        var before = account.PositionIn(market);
        var fill = new Fill
        {
            Id = Identity.Of($"fill {account.Id} {id}"),
            EventId = id,
            SubaccountId = account.Id,
            SubaccountNumber = account.Number,
            Market = market,
            Side = side,
            Size = size,
            Price = Amount.Trim(price),
            Fee = Amount.Usdc(size * price * (liquidity == "MAKER" ? -0.00011m : 0.0005m)),
            Type = type,
            Liquidity = liquidity,
            TransactionHash = block.Hash,
            CreatedAt = block.Time,
            Height = block.Height,
            OrderId = order?.Id,
            PositionSizeBefore = before?.Size ?? 0,
            EntryPriceBefore = before?.EntryPrice ?? 0,
        };
        var news = Book(account);
        foreach (var position in account.Apply(fill))
        {
            if (position.CreatedAtHeight == block.Height) news.Opened.Add(position);
            if (!news.Positions.Contains(position)) news.Positions.Add(position);
        }
        news.Fills.Add(fill);
        // The tape has the taker's side.
        var taker = liquidity == "TAKER" ? side : side == Side.Buy ? Side.Sell : Side.Buy;
        block.Add(market, new Trade(id, taker, fill.Price, size, type, block.Time, block.Height));
    }
}
