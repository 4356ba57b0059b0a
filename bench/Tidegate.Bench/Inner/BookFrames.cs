using System.Globalization;
using System.Text;

namespace Tidegate.Bench.Inner;

/// <summary>Seeded book frames in today's shape (protocol.md 1): 20 markets with 200 levels a side, most changes near the touch, some of them crossing.</summary>
internal sealed class BookFrames
{
    public const int Markets = 20;
    private const int Depth = 200;
    private const int Seed = 7;
    private const int FramesCrossed = 5;
    private readonly (bool Side, int Left)[] crossing = new (bool, int)[Markets];
    private readonly long[] middles = new long[Markets];
    private readonly Random random = new(Seed);

    private BookFrames()
    {
        for (var market = 0; market < Markets; market++)
        {
            middles[market] = 43_210_0 + (market * 1000);
        }
    }

    /// <summary>The frames, and beside each the market it is for.</summary>
    public required byte[][] Frames { get; init; }

    public required int[] Market { get; init; }

    /// <summary>The <c>subscribed</c> frame of each market.</summary>
    public required byte[][] Snapshots { get; init; }

    public static BookFrames Make(int count, int levels)
    {
        var maker = new BookFrames { Frames = new byte[count][], Market = new int[count], Snapshots = new byte[Markets][] };
        for (var market = 0; market < Markets; market++)
        {
            maker.Snapshots[market] = maker.Snapshot(market);
        }

        for (var i = 0; i < count; i++)
        {
            maker.Market[i] = maker.random.Next(Markets);
            maker.Frames[i] = maker.Frame(maker.Market[i], i, levels);
        }

        return maker;
    }

    public static string Ticker(int market) => string.Create(CultureInfo.InvariantCulture, $"MARKET{market}-USD");

    private byte[] Snapshot(int market)
    {
        var contents = new StringBuilder("{\"bids\":[");
        for (var i = 1; i <= Depth; i++)
        {
            contents.Append(CultureInfo.InvariantCulture, $"{(i > 1 ? "," : "")}{{\"price\":\"{Price(middles[market] - i)}\",\"size\":\"{Size()}\"}}");
        }

        contents.Append("],\"asks\":[");
        for (var i = 1; i <= Depth; i++)
        {
            contents.Append(CultureInfo.InvariantCulture, $"{(i > 1 ? "," : "")}{{\"price\":\"{Price(middles[market] + i)}\",\"size\":\"{Size()}\"}}");
        }

        return Envelope("subscribed", market, 1, contents.Append("]}").ToString());
    }

    private byte[] Frame(int market, int number, int levels)
    {
        var (bids, asks) = (new List<string>(), new List<string>());
        for (var i = 0; i < levels; i++)
        {
            var isBid = random.Next(2) == 0;

            // Near the touch; now and then a level beyond it, which crosses, hides others, and is gone some frames later (protocol.md 3).
            var rank = 1 + (int)(-Math.Log(1 - random.NextDouble()) * 12);
            var size = random.Next(6) == 0 ? "0" : Size();
            if (crossing[market] is var (side, left) && left > 0)
            {
                crossing[market] = (side, left - 1);
                (isBid, rank, size) = left == 1 ? (side, -1, "0") : (isBid, rank, size);
            }
            else if (random.Next(250) == 0)
            {
                crossing[market] = (isBid, FramesCrossed);
                rank = -1;
                size = Size();
            }

            (isBid ? bids : asks).Add($"[\"{Price(middles[market] + (isBid ? -rank : rank))}\",\"{size}\"]");
        }

        var parts = new List<string>();
        if (bids.Count > 0)
        {
            parts.Add($"\"bids\":[{string.Join(',', bids)}]");
        }

        if (asks.Count > 0)
        {
            parts.Add($"\"asks\":[{string.Join(',', asks)}]");
        }

        return Envelope("channel_data", market, number + 2, "{" + string.Join(',', parts) + "}");
    }

    private string Size() => string.Create(CultureInfo.InvariantCulture, $"{random.Next(1, 50)}.{random.Next(1, 10_000):0000}");

    private static string Price(long ticks) => string.Create(CultureInfo.InvariantCulture, $"{ticks / 10}.{ticks % 10}");

    private static byte[] Envelope(string type, int market, int message, string contents) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"type\":\"{type}\",\"connection_id\":\"3d9a2f1c-8b7e-4c1d-9e52-6f0a1b2c3d4e\",\"message_id\":{message},\"id\":\"{Ticker(market)}\",\"channel\":\"v4_orderbook\",\"version\":\"1.0.0\",\"contents\":{contents}}}"));
}
