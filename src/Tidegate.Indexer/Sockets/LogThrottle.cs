namespace Tidegate.Indexer.Sockets;

/// <summary>Lets one line per kind and second through. Thread-safe; kinds are a handful of constants.</summary>
internal sealed class LogThrottle(TimeProvider time)
{
    private const int MostKinds = 256;

    private readonly Dictionary<string, long> last = [];

    public bool Pass(string kind)
    {
        var now = time.GetTimestamp();
        lock (last)
        {
            if (last.TryGetValue(kind, out var before) && time.GetElapsedTime(before, now) < TimeSpan.FromSeconds(1))
            {
                return false;
            }

            if (last.Count >= MostKinds)
            {
                last.Clear();
            }

            last[kind] = now;
            return true;
        }
    }
}
