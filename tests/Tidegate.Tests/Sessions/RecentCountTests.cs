using Microsoft.Extensions.Time.Testing;
using Tidegate.Sessions;

namespace Tidegate.Tests.Sessions;

/// <summary>How many within the last ten seconds, wherever they began.</summary>
public sealed class RecentCountTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Those_that_straddle_two_windows_are_counted_together()
    {
        var count = new RecentCount(3, TimeSpan.FromSeconds(10), time);
        Assert.False(count.IsOver());
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(count.IsOver());
        Assert.False(count.IsOver());
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(count.IsOver());
        Assert.True(count.IsOver());
    }

    [Fact]
    public void What_is_older_than_the_window_no_longer_counts()
    {
        var count = new RecentCount(1, TimeSpan.FromSeconds(10), time);
        Assert.False(count.IsOver());
        Assert.True(count.IsOver());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.False(count.IsOver());
    }
}
