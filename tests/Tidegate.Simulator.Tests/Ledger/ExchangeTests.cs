using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Tests.Ledger;

/// <summary>The ledger is the truth of all other tests, so it has to agree with itself.</summary>
public class ExchangeTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 10, 20, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(77)]
    public void Positions_are_the_sum_of_their_fills(int seed)
    {
        var exchange = Run(seed);
        foreach (var account in exchange.Accounts)
        {
            foreach (var market in exchange.Markets)
            {
                var bought = account.Fills.Where(f => f.Market == market).Sum(f => f.Side == Side.Buy ? f.Size : -f.Size);
                Assert.Equal(bought, account.PositionIn(market)?.Size ?? 0);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(77)]
    public void Money_is_neither_made_nor_lost_but_by_transfers_fills_fees_and_funding(int seed)
    {
        var exchange = Run(seed);
        exchange.FundingHour();
        exchange.Step(TimeSpan.FromMinutes(2));
        foreach (var account in exchange.Accounts)
        {
            var traded = account.Fills.Sum(f => Amount.Usdc((f.Side == Side.Buy ? -f.Size : f.Size) * f.Price) - f.Fee);
            var funding = account.Positions.Sum(p => p.SettledFunding);
            Assert.Equal(account.NetTransfers + traded + funding, account.Usdc);
            Assert.NotEmpty(account.Fills);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Equity_and_free_collateral_follow_from_usdc_positions_and_oracle_prices(int seed)
    {
        var exchange = Run(seed);
        exchange.FundingHour();
        foreach (var account in exchange.Accounts)
        {
            var unsettled = account.OpenPositions.Sum(p => decimal.Round(-p.Size * (p.Market.FundingIndex - p.FundingIndex), 6, MidpointRounding.ToZero));
            var notional = account.OpenPositions.Sum(p => p.Size * p.Market.OraclePrice);
            var margin = account.OpenPositions.Sum(p => Math.Abs(p.Size * p.Market.OraclePrice) * p.Market.InitialMarginFraction);
            Assert.Equal(account.Usdc + unsettled + notional, account.Equity);
            Assert.Equal(account.Equity - margin, account.FreeCollateral);
            Assert.Equal((account.Equity, account.FreeCollateral), exchange.Worth(account.Address, account.Number));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Candles_are_what_their_trades_say(int seed)
    {
        var exchange = Run(seed);
        foreach (var market in exchange.Markets)
        {
            foreach (var series in market.Series.Where(s => s.Resolution is "1MIN" or "5MINS"))
            {
                // Only intervals that began after the exchange did have all their trades on the tape.
                var whole = series.Candles.Where(c => c.StartedAt >= Start - TimeSpan.FromMinutes(14)).ToList();
                Assert.NotEmpty(whole);
                foreach (var candle in whole)
                {
                    var trades = market.Trades.FindAll(t => t.CreatedAt >= candle.StartedAt && t.CreatedAt < candle.StartedAt + series.Length);
                    Assert.Equal(trades.Count, candle.Trades);
                    Assert.Equal(trades.Sum(t => t.Size), candle.BaseVolume);
                    Assert.Equal(trades.Sum(t => t.Size * t.Price), candle.UsdVolume);
                    if (trades.Count == 0) continue;
                    Assert.Equal((trades[0].Price, trades.Max(t => t.Price), trades.Min(t => t.Price), trades[^1].Price), (candle.Open, candle.High, candle.Low, candle.Close));
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Books_stay_deep_sorted_and_without_empty_levels(int seed)
    {
        var exchange = Run(seed);
        exchange.MovePrice("BTC-USD", 0.05m);
        exchange.MovePrice("MEME-USD", -0.05m);
        foreach (var market in exchange.Markets)
        {
            Assert.All(new[] { market.Book.Bids, market.Book.Asks }, side => Assert.InRange(side.Count, 101, 1_500));
            Assert.Equal(market.Book.Bids.Select(l => l.Price).OrderDescending(), market.Book.Bids.Select(l => l.Price));
            Assert.Equal(market.Book.Asks.Select(l => l.Price).Order(), market.Book.Asks.Select(l => l.Price));
            Assert.All(market.Book.Bids.Concat(market.Book.Asks), l => Assert.True(l.Size > 0 && l.Price % market.TickSize == 0));
        }
    }

    [Fact]
    public void The_same_seed_and_steps_give_the_same_exchange_however_it_is_driven()
    {
        var (one, other) = (New(4), New(4));
        one.Step(TimeSpan.FromSeconds(60));
        for (var i = 0; i < 600; i++) other.Step(TimeSpan.FromMilliseconds(100));
        Assert.Equal(one.Height, other.Height);
        Assert.Equal(Tidegate.Simulator.Operator.Truth.Of(one), Tidegate.Simulator.Operator.Truth.Of(other));
    }

    [Fact]
    public void Another_seed_gives_another_exchange() => Assert.NotEqual(New(1).Addresses, New(2).Addresses);

    [Fact]
    public void It_begins_with_a_past()
    {
        var exchange = New(1);
        Assert.All(exchange.Markets, m => Assert.All(m.Series, s => Assert.True(s.Candles.Count >= 300, $"{m.Ticker} {s.Resolution}")));
        Assert.True(exchange.Markets[0].Trades.Count >= 1_000);
        Assert.True(exchange.Accounts[0].Fills.Count > 100);
        Assert.Contains(exchange.Accounts[0].Transfers, t => t.RecipientNumber == 128);
    }

    [Fact]
    public void Prices_of_candles_join_without_a_gap_in_every_resolution()
    {
        var series = New(1).Markets[1].Series;
        foreach (var one in series)
        {
            var past = one.Candles.Where(c => c.StartedAt + one.Length <= Start - TimeSpan.FromMinutes(20)).ToList();
            Assert.All(past.Zip(past.Skip(1)), pair => Assert.Equal(pair.First.Close, pair.Second.Open));
            Assert.All(one.Candles, c => Assert.True(c.Low <= c.Open && c.Low <= c.Close && c.High >= c.Open && c.High >= c.Close));
        }
    }

    [Fact]
    public void Addresses_have_a_right_checksum()
    {
        Assert.All(New(1).Addresses, a => Assert.True(Bech32.IsValid(a)));
        Assert.True(Bech32.IsValid("dydx1n88uc38xhjgxzw9nwre4ep2c8ga4fjxc565lnf"));
        Assert.False(Bech32.IsValid("dydx1n88uc38xhjgxzw9nwre4ep2c8ga4fjxc565lnq"));
    }

    [Fact]
    public void Markets_print_ticks_and_steps_that_follow_from_their_exponents()
    {
        var markets = New(1).Markets;
        Assert.Equal(["1", "0.1", "0.0000000000001", "0.0001"], markets.Select(m => Amount.Text(m.TickSize)));
        Assert.Equal(["0.0001", "0.001", "0.000001", "0.1"], markets.Select(m => Amount.Text(m.StepSize)));
    }

    [Fact]
    public void A_halted_chain_makes_no_blocks_and_goes_on_where_it_stood()
    {
        var exchange = New(1);
        var height = exchange.Height;
        exchange.Halted = true;
        exchange.Step(TimeSpan.FromMinutes(1));
        Assert.Equal(height, exchange.Height);
        exchange.Halted = false;
        exchange.Step(TimeSpan.FromSeconds(3));
        Assert.Equal(height + 3, exchange.Height);
    }

    [Fact]
    public void All_kinds_of_orders_occur()
    {
        var orders = Run(1).Accounts.SelectMany(a => a.Orders.Values).ToList();
        Assert.Equal([OrderFlags.ShortTerm, OrderFlags.Conditional, OrderFlags.LongTerm, OrderFlags.Twap], orders.Select(o => o.Flags).Distinct().Order());
        Assert.Contains(orders, o => o is { TimeInForce: "FOK", Status: "FILLED", Remaining: > 0 });
        Assert.Contains(orders, o => o is { TimeInForce: "IOC", Status: "CANCELED", TotalFilled: > 0 });
    }

    [Fact]
    public void A_side_that_flips_closes_one_position_and_opens_another()
    {
        var account = new Subaccount("dydx1x", 0);
        var market = Listing.New("X-USD", 9);
        account.Apply(Fill(market, Side.Buy, 2, 10, "a"));
        var changed = account.Apply(Fill(market, Side.Sell, 5, 12, "b"));
        Assert.Equal([(false, 0m), (true, -3m)], changed.Select(p => (p.Open, p.Size)));
        Assert.Equal((4m, 12m), (changed[0].ClosingPnl, changed[1].EntryPrice));
        Assert.NotEqual(changed[0].Id, changed[1].Id);
    }

    [Fact]
    public void Margin_of_a_short_is_of_its_absolute_size()
    {
        var account = new Subaccount("dydx1x", 0);
        var market = Listing.New("X-USD", 9);
        market.OraclePrice = 3_000;
        account.Move(new Transfer("t", "w", null, "dydx1x", 0, 4_000, "h", Start, 1), 1);
        account.Apply(Fill(market, Side.Sell, 2, 3_000, "a"));
        Assert.Equal((10_000m, 4_000m, 3_700m), (account.Usdc, account.Equity, account.FreeCollateral));
    }

    private static Fill Fill(Market market, Side side, decimal size, decimal price, string id) => new()
    {
        Id = id,
        EventId = id,
        SubaccountId = "s",
        SubaccountNumber = 0,
        Market = market,
        Side = side,
        Size = size,
        Price = price,
        Fee = 0,
        Type = "LIMIT",
        Liquidity = "TAKER",
        TransactionHash = "h",
        CreatedAt = Start,
        Height = 1,
    };

    private static Exchange New(int seed) => new(new SimulatorOptions { Seed = seed }, Start);

    private static Exchange Run(int seed)
    {
        var exchange = New(seed);
        exchange.Step(TimeSpan.FromMinutes(8));
        return exchange;
    }
}
