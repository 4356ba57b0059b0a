using System.Globalization;
using Tidegate.Indexer.Sockets;
using static Tidegate.Indexer.Tests.Sockets.PoolWorld;

namespace Tidegate.Indexer.Tests.Sockets;

/// <summary>
/// A broker's one sequence over two sockets with lags of their own, killed at random: the subscriber hears each frame once and in order, after each
/// snapshot. Contents repeat, as a level's sizes do.
/// </summary>
public sealed class StandbyPropertyTests
{
    [Fact]
    public async Task Whatever_lags_and_whatever_dies_each_frame_is_heard_once_and_in_order()
    {
        for (var seed = 1; seed <= 150; seed++)
        {
            await RunAsync(seed);
        }
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var world = new PoolWorld(o => o with { Standby = true });
        var broker = new Broker(world, random);
        var recorder = await world.Follow(Btc).UntilState(LinkState.Live);
        var kills = 0;
        for (var step = 0; step < 600; step++)
        {
            switch (random.Next(20))
            {
                case < 6:
                    broker.Publish();
                    break;
                case < 15:
                    broker.DeliverSome();
                    break;
                case < 19:
                    broker.Pass(random.Next(1, 150));
                    break;
                default:
                    kills += random.Next(3) == 0 && broker.KillOne() ? 1 : 0;
                    break;
            }
        }

        broker.Settle();
        var last = broker.Published;
        await recorder.Until(r => Expected(r, broker) is { } next && next >= last);
        Assert.True(kills > 0, "nothing was killed");
    }

    // The position behind the last frame heard; fails where a frame is missing, doubled or out of order.
    private static int? Expected(Recorder recorder, Broker broker)
    {
        int? next = null;
        foreach (var call in recorder.Calls)
        {
            if (call.StartsWith("subscribed", StringComparison.Ordinal))
            {
                next = int.Parse(call["subscribed [".Length..^1], CultureInfo.InvariantCulture);
            }
            else if (call.StartsWith("data", StringComparison.Ordinal))
            {
                Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"data [{broker.ContentOf(next!.Value)}]"), call);
                next++;
            }
        }

        return next;
    }

    private sealed class Broker
    {
        // A socket further behind than this is brought up to date: frames are kept for 5 s, and a new standby is trusted after one.
        private const double MostBehindMs = 800;

        private readonly PoolWorld world;
        private readonly Random random;
        private readonly List<(int Content, DateTimeOffset At)> frames = [];
        private readonly Dictionary<FakeWire, int> places = [];

        public Broker(PoolWorld world, Random random)
        {
            (this.world, this.random) = (world, random);
            world.Net.OnSent = (wire, line) =>
            {
                if (line.StartsWith("subscribe ", StringComparison.Ordinal))
                {
                    places[wire] = frames.Count;
                    wire.Subscribed(Btc, $"[{frames.Count}]");
                }
                else
                {
                    places.Remove(wire);
                    wire.Say("""{"type":"unsubscribed","channel":"v4_orderbook","id":"BTC-USD","message_id":2}""");
                }
            };
        }

        public int Published => frames.Count;

        private List<FakeWire> Live => [.. places.Keys.Where(w => !w.IsOver)];

        public int ContentOf(int index) => index < frames.Count ? frames[index].Content : -1;

        // One in four says what the one two before said: a size that went there and back.
        public void Publish() =>
            frames.Add((random.Next(4) == 0 && frames.Count > 1 ? frames[^2].Content : frames.Count, world.Time.GetUtcNow()));

        public void DeliverSome()
        {
            if (Live is { Count: > 0 } live)
            {
                var wire = live[random.Next(live.Count)];
                for (var i = random.Next(1, 4); i > 0 && places.TryGetValue(wire, out var at) && at < frames.Count; i--)
                {
                    Deliver(wire);
                }
            }
        }

        public void Pass(int milliseconds)
        {
            world.Advance(milliseconds / 1000.0);
            foreach (var wire in Live)
            {
                wire.Ping();
                while (places.TryGetValue(wire, out var at) && at < frames.Count && (world.Time.GetUtcNow() - frames[at].At).TotalMilliseconds > MostBehindMs)
                {
                    Deliver(wire);
                }
            }
        }

        public bool KillOne()
        {
            if (Live is not { Count: > 0 } live)
            {
                return false;
            }

            live[random.Next(live.Count)].End(1006, "killed");
            return true;
        }

        public void Settle()
        {
            for (var i = 0; i < 100; i++)
            {
                Pass(200);
            }
        }

        private void Deliver(FakeWire wire) => wire.Data(Btc, $"[{frames[places[wire]++].Content}]");
    }
}
