using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Messages;

public sealed class SlabTests
{
    [Fact]
    public void Slices_of_any_size_keep_their_bytes_whatever_is_kept_after_them()
    {
        var (slab, random) = (new Slab(), new Random(7));
        var kept = new List<(byte[] Expected, ReadOnlyMemory<byte> Slice)>();
        for (var i = 0; i < 3000; i++)
        {
            var bytes = new byte[random.Next(i % 100 == 0 ? 100_000 : 600)];
            random.NextBytes(bytes);
            kept.Add((bytes, slab.Keep(bytes)));
        }

        Assert.All(kept, pair => Assert.True(pair.Slice.Span.SequenceEqual(pair.Expected)));
    }
}
