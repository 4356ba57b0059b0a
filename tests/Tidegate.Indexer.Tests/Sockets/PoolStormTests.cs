using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Tests.Sockets;

/// <summary>Random losses, refusals and comings and goings against a model of the server's side.</summary>
public sealed class PoolStormTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task After_any_storm_every_followed_topic_is_live_where_the_server_has_it_and_no_limit_was_passed(int seed)
    {
        var random = new Random(seed);
        await using var world = new PoolWorld();
        var server = new Server(world, random);
        var following = new Dictionary<TopicKey, (Recorder Recorder, IDisposable Handle)>();
        for (var step = 0; step < 600; step++)
        {
            var topic = new TopicKey(random.Next(3) == 0 ? Channel.Trades : Channel.OrderBook, $"M{random.Next(50)}-USD");
            switch (random.Next(10))
            {
                case < 4 when !following.ContainsKey(topic):
                    following[topic] = (world.Follow(topic, out var handle), handle);
                    break;
                case 4 when following.Remove(topic, out var left):
                    left.Handle.Dispose();
                    break;
                case 5:
                    world.Pool.Resubscribe(topic);
                    break;
                case 6 when random.Next(4) == 0:
                    world.Pool.ReconnectNow(topic);
                    break;
                case 7 when random.Next(4) == 0 && world.Net.Wires.Find(w => !w.IsOver) is { } victim:
                    victim.End(random.Next(2) == 0 ? 1012 : 1006, "storm");
                    break;
                case 8 when random.Next(6) == 0:
                    world.Net.OnOpen = random.Next(2) == 0 ? FakeNet.Refuse : _ => Task.CompletedTask;
                    break;
                default:
                    server.PingAll();
                    world.Advance(random.NextDouble() * 3);
                    break;
            }
        }

        world.Net.OnOpen = _ => Task.CompletedTask;
        server.Kind = true;
        for (var i = 0; i < 120; i++)
        {
            server.PingAll();
            world.Advance(1);
        }

        foreach (var (topic, (recorder, _)) in following)
        {
            await recorder.UntilState(LinkState.Live);
            var carrier = world.Pool.CarrierOf(topic);
            Assert.True(carrier is not null && server.Has(carrier, topic), $"seed {seed}: {topic} on {carrier}");
        }

        Assert.Equal(following.Count, server.Count); // and nothing is subscribed that nobody follows
        Assert.Empty(server.Complaints);
        Assert.InRange(world.Pool.Sockets().Count, 1, 3);
    }

    /// <summary>The server's ledger, answering at once, sometimes with a failure, sometimes not at all.</summary>
    private sealed class Server
    {
        private readonly PoolWorld world;
        private readonly Random random;
        private readonly Dictionary<FakeWire, HashSet<TopicKey>> ledger = [];
        private readonly Dictionary<(FakeWire, TopicKey), DateTimeOffset> attempts = [];

        public Server(PoolWorld world, Random random)
        {
            (this.world, this.random) = (world, random);
            world.Net.OnSent = Hear;
        }

        public bool Kind { get; set; }

        public List<string> Complaints { get; } = [];

        public int Count => ledger.Where(l => !l.Key.IsOver).Sum(l => l.Value.Count);

        public bool Has(string wire, TopicKey topic) => ledger.Any(l => l.Key.Name == wire && l.Value.Contains(topic));

        public void PingAll() => world.Net.Wires.Where(w => !w.IsOver).ToList().ForEach(w => w.Ping());

        private void Hear(FakeWire wire, string line)
        {
            var parts = line.Split(' ');
            Assert.True(ChannelNames.TryParse(parts[1], out var channel));
            var topic = new TopicKey(channel, parts[2]);
            var mine = ledger.TryGetValue(wire, out var known) ? known : ledger[wire] = [];
            if (parts[0] == "unsubscribe")
            {
                mine.Remove(topic);
                wire.Say($$"""{"type":"unsubscribed","channel":"{{parts[1]}}","id":"{{topic.Id}}","message_id":2}""");
                return;
            }

            var now = world.Time.GetUtcNow();
            if (attempts.TryGetValue((wire, topic), out var before) && now - before < TimeSpan.FromSeconds(1))
            {
                Complaints.Add($"{topic} twice within {now - before}");
            }

            attempts[(wire, topic)] = now;
            if (mine.Count(t => t.Channel == channel) >= 32)
            {
                Complaints.Add($"{topic} over the limit of {wire.Name}");
            }

            var fate = Kind ? 9 : random.Next(10);
            if (mine.Contains(topic))
            {
                wire.Error($"Invalid subscribe message: already subscribed ({parts[1]}-{topic.Id})");
            }
            else if (fate == 0)
            {
                wire.Error($"Internal error, could not fetch data for subscription: {parts[1]}.");
            }
            else if (fate > 1)
            {
                mine.Add(topic);
                wire.Subscribed(topic);
            }
        }
    }
}
