namespace Tidegate.Indexer.Feeds;

/// <summary>The wait after a failed piece of work that is tried again: 1, 2, 4, 8, then 15 s.</summary>
internal static class Pause
{
    /// <summary>Waits; returns early, without an exception, when cancelled.</summary>
    public static async Task AfterFailureAsync(int attempt, TimeProvider time, CancellationToken cancellationToken)
    {
        var seconds = Math.Min(15, 1 << Math.Min(attempt - 1, 4));
        await Task.Delay(TimeSpan.FromSeconds(seconds), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
