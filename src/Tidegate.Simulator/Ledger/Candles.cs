namespace Tidegate.Simulator.Ledger;

/// <summary>One candle of one series.</summary>
internal sealed class Candle(DateTimeOffset startedAt)
{
    public DateTimeOffset StartedAt { get; } = startedAt;
    public decimal Open { get; set; }
    public decimal High { get; set; }
    public decimal Low { get; set; }
    public decimal Close { get; set; }
    public decimal BaseVolume { get; set; }
    public decimal UsdVolume { get; set; }
    public int Trades { get; set; }
    public decimal StartingOpenInterest { get; set; }
    public decimal? MidOpen { get; set; }
    public decimal? MidClose { get; set; }
}

/// <summary>The candles of one market at one resolution, oldest first.</summary>
internal sealed class CandleSeries(string resolution, TimeSpan length)
{
    /// <summary>The seven series that every market has.</summary>
    public static readonly (string Name, TimeSpan Length)[] Resolutions =
    [
        ("1MIN", TimeSpan.FromMinutes(1)), ("5MINS", TimeSpan.FromMinutes(5)), ("15MINS", TimeSpan.FromMinutes(15)),
        ("30MINS", TimeSpan.FromMinutes(30)), ("1HOUR", TimeSpan.FromHours(1)), ("4HOURS", TimeSpan.FromHours(4)), ("1DAY", TimeSpan.FromDays(1)),
    ];

    public string Resolution => resolution;

    public TimeSpan Length => length;

    public List<Candle> Candles { get; } = [];

    public DateTimeOffset StartOf(DateTimeOffset time) => new(time.UtcTicks - (time.UtcTicks % length.Ticks), TimeSpan.Zero);

    /// <summary>At the first block of an interval: the candle that ends, with its closing mid price, and the empty one that begins.</summary>
    /// <remarks>A series without any candle begins with its first trade.</remarks>
    public (Candle Ended, Candle Begun)? Roll(DateTimeOffset now, decimal mid, decimal openInterest)
    {
        if (Candles.Count == 0 || Candles[^1].StartedAt >= StartOf(now)) return null;
        var ended = Candles[^1];
        ended.MidClose = mid;
        var begun = new Candle(StartOf(now))
        {
            Open = ended.Close,
            High = ended.Close,
            Low = ended.Close,
            Close = ended.Close,
            StartingOpenInterest = openInterest,
            MidOpen = mid,
        };
        Candles.Add(begun);
        return (ended, begun);
    }

    /// <summary>Adds a trade; the first of an interval replaces what the empty candle carried over.</summary>
    public Candle Add(Trade trade, decimal openInterest)
    {
        var start = StartOf(trade.CreatedAt);
        if (Candles.Count == 0 || Candles[^1].StartedAt < start) Candles.Add(new Candle(start) { StartingOpenInterest = openInterest });
        var candle = Candles[^1];
        if (candle.Trades == 0) candle.Open = candle.High = candle.Low = trade.Price;
        candle.High = Math.Max(candle.High, trade.Price);
        candle.Low = Math.Min(candle.Low, trade.Price);
        candle.Close = trade.Price;
        candle.BaseVolume += trade.Size;
        candle.UsdVolume += trade.Size * trade.Price;
        candle.Trades++;
        return candle;
    }
}
