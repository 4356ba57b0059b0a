namespace Tidegate.Sessions;

/// <summary>Counts events of the last while, wherever it began; holds no more times than the limit. One reader at a time.</summary>
internal sealed class RecentCount(int limit, TimeSpan window, TimeProvider time)
{
    private readonly Queue<long> times = new();

    /// <summary>Counts one more; true when there were more than the limit within the window that ends now.</summary>
    public bool IsOver()
    {
        var now = time.GetTimestamp();
        times.Enqueue(now);
        while (times.Count > limit + 1 || time.GetElapsedTime(times.Peek(), now) >= window)
        {
            times.Dequeue();
        }

        return times.Count > limit;
    }
}
