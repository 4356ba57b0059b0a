
using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <remarks>Levers: what tests and the control endpoint make happen at once, beside what the exchange does by itself.</remarks>
public sealed partial class Exchange
{
    /// <summary>A trade of a given id and price, on the tape and in the frames at once.</summary>
    public void Trade(string ticker, string? id, decimal price, decimal size, Side side = Side.Buy)
    {
        lock (Gate) flow.Inject(MarketOf(ticker), id, price, size, side);
    }

    /// <summary>Sets one level of the book, with its frame.</summary>
    public void SetLevel(string ticker, Side side, decimal price, decimal size)
    {
        lock (Gate) Set(MarketOf(ticker), side, price, size, always: true);
    }

    /// <summary>Sets one level of the server's book without any frame: what a frame lost at the source leaves.</summary>
    public void SetLevelSilently(string ticker, Side side, decimal price, decimal size)
    {
        lock (Gate) MarketOf(ticker).Book.Set(side, price, size, Now);
    }

    /// <summary>Moves the price by a fraction (0.05 is up by five per cent); the book follows with its frames.</summary>
    public void MovePrice(string ticker, decimal fraction)
    {
        lock (Gate)
        {
            var market = MarketOf(ticker);
            flow.MoveTo(market, (long)(market.MidTicks * (1 + fraction)));
        }
    }

    /// <summary>Crosses a book by one bid above the best ask, which is taken back after a span; never, if it is null.</summary>
    public void Cross(string ticker, TimeSpan? span)
    {
        lock (Gate) flow.Cross(MarketOf(ticker), span);
    }

    /// <summary>Settles a funding hour now, without any frame.</summary>
    public void FundingHour()
    {
        lock (Gate) Fund();
    }

    /// <summary>Sends USDC to a subaccount, which is born by it if it was not. A silent one has no frame.</summary>
    public void Deposit(string address, int number, decimal usdc, bool silent = false)
    {
        lock (Gate) traders.Deposit(AccountOf(address, number), usdc, silent);
    }

    /// <summary>
    /// Tells, also while nothing moves, that an order was removed which the Indexer never saw, and returns its id: seen at the other end, all that was
    /// told of the account before has arrived too.
    /// </summary>
    public string TellUnseenRemoval(string address, int number)
    {
        lock (Gate) return traders.TellUnseen(AccountOf(address, number));
    }

    /// <summary>Fills an order of an account in the coming block.</summary>
    public void FillSoon(string address, int number, string ticker)
    {
        lock (Gate) traders.FillSoon(AccountOf(address, number), MarketOf(ticker));
    }

    /// <summary>Lists a new market: in updates at once, and refused for subscription until the servers' refresh in 30 s.</summary>
    public void ListMarket(string ticker, decimal price)
    {
        lock (Gate)
        {
            var market = Preload.Prepare(Listing.New(ticker, Markets.Count), price, options, Now);
            foreach (var series in market.Series) series.Candles.Clear();
            listed.Add(market);
            refreshedAt[market] = Now.AddSeconds(30);
            flow.Quote(market);
            Listener?.MarketListed(market);
        }
    }
}
