namespace Tidegate.Indexer;

/// <summary>
/// A clock that begins with the wall clock's time and then goes on at the pace of the monotonic one: whoever measures by it sees no jump when the
/// machine's clock is set. What is told to others is turned back into the wall clock's time by <see cref="ByWall"/>.
/// </summary>
/// <remarks>
/// Thread-safe. With a wall clock, an hour set back would mean an hour without a dial, a poll or a request, and an hour ahead two windows' requests in
/// one. Monotonic time stands still while a machine sleeps; <see cref="ByWall"/> makes up for that too.
/// </remarks>
public sealed class SteadyTime : TimeProvider
{
    // The two clocks are read one after the other, and slewed apart a little: that is no jump.
    private static readonly long Jitter = TimeSpan.FromMilliseconds(20).Ticks;
    private readonly TimeProvider inner;
    private readonly DateTimeOffset startedAt;
    private readonly long started;
    private long ahead;
    private long lookAgainAt;

    /// <summary>Begins now, by a provider whose timestamps do not jump.</summary>
    public SteadyTime(TimeProvider inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        (this.inner, startedAt, started) = (inner, inner.GetUtcNow(), inner.GetTimestamp());
    }

    /// <inheritdoc/>
    public override long TimestampFrequency => inner.TimestampFrequency;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => inner.LocalTimeZone;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => startedAt + inner.GetElapsedTime(started);

    /// <inheritdoc/>
    public override long GetTimestamp() => inner.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);

    /// <summary>A time of this clock as the wall clock has it. The wall clock is looked at once a second of the times asked for, so a frame costs no reading.</summary>
    public DateTimeOffset ByWall(DateTimeOffset at)
    {
        if (at.UtcTicks >= Volatile.Read(ref lookAgainAt))
        {
            Look();
        }

        return at.AddTicks(Volatile.Read(ref ahead));
    }

    /// <summary>Looks at the wall clock now: times turned after this are by it as it stands.</summary>
    public void Look()
    {
        var now = GetUtcNow();
        var found = inner.GetUtcNow().UtcTicks - now.UtcTicks;
        if (Math.Abs(found - Volatile.Read(ref ahead)) > Jitter)
        {
            Volatile.Write(ref ahead, found);
        }

        Volatile.Write(ref lookAgainAt, now.UtcTicks + TimeSpan.TicksPerSecond);
    }
}
