using System.Collections.Concurrent;
using Tidegate.Indexer;

namespace Tidegate.Endpoints;

/// <summary>Lets a reconnect through once in ten seconds for an address (contract 3).</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ReconnectGate(SteadyTime time)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, DateTimeOffset> last = new(StringComparer.Ordinal);

    /// <summary>How long to wait; null when it may be done now, which counts.</summary>
    public TimeSpan? Wait(string address)
    {
        var now = time.GetUtcNow();
        var free = now;
        last.AddOrUpdate(address, now, (_, before) =>
        {
            free = before + Between;
            return now >= free ? now : before;
        });
        return now >= free ? null : free - now;
    }
}
