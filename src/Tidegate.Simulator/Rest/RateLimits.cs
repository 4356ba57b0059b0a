namespace Tidegate.Simulator.Rest;

/// <summary>What one request did to its bucket.</summary>
internal readonly record struct Allowance(bool Granted, int Limit, int Remaining, DateTimeOffset Reset);

/// <summary>The limits of REST: per address and bucket, fixed windows of 10 s from the first request (protocol.md 4).</summary>
internal sealed class RateLimits(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private readonly Lock gate = new();
    private readonly Dictionary<(string Address, string Bucket), (DateTimeOffset Reset, int Used)> used = [];

    /// <summary>The bucket of a path; null where nothing counts.</summary>
    public static (string Name, int Limit)? BucketOf(string[] path) => path switch
    {
        ["orders", "parentSubaccountNumber"] => ("orders", 100),
        ["orders", _] => null,
        ["orders"] => ("orders", 100),
        ["candles", ..] => ("candles", 1000),
        ["fills", ..] or ["tradeHistory", ..] => ("fills", 100),
        ["sparklines"] => ("sparklines", 100),
        ["historical-pnl", ..] => ("historical-pnl", 100),
        ["pnl", ..] => ("pnl", 100),
        ["fundingPayments", ..] => ("fundingPayments", 100),
        _ => ("default", 100),
    };

    public Allowance Take(string address, string bucket, int limit)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            var state = used.GetValueOrDefault((address, bucket));
            if (now >= state.Reset) state = (now + Window, 0);
            state.Used++;
            used[(address, bucket)] = state;
            return new Allowance(state.Used <= limit, limit, Math.Max(0, limit - state.Used), state.Reset);
        }
    }
}
