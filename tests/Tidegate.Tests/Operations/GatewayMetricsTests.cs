using System.Diagnostics.Metrics;
using Tidegate.Operations;

namespace Tidegate.Tests.Operations;

public sealed class GatewayMetricsTests
{
    [Fact]
    public void What_was_counted_before_anybody_listened_is_told_to_the_first_who_does()
    {
        using var metrics = new GatewayMetrics();
        metrics.UpstreamReceived(3, 300);
        metrics.UpstreamDropped("not-json");
        metrics.RestRequested("orders", 429);
        metrics.RestRequested("orders", 429);
        metrics.ClientsChanged(2);
        metrics.ClientsChanged(-1);
        metrics.Gauge("tidegate.chain.height", "{block}", "Height", () => 77);

        var seen = Read(metrics);
        Assert.Equal(3, seen["tidegate.upstream.frames"]);
        Assert.Equal(300, seen["tidegate.upstream.received"]);
        Assert.Equal(1, seen["tidegate.upstream.dropped_frames cause=not-json"]);
        Assert.Equal(2, seen["tidegate.rest.requests bucket=orders status=429"]);
        Assert.Equal(1, seen["tidegate.clients.connections"]);
        Assert.Equal(77, seen["tidegate.chain.height"]);
    }

    private static Dictionary<string, long> Read(GatewayMetrics of)
    {
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener { InstrumentPublished = (i, l) => { if (i.Meter == of.Meter) { l.EnableMeasurementEvents(i); } } };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => seen[string.Join(' ', [i.Name, .. tags.ToArray().Select(t => $"{t.Key}={t.Value}")])] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;
    }
}
