namespace Tidegate.Indexer.Rest;

/// <summary>The server's limits per IP and window of 10 s, by path (protocol.md 4, rate limits).</summary>
public static class RestBuckets
{
    /// <summary>All paths without a bucket of their own.</summary>
    public const string Default = "default";

    /// <summary><c>/candles</c>.</summary>
    public const string Candles = "candles";

    /// <summary><c>/orders</c> lists.</summary>
    public const string Orders = "orders";

    /// <summary><c>/orders/{id}</c>: the server has no limit; we keep one all the same.</summary>
    public const string SingleOrder = "order";

    /// <summary><c>/fills</c> and <c>/tradeHistory</c>.</summary>
    public const string Fills = "fills";

    /// <summary>The server's fixed window of 10 s, and a little for what the network shifts.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10.25);

    private static readonly string[] Own = ["sparklines", "historical-pnl", "pnl", "fundingPayments"];

    internal static IEnumerable<string> All => [Default, Candles, Orders, SingleOrder, Fills, .. Own];

    /// <summary>The bucket that a path below the base draws from.</summary>
    public static string Of(string pathAndQuery)
    {
        var path = pathAndQuery.AsSpan();
        path = path[..(path.IndexOf('?') is var query and >= 0 ? query : path.Length)].Trim('/');
        var slash = path.IndexOf('/');
        var first = slash < 0 ? path : path[..slash];
        var rest = slash < 0 ? default : path[(slash + 1)..];
        if (Is(first, "candles"))
        {
            return Candles;
        }

        if (Is(first, "orders"))
        {
            return rest.IsEmpty || Is(rest, "parentSubaccountNumber") ? Orders : SingleOrder;
        }

        if (Is(first, "fills") || Is(first, "tradeHistory"))
        {
            return Fills;
        }

        foreach (var own in Own)
        {
            if (Is(first, own))
            {
                return own;
            }
        }

        return Default;

        // The server's routes know no case and no last slash.
        static bool Is(ReadOnlySpan<char> given, string name) => given.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>How many requests of a bucket the server answers in a window of 10 s; of one that it does not limit, what we keep to.</summary>
    public static int LimitOf(string bucket) => bucket switch
    {
        Candles => 1000,
        SingleOrder => 200, // after a loss an account may have many orders to be asked for, and its comparison waits for them
        _ => 100,
    };
}
