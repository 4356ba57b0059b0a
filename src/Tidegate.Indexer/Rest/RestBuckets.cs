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

    private static readonly string[] Own = ["sparklines", "historical-pnl", "pnl", "fundingPayments"];

    internal static IEnumerable<string> All => [Default, Candles, Orders, SingleOrder, Fills, .. Own];

    /// <summary>The bucket that a path below the base draws from.</summary>
    public static string Of(string pathAndQuery)
    {
        var path = pathAndQuery.AsSpan().TrimStart('/');
        path = path[..(path.IndexOf('?') is var query and >= 0 ? query : path.Length)];
        var slash = path.IndexOf('/');
        var first = slash < 0 ? path : path[..slash];
        var rest = slash < 0 ? default : path[(slash + 1)..];
        switch (first)
        {
            case "candles":
                return Candles;
            case "orders":
                return rest.IsEmpty || rest.SequenceEqual("parentSubaccountNumber") ? Orders : SingleOrder;
            case "fills" or "tradeHistory":
                return Fills;
            default:
                foreach (var own in Own)
                {
                    if (first.SequenceEqual(own))
                    {
                        return own;
                    }
                }

                return Default;
        }
    }

    internal static int LimitOf(string bucket) => bucket switch
    {
        Candles => 1000,
        SingleOrder => 50,
        _ => 100,
    };
}
