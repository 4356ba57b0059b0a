using System.Globalization;
using System.Text.Json;
using Tidegate.Simulator.Ledger;

namespace Tidegate.Simulator.Shapes;

/// <summary>Subaccounts, positions, orders, fills and transfers as REST and frames show them; the two differ.</summary>
internal static class AccountShapes
{
    public static void Account(this Utf8JsonWriter json, Subaccount account, long height)
    {
        json.WriteStartObject();
        json.WriteString("address", account.Address);
        json.WriteNumber("subaccountNumber", account.Number);
        json.Amount("equity", account.Equity);
        json.Amount("freeCollateral", account.FreeCollateral);
        json.WriteStartObject("openPerpetualPositions");
        foreach (var position in account.OpenPositions)
        {
            json.WritePropertyName(position.Market.Ticker);
            json.Position(account, position);
        }
        json.WriteEndObject();
        json.WriteStartObject("assetPositions");
        if (account.ShownUsdc != 0)
        {
            json.WritePropertyName("USDC");
            json.Usdc(account);
        }
        json.WriteEndObject();
        json.WriteBoolean("marginEnabled", true);
        json.Number("updatedAtHeight", account.UpdatedAtHeight);
        json.Number("latestProcessedBlockHeight", height);
        json.WriteEndObject();
    }

    public static void Parent(this Utf8JsonWriter json, string address, int parent, List<Subaccount> children, long height)
    {
        json.WriteStartObject();
        json.WriteString("address", address);
        json.WriteNumber("parentSubaccountNumber", parent);
        json.WriteString("equity", Ledger.Amount.SumText(children.Sum(c => c.Equity)));
        json.WriteString("freeCollateral", Ledger.Amount.SumText(children.Sum(c => c.FreeCollateral)));
        json.WriteStartArray("childSubaccounts");
        foreach (var child in children) json.Account(child, height);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A position as REST has it: realized PnL minus fees without funding, funding with what is not yet settled.</summary>
    public static void Position(this Utf8JsonWriter json, Subaccount account, Position position)
    {
        json.WriteStartObject();
        json.WriteString("market", position.Market.Ticker);
        json.Terms(position, position.EntryPrice);
        json.Amount("realizedPnl", position.ClosingPnl - position.Fees);
        json.Amount("unrealizedPnl", position.UnrealizedPnl);
        json.Time("createdAt", position.CreatedAt);
        json.Number("createdAtHeight", position.CreatedAtHeight);
        json.Time("closedAt", position.ClosedAt);
        json.Amount("netFunding", position.SettledFunding + position.UnsettledFunding);
        json.WriteNumber("subaccountNumber", account.Number);
        json.WriteEndObject();
    }

    public static void Usdc(this Utf8JsonWriter json, Subaccount account)
    {
        json.WriteStartObject();
        json.Amount("size", Math.Abs(account.ShownUsdc));
        json.WriteString("symbol", "USDC");
        json.WriteString("side", account.ShownUsdc < 0 ? "SHORT" : "LONG");
        json.WriteString("assetId", "0");
        json.WriteNumber("subaccountNumber", account.Number);
        json.WriteEndObject();
    }

    /// <summary>An order as REST has it.</summary>
    public static void Order(this Utf8JsonWriter json, Order order)
    {
        json.WriteStartObject();
        json.OrderFields(order.Stored ? new OrderShape(order, Ledger.OrderFields.Whole) : new OrderShape(order, Ledger.OrderFields.Placement));
        if (order is { Flags: OrderFlags.Twap, Duration: { } duration, Interval: { } interval, PriceTolerance: { } tolerance })
        {
            json.Number("duration", duration);
            json.Number("interval", interval);
            json.Number("priceTolerance", tolerance);
        }
        json.WriteNumber("subaccountNumber", order.SubaccountNumber);
        json.WriteEndObject();
    }

    public static void Fill(this Utf8JsonWriter json, Fill fill)
    {
        json.WriteStartObject();
        json.WriteString("id", fill.Id);
        json.WriteString("side", fill.Side.Text());
        json.WriteString("liquidity", fill.Liquidity);
        json.WriteString("type", fill.Type);
        json.WriteString("market", fill.Market.Ticker);
        json.WriteString("marketType", "PERPETUAL");
        json.Amount("price", fill.Price);
        json.Amount("size", fill.Size);
        json.Amount("fee", fill.Fee);
        json.WriteString("affiliateRevShare", "0");
        json.Time("createdAt", fill.CreatedAt);
        json.Number("createdAtHeight", fill.Height);
        if (fill.OrderId is { } order) json.WriteString("orderId", order);
        json.WriteString("clientMetadata", "0");
        json.WriteNumber("subaccountNumber", fill.SubaccountNumber);
        json.WriteEndObject();
    }

    /// <summary>A transfer; only REST gives it an id.</summary>
    public static void Transfer(this Utf8JsonWriter json, Transfer transfer, string type, bool id)
    {
        json.WriteStartObject();
        if (id) json.WriteString("id", transfer.Id);
        json.Party("sender", transfer.Sender, transfer.SenderNumber);
        json.Party("recipient", transfer.Recipient, transfer.RecipientNumber);
        json.Amount("size", transfer.Size);
        json.Time("createdAt", transfer.CreatedAt);
        json.Number("createdAtHeight", transfer.Height);
        json.WriteString("symbol", "USDC");
        json.WriteString("type", type);
        json.WriteString("transactionHash", transfer.Hash);
        json.WriteEndObject();
    }

    /// <summary>The contents of one update frame of an account.</summary>
    public static void Change(this Utf8JsonWriter json, Subaccount account, AccountChange change, bool betweenChildren)
    {
        json.WriteStartObject();
        if (change.Positions.Count > 0)
        {
            json.WriteStartArray("perpetualPositions");
            foreach (var position in change.Positions) json.UpdatedPosition(account, position, change.EntryUnknown.Contains(position));
            json.WriteEndArray();
        }
        if (change.Assets) json.UpdatedUsdc(account);
        if (change.Orders.Count > 0)
        {
            json.WriteStartArray("orders");
            foreach (var order in change.Orders)
            {
                json.WriteStartObject();
                json.OrderFields(order);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        if (change.Fills.Count > 0)
        {
            json.WriteStartArray("fills");
            foreach (var fill in change.Fills) json.UpdatedFill(fill);
            json.WriteEndArray();
        }
        if (change.Transfer is { } transfer && !betweenChildren)
        {
            json.WritePropertyName("transfers");
            json.Transfer(transfer, transfer.TypeFor(account.Address, n => n == account.Number), id: false);
        }
        if (change.TradingReward is { } reward)
        {
            json.WriteStartObject("tradingReward");
            json.Amount("tradingReward", reward);
            json.Number("createdAtHeight", change.Height);
            json.WriteEndObject();
        }
        json.Number("blockHeight", change.Height);
        json.WriteEndObject();
    }

    private static void OrderFields(this Utf8JsonWriter json, OrderShape shape)
    {
        var (order, fields) = (shape.Order, shape.Fields);
        json.WriteString("id", order.Id);
        json.WriteString("subaccountId", order.SubaccountId);
        json.WriteString("clientId", order.ClientId);
        json.WriteString("clobPairId", order.Market.ClobPair);
        json.WriteString("orderFlags", ((int)(shape.Flags ?? order.Flags)).ToString(CultureInfo.InvariantCulture));
        json.WriteString("status", shape.Status ?? order.Status);
        json.WriteString("ticker", order.Market.Ticker);
        if (order.RemovalReason is { } reason) json.WriteString("removalReason", reason);
        if (fields == Ledger.OrderFields.Bare) return;
        json.WriteString("side", order.Side.Text());
        json.Amount("size", shape.Size ?? order.Size);
        json.Amount("price", order.Price);
        json.WriteString("type", shape.Type ?? order.Type);
        json.WriteString("timeInForce", order.TimeInForce);
        json.WriteBoolean("postOnly", order.PostOnly);
        json.WriteBoolean("reduceOnly", order.ReduceOnly);
        json.WriteString("clientMetadata", "0");
        if (order.GoodTilBlock is { } block) json.Number("goodTilBlock", block);
        if (order.GoodTilBlockTime is { } time) json.Time("goodTilBlockTime", time);
        if (order.TriggerPrice is { } trigger) json.Amount("triggerPrice", trigger);
        if (fields == Ledger.OrderFields.Removal) json.Amount("totalOptimisticFilled", order.OptimisticFilled);
        if (fields != Ledger.OrderFields.Whole) return;
        json.Amount("totalFilled", order.TotalFilled);
        if (order.UpdatedAt is { } updated) json.Time("updatedAt", updated);
        if (order.UpdatedAtHeight is { } height) json.Number("updatedAtHeight", height);
        if (order.CreatedAtHeight is { } created) json.Number("createdAtHeight", created);
        json.WriteString("orderRouterAddress", "");
    }

    /// <summary>A position as frames have it: realized PnL with settled funding and without fees, settled funding only.</summary>
    private static void UpdatedPosition(this Utf8JsonWriter json, Subaccount account, Position position, bool entryUnknown)
    {
        json.WriteStartObject();
        json.WriteString("address", account.Address);
        json.WriteNumber("subaccountNumber", account.Number);
        json.WriteString("positionId", position.Id);
        json.WriteString("market", position.Market.Ticker);
        json.Terms(position, entryUnknown ? 0 : position.EntryPrice);
        json.Amount("netFunding", position.SettledFunding);
        json.Amount("realizedPnl", position.ClosingPnl + position.SettledFunding);
        json.Amount("unrealizedPnl", position.UnrealizedPnl);
        json.WriteEndObject();
    }

    private static void Terms(this Utf8JsonWriter json, Position position, decimal entryPrice)
    {
        json.WriteString("status", position.Open ? "OPEN" : "CLOSED");
        json.WriteString("side", position.Long ? "LONG" : "SHORT");
        json.Amount("size", position.Size);
        json.Amount("maxSize", position.MaxSize);
        json.Amount("entryPrice", entryPrice);
        json.Amount("exitPrice", position.ExitPrice);
        json.Amount("sumOpen", position.SumOpen);
        json.Amount("sumClose", position.SumClose);
    }

    private static void UpdatedUsdc(this Utf8JsonWriter json, Subaccount account)
    {
        json.WriteStartArray("assetPositions");
        json.WriteStartObject();
        json.WriteString("address", account.Address);
        json.WriteNumber("subaccountNumber", account.Number);
        json.WriteString("positionId", Identity.Of($"asset {account.Id}"));
        json.WriteString("assetId", "0");
        json.WriteString("symbol", "USDC");
        json.WriteString("side", account.Usdc < 0 ? "SHORT" : "LONG");
        json.Amount("size", Math.Abs(account.Usdc));
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void UpdatedFill(this Utf8JsonWriter json, Fill fill)
    {
        json.WriteStartObject();
        json.WriteString("id", fill.Id);
        json.WriteString("subaccountId", fill.SubaccountId);
        json.WriteString("side", fill.Side.Text());
        json.WriteString("liquidity", fill.Liquidity);
        json.WriteString("type", fill.Type);
        json.WriteString("clobPairId", fill.Market.ClobPair);
        json.Amount("size", fill.Size);
        json.Amount("price", fill.Price);
        json.Amount("quoteAmount", fill.Size * fill.Price);
        json.WriteString("eventId", fill.EventId);
        json.WriteString("transactionHash", fill.TransactionHash);
        json.Time("createdAt", fill.CreatedAt);
        json.Number("createdAtHeight", fill.Height);
        if (fill.OrderId is { } order) json.WriteString("orderId", order);
        else json.WriteNull("orderId");
        json.WriteString("ticker", fill.Market.Ticker);
        json.WriteString("clientMetadata", "0");
        json.Amount("fee", fill.Fee);
        json.WriteString("affiliateRevShare", "0");
        json.WriteString("builderFee", "0");
        json.WriteNull("builderAddress");
        json.WriteString("orderRouterAddress", "");
        json.WriteString("orderRouterFee", "0");
        if (fill.PositionSizeBefore == 0) json.WriteNull("positionSideBefore");
        else json.WriteString("positionSideBefore", fill.PositionSizeBefore > 0 ? "LONG" : "SHORT");
        json.Amount("positionSizeBefore", Math.Abs(fill.PositionSizeBefore));
        json.Amount("entryPriceBefore", fill.EntryPriceBefore);
        json.WriteEndObject();
    }

    private static void Party(this Utf8JsonWriter json, string name, string address, int? number)
    {
        json.WriteStartObject(name);
        json.WriteString("address", address);
        if (number is { } some) json.WriteNumber("subaccountNumber", some);
        json.WriteEndObject();
    }
}
