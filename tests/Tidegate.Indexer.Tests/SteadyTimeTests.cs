namespace Tidegate.Indexer.Tests;

public sealed class SteadyTimeTests
{
    private readonly SettableClock machine = new();

    [Theory]
    [InlineData(-3600)]
    [InlineData(90)]
    public void A_clock_that_is_set_does_not_move_it(int seconds)
    {
        var steady = new SteadyTime(machine);
        var before = steady.GetUtcNow();
        machine.Wall += TimeSpan.FromSeconds(seconds);
        Assert.Equal(before, steady.GetUtcNow());
        machine.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(before + TimeSpan.FromSeconds(2), steady.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(2), steady.GetElapsedTime(0));
    }

    [Fact]
    public void What_is_told_is_by_the_wall_clock_again_within_a_second()
    {
        var steady = new SteadyTime(machine);
        Assert.Equal(machine.Wall, steady.ByWall(steady.GetUtcNow()));
        machine.Wall += TimeSpan.FromHours(1);
        machine.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(machine.Wall, steady.ByWall(steady.GetUtcNow()));
    }

    [Fact]
    public void A_look_takes_the_wall_clock_for_older_times_too()
    {
        var steady = new SteadyTime(machine);
        var since = steady.GetUtcNow();
        machine.Wall -= TimeSpan.FromSeconds(90);
        steady.Look();
        Assert.Equal(machine.Wall, steady.ByWall(since));
    }

    [Fact]
    public void The_little_that_two_readings_differ_by_is_no_jump()
    {
        var steady = new SteadyTime(machine);
        var since = steady.GetUtcNow();
        machine.Wall += TimeSpan.FromMilliseconds(7);
        steady.Look();
        Assert.Equal(since, steady.ByWall(since));
    }

    private sealed class SettableClock : TimeProvider
    {
        private long timestamp;

        public DateTimeOffset Wall { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Pass(TimeSpan span) => (Wall, timestamp) = (Wall + span, timestamp + span.Ticks);

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => timestamp;
    }
}
