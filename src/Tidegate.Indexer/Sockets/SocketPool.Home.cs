namespace Tidegate.Indexer.Sockets;

/// <summary>
/// The way back to the preferred address: while topics are carried from another one, a socket without topics is opened to the first each minute, and when it
/// has stayed up for half a minute all topics move there as on request, without a gap.
/// </summary>
public sealed partial class SocketPool
{
    private static readonly TimeSpan HomeEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HealthyFor = TimeSpan.FromSeconds(30);

    private DateTimeOffset homeAt = DateTimeOffset.MaxValue;

    private void GoHome(DateTimeOffset now)
    {
        var away = connections.Where(c => c is { IsUp: true, TakesTopics: true, Relieves: null, Retiring: false } && c.Endpoint != options.Endpoints[0]).ToList();
        if (away.Count == 0 || road.State != SocketState.Streaming)
        {
            homeAt = DateTimeOffset.MaxValue;
            return;
        }

        homeAt = homeAt == DateTimeOffset.MaxValue ? now + HomeEvery : homeAt;
        if (connections.Find(c => c.Probes) is not { } probe)
        {
            if (homeAt <= now)
            {
                homeAt = now + HomeEvery;
                Dial(relieves: null, probes: true);
            }
        }
        else if (probe.IsUp && probe.OpenedAt + HealthyFor <= now)
        {
            probe.Probes = false; // an ordinary socket from here, closed when it stays empty
            road.Prefer(0);
            foreach (var old in away)
            {
                Relieve(old);
            }
        }
    }

    private DateTimeOffset? HomeDueAt => connections.Find(c => c.Probes) is { } probe
        ? probe.IsUp ? probe.OpenedAt + HealthyFor : null
        : homeAt == DateTimeOffset.MaxValue ? null : homeAt;
}
