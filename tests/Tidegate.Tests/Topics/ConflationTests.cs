using System.Text;
using System.Text.Json.Nodes;
using Tidegate.Indexer.Feeds;
using Tidegate.Topics;

namespace Tidegate.Tests.Topics;

public sealed class ConflationTests
{
    private readonly Ring ring = new(64);

    [Fact]
    public void Readers_that_have_come_equally_far_share_one_merged_frame()
    {
        var frames = Append(3);
        var first = Conflation.MergeShared(ring, OutputKind.Book, frames, previous: 0);
        Assert.Same(first, Conflation.MergeShared(ring, OutputKind.Book, frames, previous: 0));
        Assert.Equal("[[\"1\",\"3\"]]", JsonNode.Parse(first.AsSpan(2))!["data"]!["bids"]!.ToJsonString());
    }

    [Fact]
    public void One_that_has_come_less_far_or_has_another_last_number_gets_its_own()
    {
        var frames = Append(3);
        var first = Conflation.MergeShared(ring, OutputKind.Book, frames, previous: 0);
        var less = Conflation.MergeShared(ring, OutputKind.Book, frames[..2], previous: 0);
        Assert.Equal(2, (long)JsonNode.Parse(less.AsSpan(2))!["seq"]!);
        var later = Conflation.MergeShared(ring, OutputKind.Book, frames[1..], previous: 1);
        Assert.Equal((3, 1), ((long)JsonNode.Parse(later.AsSpan(2))!["seq"]!, (long)JsonNode.Parse(later.AsSpan(2))!["prev_seq"]!));
        Assert.NotSame(first, Conflation.MergeShared(ring, OutputKind.Book, frames, previous: -1));
    }

    private RingFrame[] Append(int count)
    {
        for (var seq = 1; seq <= count; seq++)
        {
            ring.Append(seq, Encoding.UTF8.GetBytes($$$"""{"seq":{{{seq}}},"data":{"bids":[["1","{{{seq}}}"]],"asks":[]}}"""));
        }

        return [.. Enumerable.Range(1, count).Select(position => ring.At(position)!.Value)];
    }
}
