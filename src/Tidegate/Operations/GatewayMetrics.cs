using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace Tidegate.Operations;

/// <summary>What the gateway counts, under the meter <c>Tidegate</c>.</summary>
/// <remarks>
/// Thread-safe, and cheap on the hot path: a count is one interlocked add, read only when somebody scrapes. So nothing is lost
/// before the exporter is there, which is built on the first scrape. Labels come from small fixed sets, never from clients.
/// </remarks>
public sealed class GatewayMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Tidegate";

    /// <summary>The meter, for those who listen in the process.</summary>
    internal Meter Meter { get; } = new(MeterName);

    private readonly ConcurrentDictionary<string, StrongBox<long>> badClientFrames = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, StrongBox<long>> closed = new(StringComparer.Ordinal);
    private long framesSent;
    private long bytesSent;
    private long clients;
    private long subscriptions;

    /// <summary>Makes the instruments.</summary>
    public GatewayMetrics()
    {
        Meter.CreateObservableCounter("tidegate.clients.frames_sent", () => Volatile.Read(ref framesSent), "{frame}", "Frames sent to clients");
        Meter.CreateObservableCounter("tidegate.clients.sent", () => Volatile.Read(ref bytesSent), "By", "Bytes sent to clients");
        Meter.CreateObservableCounter("tidegate.clients.bad_frames", () => Labelled("code", badClientFrames.Select(one => (one.Key, Volatile.Read(ref one.Value.Value)))), "{frame}", "Frames of clients that were answered by an error");
        Meter.CreateObservableCounter("tidegate.clients.closed", () => Labelled("reason", closed.Select(one => (one.Key, Volatile.Read(ref one.Value.Value)))), "{connection}", "Client connections that the gateway closed");
        Meter.CreateObservableGauge("tidegate.clients.connections", () => Volatile.Read(ref clients), "{connection}", "Open client connections");
        Meter.CreateObservableGauge("tidegate.clients.subscriptions", () => Volatile.Read(ref subscriptions), "{subscription}", "Subscriptions of clients");
    }

    /// <summary>Frames went to a client.</summary>
    public void Sent(long frames, long bytes)
    {
        Interlocked.Add(ref framesSent, frames);
        Interlocked.Add(ref bytesSent, bytes);
    }

    /// <summary>A client's frame was answered by an error of this code.</summary>
    public void BadClientFrame(string code) => Interlocked.Increment(ref badClientFrames.GetOrAdd(code, static _ => new StrongBox<long>()).Value);

    /// <summary>A client is closed, for one of the reasons that close frames tell.</summary>
    public void Closing(string reason) => Interlocked.Increment(ref closed.GetOrAdd(reason, static _ => new StrongBox<long>()).Value);

    /// <summary>Connections opened (+) or closed (−).</summary>
    public void ClientsChanged(int by) => Interlocked.Add(ref clients, by);

    /// <summary>Subscriptions began (+) or ended (−).</summary>
    public void SubscriptionsChanged(int by) => Interlocked.Add(ref subscriptions, by);

    /// <summary>Adds a gauge of somebody else's state, such as the height or a queue's length.</summary>
    public void Gauge(string name, string unit, string description, Func<long> value) => Meter.CreateObservableGauge(name, value, unit, description);

    /// <summary>Adds a gauge with one label.</summary>
    public void Gauge(string name, string unit, string description, string label, Func<IEnumerable<(string Label, long Value)>> values) =>
        Meter.CreateObservableGauge(name, () => Labelled(label, values()), unit, description);

    /// <summary>Adds a counter that somebody else keeps; it never falls.</summary>
    public void Counter(string name, string unit, string description, Func<long> value) => Meter.CreateObservableCounter(name, value, unit, description);

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private static IEnumerable<Measurement<long>> Labelled(string label, IEnumerable<(string Label, long Value)> values) =>
        values.Select(one => new Measurement<long>(one.Value, new KeyValuePair<string, object?>(label, one.Label)));
}
