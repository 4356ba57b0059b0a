using System.Globalization;
using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Trading;

/// <remarks>Forms: what a new order of each kind looks like, its id and its price.</remarks>
internal sealed partial class Orders
{
    private int client = 1000;

    private Order ShortTerm(Subaccount account, Market market, Side side, decimal size, decimal price, string timeInForce, string clientId) => new()
    {
        Id = IdOf(account, clientId, market, OrderFlags.ShortTerm),
        SubaccountId = account.Id,
        SubaccountNumber = account.Number,
        ClientId = clientId,
        Market = market,
        Side = side,
        Size = size,
        Price = price,
        Flags = OrderFlags.ShortTerm,
        TimeInForce = timeInForce,
        PostOnly = timeInForce == "GTT",
        GoodTilBlock = exchange.Height + ShortLife,
        PlacedAtHeight = exchange.Height,
        Status = "BEST_EFFORT_OPENED",
    };

    /// <summary>Off chain, the removal of an order that the Indexer never saw and that the ledger does not keep. Returns its id.</summary>
    public string TellUnseen(Subaccount account, Market market)
    {
        var order = ShortTerm(account, market, Side.Buy, market.StepSize, market.Mid, "GTT", NextClient());
        (order.Status, order.RemovalReason) = ("CANCELED", "ORDER_REMOVAL_REASON_UNDERCOLLATERALIZED");
        exchange.Listener?.AccountChanged(account, new AccountChange { Orders = [new OrderShape(order, OrderFields.Bare)], Height = exchange.Height });
        return order.Id;
    }

    private Order Stateful(Block block, Subaccount account, Market market, Side side, decimal size, decimal price, OrderFlags flags)
    {
        var clientId = NextClient();
        return new Order
        {
            Id = IdOf(account, clientId, market, flags),
            SubaccountId = account.Id,
            SubaccountNumber = account.Number,
            ClientId = clientId,
            Market = market,
            Side = side,
            Size = size,
            Price = price,
            Flags = flags,
            GoodTilBlockTime = new DateTimeOffset(block.Time.UtcTicks - (block.Time.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero).AddDays(28),
            PlacedAtHeight = block.Height,
            Stored = true,
        };
    }

    private static string IdOf(Subaccount account, string client, Market market, OrderFlags flags) =>
        Identity.Of(string.Create(CultureInfo.InvariantCulture, $"order {account.Id} {client} {market.ClobPairId} {(int)flags}"));

    private string NextClient() => (++client).ToString(CultureInfo.InvariantCulture);

    private decimal AcrossTheBook(Market market, Side side) => Amount.Trim((market.MidTicks + ((side == Side.Buy ? 1 : -1) * random.Next(3, 40) * market.Grid)) * market.TickSize);

    private decimal Behind(Market market, Side side) => Amount.Trim((market.MidTicks - ((side == Side.Buy ? 1 : -1) * random.Next(1, 9) * market.Grid)) * market.TickSize);

    private decimal FarBehind(Market market, Side side) => Amount.Trim((market.MidTicks - ((side == Side.Buy ? 1 : -1) * random.Next(10, 200) * market.Grid)) * market.TickSize);
}
