using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <summary>The simulated exchange. Its ledger is the truth; what the Indexer in front of it says may differ.</summary>
/// <remarks>
/// Moves by its own clock, from event to event, so that the same seed and start give the same history however it is driven.
/// One lock serialises all; the listener is called under it and must not wait.
/// </remarks>
public sealed partial class Exchange
{
    private static readonly TimeSpan CleaningTask = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FiguresTask = TimeSpan.FromSeconds(30);

    private readonly SimulatorOptions options;
    private readonly MarketFlow flow;
    private readonly AccountFlow traders;
    private readonly List<Market> listed;
    private readonly Dictionary<Market, DateTimeOffset> refreshedAt = [];
    private readonly PriorityQueue<Action, DateTimeOffset> planned = new();
    private DateTimeOffset nextChange, nextBlock, nextCleaning, nextFigures, nextHour;

    internal Exchange(SimulatorOptions options, DateTimeOffset start)
    {
        this.options = options;
        listed = [.. Listing.Of(options.Markets).Select(l => Preload.Prepare(l.Market, l.Price, options, start - options.Past))];
        Height = 30_000_000 - (long)(options.Past / options.BlockTime);
        Now = start - options.Past;
        flow = new MarketFlow(this, options);
        traders = new AccountFlow(this, options);
        Accounts = traders.Accounts;
        Addresses = [.. Accounts.Select(a => a.Address).Distinct(StringComparer.Ordinal)];
        (nextChange, nextBlock, nextCleaning, nextFigures) = (Now, Now + options.BlockTime, Now + CleaningTask, Now + FiguresTask);
        nextHour = Preload.HourOf(Now).AddHours(1);
        BlockAt = Now;
        flow.Quote();
        traders.Open();
        flow.Sparse = true;
        AdvanceTo(start);
        flow.Sparse = false;
    }

    /// <summary>The exchange's own clock.</summary>
    public DateTimeOffset Now { get; private set; }

    /// <summary>The height of the last block.</summary>
    public long Height { get; private set; }

    /// <summary>The tickers of all markets.</summary>
    public IReadOnlyList<string> Tickers => [.. Markets.Select(m => m.Ticker)];

    /// <summary>The demo accounts' addresses, the liveliest first; the first has an isolated child 128.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>No blocks, no trades, no book changes; the sockets and <c>/time</c> go on.</summary>
    public bool Halted { get; set; }

    /// <summary>Nothing moves at all, so that states can be compared.</summary>
    public bool Held { get; set; }

    internal Lock Gate { get; } = new();

    internal DateTimeOffset BlockAt { get; private set; }

    internal IReadOnlyList<Market> Markets => listed;

    internal List<Subaccount> Accounts { get; }

    internal ILedgerListener? Listener { get; set; }

    /// <summary>Moves the clock by a span; all that falls into it happens.</summary>
    public void Step(TimeSpan span)
    {
        lock (Gate) AdvanceTo(Now + span);
    }

    /// <summary>Moves the clock to the next block, commits it, and returns its height.</summary>
    public long AdvanceBlock()
    {
        lock (Gate)
        {
            AdvanceTo(nextBlock);
            return Height;
        }
    }

    /// <summary>Follows the clock; a jump of more than five seconds is not caught up with.</summary>
    internal void Follow(DateTimeOffset time)
    {
        // A tick that finds the exchange busy leaves its work to the next.
        if (!Gate.TryEnter()) return;
        try
        {
            if (Held || time <= Now) return;
            if (time - Now > TimeSpan.FromSeconds(5)) Skip(time);
            AdvanceTo(time);
        }
        finally
        {
            Gate.Exit();
        }
    }

    /// <summary>Equity and free collateral of a subaccount, as REST would say them now.</summary>
    public (decimal Equity, decimal FreeCollateral) Worth(string address, int number)
    {
        lock (Gate)
        {
            var account = Accounts.Find(a => a.Number == number && string.Equals(a.Address, address, StringComparison.Ordinal));
            return account is null ? (0, 0) : (account.Equity, account.FreeCollateral);
        }
    }

    internal bool Subscribable(string ticker)
    {
        lock (Gate) return listed.Find(m => string.Equals(m.Ticker, ticker, StringComparison.Ordinal)) is { } market && refreshedAt.GetValueOrDefault(market) <= Now;
    }

    internal Market MarketOf(string ticker) =>
        Markets.FirstOrDefault(m => string.Equals(m.Ticker, ticker, StringComparison.Ordinal)) ?? throw new ArgumentException($"no market {ticker}", nameof(ticker));

    internal Subaccount AccountOf(string address, int number)
    {
        var known = Accounts.Find(a => a.Number == number && string.Equals(a.Address, address, StringComparison.Ordinal));
        if (known is null) Accounts.Add(known = new Subaccount(address, number));
        return known;
    }

    internal void Plan(TimeSpan after, Action what) => planned.Enqueue(what, Now + after);

    internal bool Set(Market market, Side side, decimal price, decimal size, bool always = false)
    {
        price = Amount.Trim(price);
        if (!market.Book.Set(side, price, Amount.Trim(size), Now) && !always) return false;
        Listener?.LevelChanged(market, side, price, size);
        return true;
    }

    private void AdvanceTo(DateTimeOffset time)
    {
        while (NextEvent(time))
        {
        }
        Now = time;
        Listener?.TimePassed(Now);
    }

    private bool NextEvent(DateTimeOffset until)
    {
        var first = Earliest(nextChange, nextBlock, nextCleaning, nextFigures);
        if (planned.TryPeek(out _, out var due)) first = Earliest(first, due);
        if (Listener is { } listener) first = Earliest(first, listener.NextDue);
        if (first > until) return false;
        if (first > Now) Now = first;
        Listener?.TimePassed(Now);
        if (due == first && planned.Count > 0) Unless(Halted, planned.Dequeue());
        else if (nextChange == first)
        {
            nextChange += TimeSpan.FromSeconds(1 / Math.Max(0.01, flow.Sparse ? Math.Min(4, options.Rate) : options.Rate));
            Unless(Halted || options.Rate <= 0, flow.Change);
        }
        else if (nextBlock == first)
        {
            nextBlock += options.BlockTime;
            Unless(Halted, Commit);
        }
        else if (nextCleaning == first)
        {
            nextCleaning += CleaningTask;
            foreach (var market in Markets) market.Book.Forget(Now);
        }
        else if (nextFigures == first)
        {
            nextFigures += FiguresTask;
            Listener?.FiguresChanged(Markets);
        }
        return true;
    }

    private void Commit()
    {
        Height++;
        BlockAt = Now;
        if (Now >= nextHour)
        {
            Fund();
            nextHour = nextHour.AddHours(1);
        }
        var context = new Block(Height, Now);
        traders.Act(context);
        flow.Commit(context);
        Listener?.BlockCommitted(Height, Now);
        traders.AfterBlock(context);
    }

    private void Fund()
    {
        foreach (var market in Markets)
        {
            var rate = market.NextFundingRate;
            market.FundingIndex += Amount.Trim(rate * market.OraclePrice);
            market.Fundings.Add(new FundingRate(rate, market.OraclePrice, Now, Height));
            foreach (var account in Accounts)
            {
                if (account.PositionIn(market) is not { } position) continue;
                account.Fundings.Add(new FundingPayment(account.Number, market, Amount.Usdc(-position.Size * rate * market.OraclePrice), rate, market.OraclePrice, position.Size, Now, Height));
            }
            market.NextFundingRate = flow.FundingRate();
        }
        foreach (var account in Accounts.Where(a => a.Born))
        {
            account.Pnl.Add(new PnlTick(account.Equity, account.Equity - account.NetTransfers, account.NetTransfers, Now, Height));
        }
    }

    private void Skip(DateTimeOffset time)
    {
        var jump = time - Now - options.BlockTime;
        Now += jump;
        nextChange += jump;
        nextBlock += jump;
        nextCleaning += jump;
        nextFigures += jump;
    }

    private static void Unless(bool not, Action action)
    {
        if (!not) action();
    }

    private static DateTimeOffset Earliest(params ReadOnlySpan<DateTimeOffset> times)
    {
        var first = times[0];
        foreach (var time in times)
        {
            if (time < first) first = time;
        }
        return first;
    }
}

/// <summary>A block while it is made: events get their ids in order.</summary>
internal sealed class Block(long height, DateTimeOffset time)
{
    private int transaction = -1, events;

    public long Height => height;

    public DateTimeOffset Time => time;

    public Dictionary<Market, List<Trade>> Trades { get; } = [];

    /// <summary>The hash of the transaction that is being made.</summary>
    public string Hash => Identity.Transaction(height, transaction);

    public void NextTransaction()
    {
        transaction++;
        events = 0;
    }

    public string NextEvent() => Identity.Event(height, transaction, events++);

    public void Add(Market market, Trade trade)
    {
        if (!Trades.TryGetValue(market, out var trades)) Trades[market] = trades = [];
        trades.Add(trade);
    }
}
