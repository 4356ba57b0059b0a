using System.Text.Json;
using Tidegate.Simulator.Control;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Shapes;
using Tidegate.Simulator.Trading;

namespace Tidegate.Simulator.Protocol;

/// <summary>Turns what the exchange did into frames, late, lost and doubled as told. Called under the exchange's lock.</summary>
internal sealed class Publisher(Topics topics, Faults faults, SimulatorOptions options, Replica replica) : ILedgerListener
{
    private readonly Random random = new(options.Seed + 31);
    private readonly PriorityQueue<(string Channel, string Id, Update Update), (DateTimeOffset Due, long Order)> waiting = new();
    private readonly Dictionary<Market, (int Trades, decimal Volume, decimal Change, decimal Interest, decimal Rate)> told = [];
    private DateTimeOffset now, nextFlush;
    private bool blockLost;
    private long sent;

    public DateTimeOffset NextDue => waiting.TryPeek(out _, out var first) && first.Due < nextFlush ? first.Due : nextFlush;

    public void TimePassed(DateTimeOffset at)
    {
        now = at;
        while (waiting.TryPeek(out var next, out var first) && first.Due <= at)
        {
            waiting.Dequeue();
            topics.Publish(next.Channel, next.Id, next.Update);
        }
        if (at < nextFlush) return;
        topics.Flush();
        nextFlush = at + options.BatchInterval;
    }

    public void LevelChanged(Market market, Side side, decimal price, decimal size) => Publish(Channels.Orderbook, market.Ticker, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray(side == Side.Buy ? "bids" : "asks");
        json.WriteStartArray();
        json.WriteStringValue(Amount.Text(price));
        json.WriteStringValue(Amount.Text(size));
        json.WriteEndArray();
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public void Traded(Market market, IReadOnlyList<Trade> trades) => Publish(Channels.Trades, market.Ticker, onChain: true, contents: json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("trades");
        foreach (var trade in trades) json.Trade(trade, height: true);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public void CandleChanged(Market market, CandleSeries series, Candle candle) =>
        Publish(Channels.Candles, $"{market.Ticker}/{series.Resolution}", json => json.Candle(market.Ticker, series.Resolution, candle), onChain: true);

    public void AccountChanged(Subaccount account, AccountChange change)
    {
        var late = change.Orders.Count > 0 ? faults.StatusDelay : TimeSpan.Zero;
        Publish(Channels.Subaccounts, account.Topic, json => json.Change(account, change, betweenChildren: false), change.OnChain, late);
        var parent = account.Number % Subaccount.Parents;
        var transfer = change.Transfer;
        // On the parent channel a transfer between two of its children arrives as a frame with blockHeight only.
        var between = transfer is not null && transfer.Sender == transfer.Recipient
            && transfer.SenderNumber % Subaccount.Parents == parent && transfer.RecipientNumber % Subaccount.Parents == parent;
        Publish(Channels.ParentSubaccounts, $"{account.Address}/{parent}", json => json.Change(account, change, between), change.OnChain, late, account.Number);
    }

    public void OraclePriceChanged(Market market, long height) => Publish(Channels.Markets, Channels.Markets, onChain: true, contents: json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("oraclePrices");
        json.WriteStartObject(market.Ticker);
        json.Amount("oraclePrice", market.OraclePrice);
        json.Time("effectiveAt", now);
        json.Number("effectiveAtHeight", height);
        json.WriteNumber("marketId", market.ClobPairId);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public void FiguresChanged(IReadOnlyList<Market> markets)
    {
        Publish(Channels.Markets, Channels.Markets, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("trading");
            foreach (var market in markets) Figures(json, market);
            json.WriteEndObject();
            json.WriteEndObject();
        });
        foreach (var market in markets)
        {
            told[market] = (market.Trades24H, market.Volume24H, market.OraclePrice - market.PriceDayAgo, market.OpenInterest, market.NextFundingRate);
        }
    }

    public void MarketListed(Market market) => Publish(Channels.Markets, Channels.Markets, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("trading");
        json.Market(market, withId: true);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public void BlockCommitted(long height, DateTimeOffset time)
    {
        replica.Record(height, time);
        Publish(Channels.BlockHeight, Channels.BlockHeight, json =>
        {
            json.WriteStartObject();
            json.Number("blockHeight", height);
            json.Time("time", time);
            json.WriteEndObject();
        });
        blockLost = random.NextDouble() < options.LossProbability;
    }

    private void Figures(Utf8JsonWriter json, Market market)
    {
        var last = told.GetValueOrDefault(market, (-1, -1, decimal.MinValue, -1, decimal.MinValue));
        json.WriteStartObject(market.Ticker);
        if (last.Item1 != market.Trades24H) json.WriteNumber("trades24H", market.Trades24H);
        if (last.Item2 != market.Volume24H) json.Amount("volume24H", market.Volume24H);
        if (last.Item3 != market.OraclePrice - market.PriceDayAgo) json.Amount("priceChange24H", market.OraclePrice - market.PriceDayAgo);
        if (last.Item4 != market.OpenInterest) json.Amount("openInterest", market.OpenInterest);
        if (last.Item5 != market.NextFundingRate) json.Amount("nextFundingRate", market.NextFundingRate);
        json.WriteEndObject();
    }

    private void Publish(string channel, string id, Action<Utf8JsonWriter> contents, bool onChain = false, TimeSpan late = default, int? child = null)
    {
        if (!topics.Wanted(channel, id)) return;
        if ((onChain && blockLost) || faults.TakeLoss(channel)) return;
        var update = new Update(channel, id, child, Json.Of(contents));
        var delay = late + (onChain ? options.PublishDelay : TimeSpan.Zero);
        var times = faults.TakeRepeat(channel) || (options.RepeatProbability > 0 && random.NextDouble() < options.RepeatProbability) ? 2 : 1;
        for (var i = 0; i < times; i++)
        {
            // A doubled frame comes again later, as from a broker's redelivery.
            var due = delay + (i * TimeSpan.FromMilliseconds(300));
            if (due == TimeSpan.Zero) topics.Publish(channel, id, update);
            else waiting.Enqueue((channel, id, update), (now + due, sent++));
        }
    }
}
