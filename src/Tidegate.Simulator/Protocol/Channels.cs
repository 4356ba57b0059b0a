namespace Tidegate.Simulator.Protocol;

/// <summary>The seven channels: versions, limits, and what their topics are called.</summary>
internal static class Channels
{
    public const string Subaccounts = "v4_subaccounts";
    public const string ParentSubaccounts = "v4_parent_subaccounts";
    public const string Orderbook = "v4_orderbook";
    public const string Trades = "v4_trades";
    public const string Candles = "v4_candles";
    public const string Markets = "v4_markets";
    public const string BlockHeight = "v4_block_height";

    /// <summary>Subscriptions that one connection may hold, in flight ones included; null for an unknown channel.</summary>
    public static int? Limit(string channel) => channel switch
    {
        Subaccounts or ParentSubaccounts => 256,
        Orderbook or Trades or Candles or Markets => 32,
        BlockHeight => 1,
        _ => null,
    };

    public static string Version(string channel) => channel switch
    {
        Subaccounts or ParentSubaccounts => "3.0.0",
        Trades => "2.1.0",
        _ => "1.0.0",
    };

    public static bool NeedsId(string channel) => channel is not (Markets or BlockHeight);

    public static bool IsAccount(string channel) => channel is Subaccounts or ParentSubaccounts;

    /// <summary>The id that frames of a topic carry: v4_markets has none unless one was sent.</summary>
    public static string? ShownId(string channel, string id) => channel == Markets && id == Markets ? null : id;
}
