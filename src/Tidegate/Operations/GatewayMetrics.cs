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

    private readonly Labelled dropped;
    private readonly Labelled rest;
    private readonly Labelled badClientFrames;
    private readonly Labelled events;
    private long upstreamFrames;
    private long upstreamBytes;
    private long reconnects;
    private long framesSent;
    private long bytesSent;
    private long clients;
    private long subscriptions;

    /// <summary>The meter, for those who listen in the process.</summary>
    internal Meter Meter { get; } = new(MeterName);

    /// <summary>Makes the instruments.</summary>
    public GatewayMetrics()
    {
        Meter.CreateObservableCounter("tidegate.upstream.frames", () => Volatile.Read(ref upstreamFrames), "{frame}", "Frames received from the Indexer");
        Meter.CreateObservableCounter("tidegate.upstream.received", () => Volatile.Read(ref upstreamBytes), "By", "Bytes received from the Indexer");
        dropped = new Labelled(Meter, "tidegate.upstream.dropped_frames", "{frame}", "Frames of the Indexer that could not be used", "cause");
        Meter.CreateObservableCounter("tidegate.upstream.reconnects", () => Volatile.Read(ref reconnects), "{reconnect}", "Losses from which an upstream socket came back");
        rest = new Labelled(Meter, "tidegate.rest.requests", "{request}", "REST requests to the Indexer", "bucket", "status");
        events = new Labelled(Meter, "tidegate.events", "{event}", "Events told, by how they were learned", "source");
        Meter.CreateObservableCounter("tidegate.clients.frames_sent", () => Volatile.Read(ref framesSent), "{frame}", "Frames sent to clients");
        Meter.CreateObservableCounter("tidegate.clients.sent", () => Volatile.Read(ref bytesSent), "By", "Bytes sent to clients");
        badClientFrames = new Labelled(Meter, "tidegate.clients.bad_frames", "{frame}", "Frames of clients that were answered by an error", "code");
        Meter.CreateObservableGauge("tidegate.clients.connections", () => Volatile.Read(ref clients), "{connection}", "Open client connections");
        Meter.CreateObservableGauge("tidegate.clients.subscriptions", () => Volatile.Read(ref subscriptions), "{subscription}", "Subscriptions of clients");
    }

    /// <summary>Frames came from the Indexer.</summary>
    public void UpstreamReceived(long frames, long bytes)
    {
        Interlocked.Add(ref upstreamFrames, frames);
        Interlocked.Add(ref upstreamBytes, bytes);
    }

    /// <summary>A frame of the Indexer was dropped: <c>not-json</c>, <c>unknown-channel</c> and the like.</summary>
    public void UpstreamDropped(string cause) => dropped.Add(1, cause, "");

    /// <summary>An upstream socket came back.</summary>
    public void Reconnected() => Interlocked.Increment(ref reconnects);

    /// <summary>A REST request was answered, status 0 when there was no answer.</summary>
    public void RestRequested(string bucket, int status) => rest.Add(1, bucket, status.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Events were told: <c>stream</c>, <c>backfill</c>, <c>poll</c>, <c>repair</c>.</summary>
    public void EventsTold(string source, long count) => events.Add(count, source, "");

    /// <summary>Frames went to a client.</summary>
    public void Sent(long frames, long bytes)
    {
        Interlocked.Add(ref framesSent, frames);
        Interlocked.Add(ref bytesSent, bytes);
    }

    /// <summary>A client's frame was answered by an error of this code.</summary>
    public void BadClientFrame(string code) => badClientFrames.Add(1, code, "");

    /// <summary>Connections opened (+) or closed (−).</summary>
    public void ClientsChanged(int by) => Interlocked.Add(ref clients, by);

    /// <summary>Subscriptions began (+) or ended (−).</summary>
    public void SubscriptionsChanged(int by) => Interlocked.Add(ref subscriptions, by);

    /// <summary>Adds a gauge of somebody else's state, such as the height or a queue's length.</summary>
    public void Gauge(string name, string unit, string description, Func<long> value) => Meter.CreateObservableGauge(name, value, unit, description);

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private sealed class Labelled
    {
        private readonly ConcurrentDictionary<(string, string), StrongBox<long>> counts = new();

        public Labelled(Meter meter, string name, string unit, string description, string firstLabel, string? secondLabel = null)
        {
            meter.CreateObservableCounter(name, () => counts.Select(c => new Measurement<long>(Volatile.Read(ref c.Value.Value), Tags(c.Key))), unit, description);

            KeyValuePair<string, object?>[] Tags((string First, string Second) labels) => secondLabel is null
                ? [new(firstLabel, labels.First)]
                : [new(firstLabel, labels.First), new(secondLabel, labels.Second)];
        }

        public void Add(long count, string first, string second) =>
            Interlocked.Add(ref counts.GetOrAdd((first, second), static _ => new StrongBox<long>()).Value, count);
    }
}
