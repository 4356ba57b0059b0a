namespace Tidegate.Simulator.Ledger;

/// <summary>The side of an order, a trade or a book.</summary>
public enum Side
{
    /// <summary>Bids, and takers who buy.</summary>
    Buy,

    /// <summary>Asks, and takers who sell.</summary>
    Sell,
}

/// <summary>One price of one side: its absolute size, when the server last touched it, and in which order.</summary>
internal readonly record struct Level(decimal Price, decimal Size, DateTimeOffset Touched, long Sequence);

/// <summary>The server's book of one market, crossed levels included, best first on both sides.</summary>
/// <remarks>Owned by the exchange, which serialises access. Prices in quote per base, sizes in base units.</remarks>
internal sealed class Book
{
    /// <summary>Levels that REST shows of each side.</summary>
    public const int Horizon = 100;

    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(10);
    private long sequence;

    public List<Level> Bids { get; } = [];

    public List<Level> Asks { get; } = [];

    public List<Level> Of(Side side) => side == Side.Buy ? Bids : Asks;

    /// <summary>Sets the absolute size at a price; zero removes the level. Says whether anything differs.</summary>
    public bool Set(Side side, decimal price, decimal size, DateTimeOffset now)
    {
        var levels = Of(side);
        var at = Find(levels, side, price);
        if (at >= 0)
        {
            if (size == 0) levels.RemoveAt(at);
            else levels[at] = new Level(price, size, now, ++sequence);
            return true;
        }
        if (size == 0) return false;
        levels.Insert(~at, new Level(price, size, now, ++sequence));
        return true;
    }

    public decimal SizeAt(Side side, decimal price)
    {
        var at = Find(Of(side), side, price);
        return at >= 0 ? Of(side)[at].Size : 0;
    }

    /// <summary>The book as REST reads it: uncrossed by age in whole seconds and size, cut to 100 levels (protocol.md 3a).</summary>
    public (List<Level> Bids, List<Level> Asks) Read() =>
        Uncrossed(static (bid, ask) => Seconds(bid) > Seconds(ask) || bid.Size > ask.Size, Horizon);

    /// <summary>The whole book with the newer of two touching levels shown: what a right keeper serves.</summary>
    public (List<Level> Bids, List<Level> Asks) NewerShows() => Uncrossed(static (bid, ask) => bid.Sequence > ask.Sequence, int.MaxValue);

    /// <summary>The task of every 15 s: crossed levels that nobody touched for 10 s go, the older first, of equal age the bid.</summary>
    public int Forget(DateTimeOffset now)
    {
        var gone = 0;
        int bid = 0, ask = 0;
        while (bid < Bids.Count && ask < Asks.Count && Bids[bid].Price >= Asks[ask].Price)
        {
            var askIsOlder = Seconds(Asks[ask]) < Seconds(Bids[bid]);
            var (levels, at) = askIsOlder ? (Asks, ask) : (Bids, bid);
            if (now - levels[at].Touched > Forgotten)
            {
                levels.RemoveAt(at);
                gone++;
            }
            else if (askIsOlder) ask++;
            else bid++;
        }
        return gone;
    }

    public Book Copy()
    {
        var copy = new Book { sequence = sequence };
        copy.Bids.AddRange(Bids);
        copy.Asks.AddRange(Asks);
        return copy;
    }

    private static long Seconds(Level level) => level.Touched.ToUnixTimeSeconds();

    private static int Find(List<Level> levels, Side side, decimal price)
    {
        int low = 0, high = levels.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >> 1;
            var order = side == Side.Buy ? price.CompareTo(levels[middle].Price) : levels[middle].Price.CompareTo(price);
            if (order == 0) return middle;
            if (order > 0) high = middle - 1;
            else low = middle + 1;
        }
        return ~low;
    }

    private (List<Level> Bids, List<Level> Asks) Uncrossed(Func<Level, Level, bool> bidStays, int depth)
    {
        int bid = 0, ask = 0;
        while (bid < Bids.Count && ask < Asks.Count && Bids[bid].Price >= Asks[ask].Price)
        {
            if (bidStays(Bids[bid], Asks[ask])) ask++;
            else bid++;
        }
        return (Bids.GetRange(bid, Math.Min(depth, Bids.Count - bid)), Asks.GetRange(ask, Math.Min(depth, Asks.Count - ask)));
    }
}
