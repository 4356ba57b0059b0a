namespace Tidegate.Sessions;

/// <summary>Counts events in fixed windows of time; one reader at a time.</summary>
internal sealed class WindowCount(TimeSpan window, TimeProvider time)
{
    private long started;
    private int count;

    /// <summary>Counts one more and returns how many there were in this window.</summary>
    public int Add()
    {
        if (count == 0 || time.GetElapsedTime(started) >= window)
        {
            started = time.GetTimestamp();
            count = 0;
        }

        return ++count;
    }
}
