using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;
using Tidegate.Endpoints;
using Tidegate.Indexer.Feeds;
using Tidegate.Operations;

namespace Tidegate.Tests.Operations;

public sealed class TruthGaugesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_channel_is_as_good_as_the_worst_of_its_topics()
    {
        var time = new FakeTimeProvider(Start);
        time.Advance(TimeSpan.FromSeconds(60));
        var seen = Read(
            time,
            new FeedTruth("v4_orderbook", true, At(30), At(59), true, TimeSpan.FromSeconds(31), CheckResult.Repaired),
            new FeedTruth("v4_orderbook", true, At(10), At(58), false, TimeSpan.FromSeconds(45), CheckResult.Failed),
            new FeedTruth("v4_orderbook", true, At(40), At(20), true),
            new FeedTruth("v4_trades", true, At(55), At(60), true));
        Assert.Equal(
            [
                "tidegate.feeds.check_age v4_orderbook 50000", "tidegate.feeds.check_age v4_trades 5000",
                "tidegate.feeds.check_failed v4_orderbook 1", "tidegate.feeds.check_failed v4_trades 0", "tidegate.feeds.check_interval v4_orderbook 45000",
                "tidegate.feeds.event_age v4_orderbook 40000", "tidegate.feeds.event_age v4_trades 0",
                "tidegate.feeds.incomplete v4_orderbook 1", "tidegate.feeds.incomplete v4_trades 0",
                "tidegate.feeds.unchecked v4_orderbook 0", "tidegate.feeds.unchecked v4_trades 0",
            ],
            seen);
    }

    [Fact]
    public void What_was_never_compared_is_counted_and_hides_behind_no_other_topics_age()
    {
        var time = new FakeTimeProvider(Start);
        time.Advance(TimeSpan.FromSeconds(60));
        var seen = Read(
            time,
            new FeedTruth("v4_candles", true, null, null, true),
            new FeedTruth("v4_candles", true, At(59), null, true),
            new FeedTruth("v4_markets", false, null, At(58), true));
        Assert.Equal(
            [
                "tidegate.feeds.check_age v4_candles 1000", "tidegate.feeds.check_failed v4_candles 0", "tidegate.feeds.event_age v4_markets 2000",
                "tidegate.feeds.incomplete v4_candles 0", "tidegate.feeds.incomplete v4_markets 0", "tidegate.feeds.unchecked v4_candles 1",
            ],
            seen);
    }

    [Fact]
    public async Task The_feeds_of_a_gateway_say_when_they_were_compared()
    {
        await using var world = await Topics.HubWorld.StartAsync();
        var reader = world.Join("v4_subaccounts");
        await Topics.HubWorld.UntilAsync(() => FeedTruth.Of(reader.Reader.Topic.Output.Feed).CheckedAt is not null, "compared");
        var truth = FeedTruth.Of(reader.Reader.Topic.Output.Feed);
        Assert.Equal(("v4_subaccounts", true), (truth.Channel, truth.IsCompared));
    }

    private static DateTimeOffset At(int second) => Start.AddSeconds(second);

    private static List<string> Read(TimeProvider time, params FeedTruth[] feeds)
    {
        using var metrics = new GatewayMetrics();
        TruthGauges.Add(metrics, () => feeds, time);
        var seen = new List<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (i, l) =>
            {
                if (i.Meter == metrics.Meter && i.Name.StartsWith("tidegate.feeds.", StringComparison.Ordinal))
                {
                    l.EnableMeasurementEvents(i);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => seen.Add($"{i.Name} {Assert.Single(tags.ToArray()).Value} {value}"));
        listener.Start();
        listener.RecordObservableInstruments();
        return [.. seen.Order(StringComparer.Ordinal)];
    }
}
