using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Tests.Ledger;

public class BookTests
{
    private static readonly DateTimeOffset Zero = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Rest_drops_the_ask_when_the_touching_bid_is_newer()
    {
        var book = With((Side.Sell, 99.5m, 9, 0), (Side.Buy, 100, 1, 2));
        var (bids, asks) = book.Read();
        Assert.Equal([100m], bids.Select(l => l.Price));
        Assert.Empty(asks);
    }

    [Fact]
    public void Rest_drops_the_ask_when_the_touching_bid_is_larger_though_older()
    {
        var (bids, asks) = With((Side.Buy, 100, 5, 0), (Side.Sell, 99.5m, 1, 2)).Read();
        Assert.Equal([100m], bids.Select(l => l.Price));
        Assert.Empty(asks);
    }

    [Fact]
    public void Rest_drops_the_bid_when_it_is_neither()
    {
        var (bids, asks) = With((Side.Buy, 100, 1, 0), (Side.Sell, 99.5m, 1, 2)).Read();
        Assert.Empty(bids);
        Assert.Equal([99.5m], asks.Select(l => l.Price));
    }

    [Fact]
    public void The_truth_shows_the_newer_of_two_touching_levels()
    {
        var book = With((Side.Buy, 100, 5, 0), (Side.Sell, 99.5m, 1, 2));
        Assert.Empty(book.NewerShows().Bids);
        Assert.Equal(99.5m, book.NewerShows().Asks[0].Price);
    }

    [Fact]
    public void Crossed_levels_are_forgotten_ten_seconds_after_they_were_touched()
    {
        var book = With((Side.Buy, 100, 5, 0), (Side.Sell, 99.5m, 1, 2));
        Assert.Equal(0, book.Forget(Zero.AddSeconds(10)));
        Assert.Equal(1, book.Forget(Zero.AddSeconds(10.5)));
        Assert.Empty(book.Bids);
        Assert.Single(book.Asks);
    }

    [Fact]
    public void Of_equal_age_the_bid_is_forgotten()
    {
        var book = With((Side.Sell, 99, 5, 0), (Side.Buy, 100, 5, 0));
        book.Forget(Zero.AddSeconds(11));
        Assert.Empty(book.Bids);
    }

    [Fact]
    public void Rest_shows_a_hundred_levels_and_the_truth_all()
    {
        var book = new Book();
        for (var i = 1; i <= 150; i++)
        {
            book.Set(Side.Buy, 1_000 - i, 1, Zero);
            book.Set(Side.Sell, 1_000 + i, 1, Zero);
        }
        Assert.Equal((100, 100), (book.Read().Bids.Count, book.Read().Asks.Count));
        Assert.Equal((150, 150), (book.NewerShows().Bids.Count, book.NewerShows().Asks.Count));
    }

    private static Book With(params (Side Side, decimal Price, decimal Size, int Second)[] levels)
    {
        var book = new Book();
        foreach (var (side, price, size, second) in levels) book.Set(side, price, size, Zero.AddSeconds(second));
        return book;
    }
}
