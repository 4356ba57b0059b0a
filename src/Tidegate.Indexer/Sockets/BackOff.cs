namespace Tidegate.Indexer.Sockets;

/// <summary>How long to wait before the next attempt: 1, 2, 4, 8, 16 s and then 16 s, each spread by the jitter (contract 3).</summary>
/// <remarks>Pure: knows no clock. Owned by whoever counts the failures.</remarks>
internal sealed class BackOff(UpstreamOptions options, Func<double> random)
{
    /// <summary>The wait after so many failures; none yet gives the initial delay.</summary>
    public TimeSpan After(int failures)
    {
        // 2^20 s is far above any MaxDelay; the cap keeps the product inside a TimeSpan.
        var plain = options.InitialDelay * Math.Pow(2, Math.Clamp(failures, 0, 20));
        var capped = plain < options.MaxDelay ? plain : options.MaxDelay;
        return capped * (1 + (options.Jitter * ((2 * random()) - 1)));
    }

    /// <summary>The wait after a close with 1012: all clients of the server were told at once, so they spread over one second.</summary>
    public TimeSpan AfterRestart() => TimeSpan.FromSeconds(random());
}
