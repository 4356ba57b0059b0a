namespace Tidegate.Simulator.Control;

/// <summary>What REST answers instead of the truth.</summary>
/// <param name="Status">The status: 403, 429, 5xx.</param>
/// <param name="Code">The error code in the body of a 403: GEOBLOCKED or COMPLIANCE_BLOCKED.</param>
/// <param name="RetryAfter">The Retry-After of a 429; it is sent in milliseconds.</param>
/// <param name="PathPrefix">Only paths that begin so (after /v4), or all.</param>
public sealed record RestFault(int Status, string? Code = null, TimeSpan? RetryAfter = null, string? PathPrefix = null);

/// <summary>Everything that can be made to go wrong on demand. Members may be set at any time from any thread.</summary>
public sealed class Faults
{
    private readonly Lock gate = new();
    private bool stalled;
    private readonly Dictionary<string, int> lose = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> repeat = new(StringComparer.Ordinal);

    internal Faults()
    {
    }

    internal event Action<int?, string>? Dropping;

    internal event Action? Stalling;

    internal event Action<string>? RawText;

    internal event Action<bool>? ActingOnOldest;

    /// <summary>While true every socket, new ones too, is mute: no frames, no pings, no pongs, no close. Those it hit stay mute.</summary>
    public bool Stalled
    {
        get => stalled;
        set
        {
            stalled = value;
            if (value) Stalling?.Invoke();
        }
    }

    /// <summary>Refuse WebSocket upgrades with this status while REST works; null: accept.</summary>
    public int? RefuseUpgrades { get; set; }

    /// <summary>Everything is down: connections are cut before an answer. Setting it does not drop open sockets; see <see cref="Drop"/>.</summary>
    public bool Down { get; set; }

    /// <summary>What REST answers instead of the truth; snapshots fail with it (5xx) or are refused on account channels (403).</summary>
    public RestFault? Rest { get; set; }

    /// <summary>How long REST takes to answer.</summary>
    public TimeSpan RestDelay { get; set; }

    /// <summary>How long snapshots take, instead of the option; over 5 s the subscribe fails.</summary>
    public TimeSpan? SnapshotDelay { get; set; }

    /// <summary>From snapshot to registration, instead of the option: the lost-update window.</summary>
    public TimeSpan? LostWindow { get; set; }

    /// <summary>How far REST, and with it every snapshot, is behind the ledger, instead of the option.</summary>
    public TimeSpan? RestLag { get; set; }

    /// <summary>How many subscribes yet fail with "could not fetch data".</summary>
    public int FailSnapshots { get; set; }

    /// <summary>How many subscribes yet get no answer at all.</summary>
    public int IgnoreSubscribes { get; set; }

    /// <summary>How late frames with orders come.</summary>
    public TimeSpan StatusDelay { get; set; }

    /// <summary>Frames that were told to be lost and have been.</summary>
    public int Lost { get; private set; }

    /// <summary>Cuts all sockets without a close frame.</summary>
    public void Drop() => Dropping?.Invoke(null, "");

    /// <summary>Closes all sockets with a code and a reason.</summary>
    public void Close(int code, string reason = "") => Dropping?.Invoke(code, reason);

    /// <summary>Makes the sockets that are open now mute for good; new ones work.</summary>
    public void StallOpen() => Stalling?.Invoke();

    /// <summary>Cuts the socket that has been open longest, without a close frame: the active one of a client with a standby.</summary>
    public void DropOldest() => ActingOnOldest?.Invoke(false);

    /// <summary>Makes the socket that has been open longest mute for good.</summary>
    public void StallOldest() => ActingOnOldest?.Invoke(true);

    /// <summary>Sends a text as it is to every socket.</summary>
    public void Garbage(string text) => RawText?.Invoke(text);

    /// <summary>Loses the next frames at the source, of one channel or (null) of any.</summary>
    public void LoseNext(int count, string? channel = null) => Set(lose, channel, count);

    /// <summary>Sends the next frames twice, of one channel or (null) of any.</summary>
    public void RepeatNext(int count, string? channel = null) => Set(repeat, channel, count);

    /// <summary>Ends every fault; sockets that were made mute stay so.</summary>
    public void Clear()
    {
        (Stalled, RefuseUpgrades, Down, Rest, RestDelay) = (false, null, false, null, TimeSpan.Zero);
        (SnapshotDelay, LostWindow, RestLag, FailSnapshots, IgnoreSubscribes, StatusDelay) = (null, null, null, 0, 0, TimeSpan.Zero);
        lock (gate)
        {
            lose.Clear();
            repeat.Clear();
        }
    }

    internal bool TakeLoss(string channel)
    {
        if (!Take(lose, channel)) return false;
        Lost++;
        return true;
    }

    internal bool TakeRepeat(string channel) => Take(repeat, channel);

    internal bool TakeFailedSnapshot()
    {
        lock (gate) return FailSnapshots > 0 && FailSnapshots-- > 0;
    }

    internal bool TakeIgnoredSubscribe()
    {
        lock (gate) return IgnoreSubscribes > 0 && IgnoreSubscribes-- > 0;
    }

    private void Set(Dictionary<string, int> counts, string? channel, int count)
    {
        lock (gate) counts[channel ?? ""] = count;
    }

    private bool Take(Dictionary<string, int> counts, string channel)
    {
        lock (gate)
        {
            foreach (var key in new[] { channel, "" })
            {
                if (counts.GetValueOrDefault(key) <= 0) continue;
                counts[key]--;
                return true;
            }
            return false;
        }
    }
}
