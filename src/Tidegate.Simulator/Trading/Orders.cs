using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <summary>The lives of orders, with all that keepers get wrong (protocol.md 2, "Order life").</summary>
internal sealed partial class Orders(Exchange exchange, Random random)
{
    private const int ShortLife = 15;
    private const int ExpiryFrameLate = 22;
    private const int MostResting = 8;
    private const int MostKept = 4_000;

    private readonly List<(Subaccount Account, Order Order, decimal Part, string Liquidity, long AtHeight)> due = [];
    private readonly Dictionary<Subaccount, Done> done = [];

    /// <summary>A short-term order that takes: told as BEST_EFFORT_OPENED, filled in the next block, sometimes in part.</summary>
    public void Take(Subaccount account, Market market, Side side, Func<Market, decimal> size, bool certain = false)
    {
        var kind = random.Next(10);
        var order = ShortTerm(account, market, side, size(market), AcrossTheBook(market, side), kind < 2 ? "FOK" : "IOC", NextClient());
        Announce(account, order);
        if (!certain && random.Next(12) == 0)
        {
            Remove(account, order, "ORDER_REMOVAL_REASON_IMMEDIATE_OR_CANCEL_WOULD_REST_ON_BOOK");
            return;
        }
        var part = !certain && random.Next(6) == 0 && order.Size > market.StepSize ? market.ToStep(order.Size / 2) : order.Size;
        due.Add((account, order, part, "TAKER", exchange.Height + 1));
    }

    /// <summary>A short-term order that rests and then ends in one of the ways that there are, told or not.</summary>
    public void Make(Subaccount account, Market market, Side side, Func<Market, decimal> size)
    {
        var order = ShortTerm(account, market, side, size(market), Behind(market, side), "GTT", NextClient());
        Announce(account, order);
        var half = market.ToStep(order.Size / 2);
        switch (random.Next(8))
        {
            case 0 or 1:
                due.Add((account, order, order.Size, "MAKER", exchange.Height + random.Next(1, 6)));
                break;
            case 2:
                CancelSoon(account, order);
                break;
            case 3: // cancelled as far as anybody can say, and filled all the same
                exchange.Plan(TimeSpan.FromSeconds(1.2), () => Remove(account, order, "ORDER_REMOVAL_REASON_USER_CANCELED", stillLive: true));
                due.Add((account, order, order.Size, "MAKER", exchange.Height + 3));
                break;
            case 4: // filled in part, then nothing ever again
                due.Add((account, order, half, "MAKER", exchange.Height + 2));
                break;
            case 5: // the id is used again
                CancelSoon(account, order);
                exchange.Plan(TimeSpan.FromSeconds(4), () => Announce(account, ShortTerm(account, market, side, order.Size, Behind(market, side), "GTT", order.ClientId)));
                break;
            case 6: // an expiry frame, but late
                exchange.Plan(TimeSpan.FromSeconds(ShortLife + ExpiryFrameLate), () => TellExpired(account, order));
                break;
            default: // ends without a frame
                break;
        }
    }

    public void PlaceLongTerm(Block block, Subaccount account, Market market, Side side, decimal size)
    {
        if (account.Orders.Values.Count(o => o is { Flags: OrderFlags.LongTerm, Final: false }) >= MostResting) return;
        Place(block, account, Stateful(block, account, market, side, size, FarBehind(market, side), OrderFlags.LongTerm) with { PostOnly = random.Next(3) == 0 });
    }

    public void PlaceConditional(Block block, Subaccount account, Market market, decimal size)
    {
        var up = random.Next(2) == 0;
        var trigger = (market.MidTicks + ((up ? 1 : -1) * random.Next(2, 30) * market.Grid)) * market.TickSize;
        var side = up ? Side.Buy : Side.Sell;
        Place(block, account, Stateful(block, account, market, side, size, AcrossTheBook(market, side), OrderFlags.Conditional) with
        {
            Type = "STOP_LIMIT",
            TriggerPrice = trigger,
            Status = "UNTRIGGERED",
            ReduceOnly = random.Next(2) == 0,
        });
    }

    /// <summary>A TWAP: its placement frame says LIMIT and has no TWAP fields.</summary>
    public void PlaceTwap(Block block, Subaccount account, Market market, Side side, decimal size)
    {
        if (account.Orders.Values.Any(o => o is { Flags: OrderFlags.Twap, Final: false })) return;
        var order = Stateful(block, account, market, side, size, AcrossTheBook(market, side), OrderFlags.Twap) with
        {
            Type = "TWAP",
            Duration = 60,
            Interval = 10,
            PriceTolerance = 10_000,
        };
        Place(block, account, order, new OrderShape(order, OrderFields.Whole, Type: "LIMIT"));
        var left = order.Size;
        var part = market.ToStep(order.Size / 6);
        for (var i = 1; left > 0; i++)
        {
            var some = i >= 6 || left < part ? left : part;
            due.Add((account, order, some, "TAKER", block.Height + (i * 10)));
            left -= some;
        }
    }

    public void CancelOne(Block block, Subaccount account)
    {
        var order = account.Orders.Values.FirstOrDefault(o => o is { Live: true, Final: false, Flags: OrderFlags.LongTerm or OrderFlags.Conditional });
        if (order is null) return;
        order.RemovalReason = "ORDER_REMOVAL_REASON_USER_CANCELED";
        End(block, order, "CANCELED");
        Book(account).Orders.Add(new OrderShape(order, OrderFields.Whole));
    }

    public void FillResting(Block block, Subaccount account)
    {
        var order = account.Orders.Values.FirstOrDefault(o => o is { Live: true, Status: "OPEN", Flags: OrderFlags.LongTerm });
        if (order is null) return;
        var part = random.Next(3) == 0 && order.Remaining > order.Market.StepSize ? order.Market.ToStep(order.Remaining / 3) : order.Remaining;
        Execute(block, account, order, part, "MAKER");
    }

    /// <summary>The removal of an order that the Indexer never saw: a frame with hardly a field.</summary>
    public void RemoveUnseen(Block block, Subaccount account, Market market)
    {
        var order = Stateful(block, account, market, Side.Buy, market.StepSize, market.Mid, OrderFlags.LongTerm);
        order.Status = "CANCELED";
        order.RemovalReason = "ORDER_REMOVAL_REASON_UNDERCOLLATERALIZED";
        Book(account).Orders.Add(new OrderShape(order, OrderFields.Bare));
    }

    /// <summary>A liquidation of a small part: a fill without an order.</summary>
    public void Liquidate(Block block, Subaccount account, Market market)
    {
        if (account.PositionIn(market) is not { } position) return;
        block.NextTransaction();
        var side = position.Size > 0 ? Side.Sell : Side.Buy;
        Make(block, account, market, side, market.StepSize, market.Mid, "LIQUIDATED", "TAKER", null);
    }

    /// <summary>A position without any order told: how the past begins.</summary>
    public void FillNow(Block block, Subaccount account, Market market, Side side, decimal size)
    {
        block.NextTransaction();
        Make(block, account, market, side, size, market.Mid, "LIMIT", "TAKER", null);
    }

    public void Reward(Block block, Subaccount account, decimal? reward)
    {
        if (reward is not null) exchange.Listener?.AccountChanged(account, new AccountChange { TradingReward = reward, Height = block.Height, OnChain = true });
    }

    /// <summary>Fills what falls due in this block.</summary>
    public void Fill(Block block, Subaccount account)
    {
        for (var i = 0; i < due.Count; i++)
        {
            var (owner, order, part, liquidity, height) = due[i];
            if (owner != account || height > block.Height) continue;
            due.RemoveAt(i--);
            if (order.Live && account.Orders.GetValueOrDefault(order.Id) == order) Execute(block, account, order, Math.Min(part, order.Remaining), liquidity);
        }
    }

    /// <summary>Conditional orders whose price has come.</summary>
    public void Trigger(Block block, Subaccount account)
    {
        foreach (var order in account.Orders.Values.Where(o => o.Status == "UNTRIGGERED").ToList())
        {
            var reached = order.Side == Side.Buy ? order.Market.OraclePrice >= order.TriggerPrice : order.Market.OraclePrice <= order.TriggerPrice;
            if (!reached) continue;
            order.Status = "OPEN";
            Stamp(block, order);
            Book(account).Orders.Add(new OrderShape(order, OrderFields.Whole));
            due.Add((account, order, order.Size, "TAKER", block.Height + 1));
        }
    }

    /// <summary>Short-term orders past their block: the cache forgets them, the database says CANCELED, no frame tells it.</summary>
    public void Expire(Subaccount account, long height)
    {
        if (account.Orders.Count > MostKept) Prune(account);
        foreach (var order in account.Orders.Values.Where(o => o.Flags == OrderFlags.ShortTerm && o.GoodTilBlock < height && !(o.Final && o.Stored)).ToList())
        {
            order.Live = false;
            if (order.Stored && order.Status != "FILLED") order.Status = "CANCELED";
            if (!order.Stored) account.Orders.Remove(order.Id);
        }
    }

    /// <summary>The frames of a block for one account: positions and assets first, then each order with its fills merged.</summary>
    public void Tell(Block block, Subaccount account)
    {
        if (!done.Remove(account, out var news) || exchange.Listener is not { } listener) return;
        if (news.Positions.Count > 0)
        {
            listener.AccountChanged(account, new AccountChange { Positions = news.Positions, EntryUnknown = news.Opened, Assets = true, Height = block.Height, OnChain = true });
        }
        foreach (var fills in news.Fills.GroupBy(f => (f.OrderId, f.Market)))
        {
            var shape = fills.Key.OrderId is { } id && news.Filled.TryGetValue(id, out var told) ? new[] { told } : [];
            listener.AccountChanged(account, new AccountChange
            {
                Fills = [.. fills],
                Orders = shape,
                Positions = [.. news.Positions.Where(p => p.Market == fills.Key.Market)],
                Height = block.Height,
                OnChain = true,
            });
        }
        foreach (var order in news.Orders) listener.AccountChanged(account, new AccountChange { Orders = [order], Height = block.Height, OnChain = true });
    }

    private static void Prune(Subaccount account)
    {
        foreach (var order in account.Orders.Values.Where(o => o.Final).OrderBy(o => o.UpdatedAtHeight).Take(MostKept / 2).ToList()) account.Orders.Remove(order.Id);
    }

    private void Place(Block block, Subaccount account, Order order, OrderShape? told = null)
    {
        order.CreatedAtHeight = block.Height;
        Stamp(block, order);
        account.Orders[order.Id] = order;
        Book(account).Orders.Add(told ?? new OrderShape(order, OrderFields.Whole));
    }

    private void Announce(Subaccount account, Order order)
    {
        if (account.Orders.TryGetValue(order.Id, out var old)) old.Live = false;
        account.Orders[order.Id] = order;
        exchange.Listener?.AccountChanged(account, new AccountChange { Orders = [new OrderShape(order, OrderFields.Placement)], Height = exchange.Height });
    }

    private void CancelSoon(Subaccount account, Order order) =>
        exchange.Plan(TimeSpan.FromSeconds(1.5 + random.NextDouble()), () => Remove(account, order, "ORDER_REMOVAL_REASON_USER_CANCELED"));

    private void Remove(Subaccount account, Order order, string reason, bool stillLive = false)
    {
        if (order.Final || !order.Live) return;
        order.Status = "BEST_EFFORT_CANCELED";
        order.RemovalReason = reason;
        order.Live = stillLive;
        exchange.Listener?.AccountChanged(account, new AccountChange { Orders = [new OrderShape(order, OrderFields.Removal)], Height = exchange.Height });
    }

    private void TellExpired(Subaccount account, Order order) =>
        exchange.Listener?.AccountChanged(account, new AccountChange
        {
            Orders = [new OrderShape(order with { RemovalReason = "ORDER_REMOVAL_REASON_EXPIRED" }, OrderFields.Removal, Status: "CANCELED")],
            Height = exchange.Height,
        });

    private static void Stamp(Block block, Order order)
    {
        order.UpdatedAt = block.Time;
        order.UpdatedAtHeight = block.Height;
    }

    private static void End(Block block, Order order, string status)
    {
        order.Status = status;
        order.Live = false;
        Stamp(block, order);
    }

    private Done Book(Subaccount account) => done.TryGetValue(account, out var news) ? news : done[account] = new Done();

    /// <summary>What one account has to be told of a block.</summary>
    private sealed class Done
    {
        public List<Position> Positions { get; } = [];
        public HashSet<Position> Opened { get; } = new(ReferenceEqualityComparer.Instance);
        public List<Fill> Fills { get; } = [];
        public Dictionary<string, OrderShape> Filled { get; } = new(StringComparer.Ordinal);
        public List<OrderShape> Orders { get; } = [];
    }
}
