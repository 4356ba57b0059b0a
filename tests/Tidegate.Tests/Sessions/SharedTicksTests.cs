using Microsoft.Extensions.Time.Testing;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Tests.Sessions;

public sealed class SharedTicksTests
{
    private readonly FakeTimeProvider time = new();
    private int flushes;

    private sealed class Owner : IReaderOwner
    {
        public int Due { get; private set; }

        public void OnDue(Reader reader)
        {
            Due++;
            reader.TakeUp();
        }
    }

    [Fact]
    public void Readers_of_one_interval_are_due_together_and_flushed_once()
    {
        var ticks = new SharedTicks(time, () => flushes++);
        var (one, other, slow) = (new Owner(), new Owner(), new Owner());
        ticks.Join(ReaderOf(one, 100));
        time.Advance(TimeSpan.FromMilliseconds(60));
        ticks.Join(ReaderOf(other, 100));
        ticks.Join(ReaderOf(slow, 250));
        time.Advance(TimeSpan.FromMilliseconds(40));
        Assert.Equal((1, 1, 0, 1), (one.Due, other.Due, slow.Due, flushes));
        time.Advance(TimeSpan.FromMilliseconds(210));
        Assert.Equal((3, 3, 1), (one.Due, other.Due, slow.Due));
    }

    [Fact]
    public void After_the_last_reader_left_nothing_ticks()
    {
        var ticks = new SharedTicks(time, () => flushes++);
        var (left, stays) = (new Owner(), new Owner());
        var place = ticks.Join(ReaderOf(left, 100));
        var last = ticks.Join(ReaderOf(stays, 100));
        place.Dispose();
        place.Dispose();
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal((0, 1, 1), (left.Due, stays.Due, flushes));
        last.Dispose();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1), (stays.Due, flushes));
    }

    // A first frame that waits is something to be told; the topic is not looked at.
    private static Reader ReaderOf(Owner owner, int milliseconds)
    {
        var reader = new Reader(null!, owner, depth: 0, TimeSpan.FromMilliseconds(milliseconds));
        reader.AddFirst([1]);
        return reader;
    }
}
