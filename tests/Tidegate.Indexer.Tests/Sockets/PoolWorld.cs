using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Tests.Sockets;

/// <summary>A pool over fake wires in virtual time, without jitter unless asked for.</summary>
internal sealed class PoolWorld : IAsyncDisposable
{
    public static readonly TopicKey Btc = new(Channel.OrderBook, "BTC-USD");
    public static readonly TopicKey Eth = new(Channel.OrderBook, "ETH-USD");

    public PoolWorld(Func<UpstreamOptions, UpstreamOptions>? with = null, double random = 0.5)
    {
        Net = new FakeNet(Time);
        var options = new UpstreamOptions { Endpoints = [Endpoint("one")] };
        Pool = new SocketPool(with?.Invoke(options) ?? options, Time, NullLogger.Instance, Net.Dial, () => random);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public FakeNet Net { get; }

    public SocketPool Pool { get; }

    public static IndexerEndpoint Endpoint(string host) => new(new Uri($"ws://{host}/v4/ws"), new Uri($"http://{host}/v4"));

    public Recorder Follow(TopicKey topic) => Follow(topic, out _);

    public Recorder Follow(TopicKey topic, out IDisposable following)
    {
        var recorder = new Recorder();
        following = Pool.Follow(topic, recorder);
        return recorder;
    }

    public void Advance(double seconds) => Time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>The seconds between dials, by advancing in steps of 50 ms until so many more were made.</summary>
    public List<double> WaitsOfNextDials(int count)
    {
        var waits = new List<double>();
        var since = 0.0;
        while (waits.Count < count && since < 60)
        {
            var before = Net.Dialled.Count;
            Advance(0.05);
            since += 0.05;
            if (Net.Dialled.Count > before)
            {
                waits.Add(Math.Round(since, 2));
                since = 0;
            }
        }

        return waits;
    }

    public ValueTask DisposeAsync() => Pool.DisposeAsync();
}
