using Microsoft.Extensions.Time.Testing;
using Tidegate.Operations;

namespace Tidegate.Tests.Operations;

public sealed class QuietCollectionTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void It_collects_when_enough_was_allocated_and_some_time_has_passed()
    {
        var collection = new QuietCollection(time);
        Allocate();
        Assert.False(collection.AfterBurst());

        time.Advance(TimeSpan.FromMilliseconds(250));
        var before = GC.CollectionCount(0);
        Assert.True(collection.AfterBurst());
        Assert.True(GC.CollectionCount(0) > before);

        Allocate();
        Assert.False(collection.AfterBurst());
        time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.True(collection.AfterBurst());
    }

    private static void Allocate()
    {
        for (var i = 0; i < 100; i++)
        {
            GC.KeepAlive(new byte[QuietCollection.WorthIt / 50]);
        }
    }
}
