using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <summary>The crowd: moves prices, quotes books, and trades with itself.</summary>
internal sealed class MarketFlow(Exchange exchange, SimulatorOptions options)
{
    private const int Fewest = 130;
    private const int Deepest = 420;
    private readonly Random random = new(options.Seed * 7919);

    /// <summary>While the past is made: fewer changes, as only what they lead to counts.</summary>
    public bool Sparse { get; set; }

    /// <summary>Fills the books around the first prices.</summary>
    public void Quote()
    {
        foreach (var market in exchange.Markets) Quote(market);
    }

    public void Quote(Market market)
    {
        for (var i = 1; i <= 180; i++)
        {
            Put(market, Side.Buy, market.MidTicks - (i * market.Grid));
            Put(market, Side.Sell, market.MidTicks + (i * market.Grid));
        }
    }

    /// <summary>One change of one book.</summary>
    public void Change()
    {
        var market = Pick();
        var side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
        if (random.NextDouble() < 0.05)
        {
            MoveTo(market, Math.Max(1_000 * market.Grid, market.MidTicks + (random.Next(-8, 9) * market.Grid)));
            return;
        }
        if (random.NextDouble() < options.CrossProbability)
        {
            Cross(market, random.Next(3) == 0 ? null : TimeSpan.FromSeconds(random.Next(1, 9)));
            return;
        }
        var distance = random.NextDouble() < 0.7 ? random.Next(1, 30) : random.Next(1, Deepest - 60);
        var ticks = market.MidTicks + (distance * market.Grid * (side == Side.Buy ? -1 : 1));
        if (random.NextDouble() < 0.3 && market.Book.Of(side).Count > Fewest && exchange.Set(market, side, ticks * market.TickSize, 0)) return;
        Put(market, side, ticks);
    }

    /// <summary>Moves the price; what it runs over is taken away, now and then not (a ghost), and new quotes come behind it.</summary>
    public void MoveTo(Market market, long ticks)
    {
        var before = market.MidTicks;
        market.MidTicks = ticks;
        if (ticks == before) return;
        var (run, behind) = ticks > before ? (Side.Sell, Side.Buy) : (Side.Buy, Side.Sell);
        var mid = market.Mid;
        var early = random.Next(8) == 0;
        if (early) QuoteBehind(market, behind, before);
        foreach (var level in market.Book.Of(run).TakeWhile(l => run == Side.Sell ? l.Price <= mid : l.Price >= mid).ToList())
        {
            if (random.NextDouble() >= options.CrossProbability * 4) exchange.Set(market, run, level.Price, 0);
        }
        if (!early) QuoteBehind(market, behind, before);
        Prune(market, Side.Buy);
        Prune(market, Side.Sell);
        for (var i = 0; market.Book.Of(run).Count < Fewest && i < Deepest; i++)
        {
            Put(market, run, ticks + ((1 + i) * market.Grid * (run == Side.Sell ? 1 : -1)));
        }
    }

    public void Cross(Market market, TimeSpan? span)
    {
        if (market.Book.Asks.Count == 0) return;
        var price = market.Book.Asks[0].Price + (market.TickSize * market.Grid);
        exchange.Set(market, Side.Buy, price, Size(market));
        if (span is { } back) exchange.Plan(back, () => exchange.Set(market, Side.Buy, price, 0));
    }

    /// <summary>The crowd's trades of a block, the oracle prices, and the candles of all trades of the block.</summary>
    public void Commit(Block block)
    {
        foreach (var market in exchange.Markets)
        {
            foreach (var series in market.Series)
            {
                if (series.Roll(block.Time, market.Mid, market.OpenInterest) is not { } rolled) continue;
                exchange.Listener?.CandleChanged(market, series, rolled.Ended);
                exchange.Listener?.CandleChanged(market, series, rolled.Begun);
            }
            for (var i = Many(market); i > 0; i--)
            {
                block.NextTransaction();
                var side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
                var price = (market.MidTicks + (market.Grid * (side == Side.Buy ? random.Next(1, 3) : -random.Next(1, 3)))) * market.TickSize;
                var type = random.Next(400) == 0 ? "LIQUIDATED" : random.Next(60) == 0 ? "TWAP_SUBORDER" : "LIMIT";
                block.Add(market, new Trade(block.NextEvent(), side, price, Size(market), type, block.Time, block.Height));
            }
            if (block.Trades.TryGetValue(market, out var trades)) Publish(market, trades);
            if (random.Next(2) == 0) Reprice(market, block.Height);
        }
    }

    public void Inject(Market market, string? id, decimal price, decimal size, Side side)
    {
        var trade = new Trade(id ?? Identity.Event(exchange.Height, 10_000 + random.Next(1 << 20), 0), side, price, size, "LIMIT", exchange.Now, exchange.Height);
        Publish(market, [trade]);
    }

    public decimal FundingRate() => random.Next(-400, 700) * 0.0000000125m;

    private void Publish(Market market, List<Trade> trades)
    {
        foreach (var trade in trades)
        {
            market.Record(trade);
            foreach (var series in market.Series) series.Add(trade, market.OpenInterest);
        }
        exchange.Listener?.Traded(market, trades);
        if (exchange.Listener is null) return;
        foreach (var series in market.Series) exchange.Listener.CandleChanged(market, series, series.Candles[^1]);
    }

    private void Reprice(Market market, long height)
    {
        market.OraclePrice = Amount.Trim(decimal.Round(market.Mid * (1 + (random.Next(-20, 21) * 0.00001m)), 13));
        market.OpenInterest += market.StepSize * random.Next(-3, 4);
        exchange.Listener?.OraclePriceChanged(market, height);
    }

    private void QuoteBehind(Market market, Side side, long before)
    {
        var far = Math.Min(60, Math.Abs(market.MidTicks - before) / market.Grid);
        for (var i = 1; i <= far; i++) Put(market, side, market.MidTicks + (i * market.Grid * (side == Side.Buy ? -1 : 1)));
    }

    private void Prune(Market market, Side side)
    {
        var edge = (market.MidTicks + (Deepest * market.Grid * (side == Side.Buy ? -1 : 1))) * market.TickSize;
        var levels = market.Book.Of(side);
        while (levels.Count > 0 && (side == Side.Buy ? levels[^1].Price < edge : levels[^1].Price > edge)) exchange.Set(market, side, levels[^1].Price, 0);
        while (levels.Count < Fewest)
        {
            var last = levels.Count == 0 ? market.MidTicks : (long)(levels[^1].Price / market.TickSize);
            Put(market, side, side == Side.Buy ? Math.Min(last, market.MidTicks) - market.Grid : Math.Max(last, market.MidTicks) + market.Grid);
        }
    }

    private void Put(Market market, Side side, long ticks) => exchange.Set(market, side, Math.Max(1, ticks) * market.TickSize, Size(market));

    private decimal Size(Market market) => market.ToStep(market.TypicalSize * (decimal)(0.02 + Math.Pow(random.NextDouble(), 3) * 4));

    /// <summary>The first markets see most of the flow.</summary>
    private Market Pick()
    {
        var at = exchange.Markets.Count > 4 ? random.Next(exchange.Markets.Count) : (int)(Math.Pow(random.NextDouble(), 1.5) * exchange.Markets.Count);
        return exchange.Markets[at];
    }

    private int Many(Market market)
    {
        var mean = Math.Min(20, (Sparse ? 5 : options.Rate / (exchange.Markets.Count * 8)) * (market.ClobPairId == 0 ? 1.2 : 0.6));
        if (Sparse) mean = market.ClobPairId < 2 ? 1.4 : 0.5;
        var limit = Math.Exp(-mean);
        var many = 0;
        for (var product = random.NextDouble(); product > limit; product *= random.NextDouble()) many++;
        return many;
    }
}
