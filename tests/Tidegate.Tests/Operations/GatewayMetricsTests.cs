using System.Diagnostics.Metrics;
using Tidegate.Operations;

namespace Tidegate.Tests.Operations;

public sealed class GatewayMetricsTests
{
    [Fact]
    public void What_was_counted_before_anybody_listened_is_told_to_the_first_who_does()
    {
        using var metrics = new GatewayMetrics();
        metrics.Sent(3, 300);
        metrics.BadClientFrame("bad-json");
        metrics.BadClientFrame("bad-json");
        metrics.Counter("tidegate.upstream.reconnects", "{reconnect}", "Reconnects", () => 5);
        metrics.Gauge("tidegate.topics", "{topic}", "Topics", "mode", () => [("streaming", 4), ("polling", 1)]);
        metrics.ClientsChanged(2);
        metrics.ClientsChanged(-1);
        metrics.Gauge("tidegate.chain.height", "{block}", "Height", () => 77);

        var seen = Read(metrics);
        Assert.Equal(3, seen["tidegate.clients.frames_sent"]);
        Assert.Equal(300, seen["tidegate.clients.sent"]);
        Assert.Equal(2, seen["tidegate.clients.bad_frames code=bad-json"]);
        Assert.Equal(5, seen["tidegate.upstream.reconnects"]);
        Assert.Equal(4, seen["tidegate.topics mode=streaming"]);
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
