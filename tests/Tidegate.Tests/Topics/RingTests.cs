using System.Text;
using Tidegate.Topics;

namespace Tidegate.Tests.Topics;

public sealed class RingTests
{
    private const int Frames = 200_000;

    private static string Payload(long position) => new((char)('a' + (position % 26)), (int)(position % 300) + 1);

    private static string TextOf(RingFrame frame) => Encoding.ASCII.GetString(frame.Wire.Span[WireFrame.HeaderLength(frame.Wire.Length > 127 ? 126 : 0)..]);

    [Fact]
    public async Task Readers_without_a_lock_get_whole_frames_or_none_while_the_writer_goes_round()
    {
        var ring = new Ring(64);
        var reading = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadAll(ring), TestContext.Current.CancellationToken)).ToArray();
        for (var position = 1L; position <= Frames; position++)
        {
            ring.Append(position * 2, Encoding.ASCII.GetBytes(Payload(position)));
        }

        var taken = await Task.WhenAll(reading);
        Assert.All(taken, count => Assert.True(count > 0, "a reader took nothing"));
        Assert.Equal(Frames - 63, Enumerable.Range(1, Frames).First(position => ring.At(position) is not null));
        Assert.Equal(Frames - 10, ring.After((Frames - 10) * 2));
        Assert.Null(ring.After(((Frames - 10) * 2) - 1));
        Assert.Null(ring.After(2));
    }

    [Fact]
    public void The_oldest_frames_fall_out_when_the_bytes_are_too_many()
    {
        var ring = new Ring(capacity: 64, mostBytes: 1000);
        var random = new Random(7);
        var held = new List<(long Position, int Length)>();
        for (var position = 1L; position <= 2000; position++)
        {
            var payload = new byte[random.Next(1, 400)];
            ring.Append(position, payload);
            held.Add((position, WireFrame.HeaderLength(payload.Length) + payload.Length));
            while (held.Count > 64 || (held.Count > 1 && held.Sum(frame => frame.Length) > 1000))
            {
                held.RemoveAt(0);
            }

            Assert.Equal(held, Enumerable.Range(1, (int)position).Select(at => ring.At(at)).Where(frame => frame is not null).Select(frame => (frame!.Value.Position, frame.Value.Wire.Length)));
            Assert.Equal(held[0].Position, ring.After(held[0].Position));
            Assert.Equal(held[0].Position == 1 ? 0 : null, ring.After(held[0].Position - 1));
        }
    }

    [Fact]
    public void A_frame_larger_than_all_that_is_kept_is_kept_alone()
    {
        var ring = new Ring(capacity: 64, mostBytes: 1000);
        ring.Append(1, new byte[10]);
        ring.Append(2, new byte[5000]);
        Assert.Null(ring.At(1));
        Assert.Equal(2, ring.At(2)?.Seq);
        ring.Append(3, new byte[10]);
        Assert.Null(ring.At(2));
    }

    private static int ReadAll(Ring ring)
    {
        var taken = 0;
        long head;
        do
        {
            head = ring.Head;

            // The oldest ones, where the writer is about to come round.
            for (var position = Math.Max(1, head - 64); position < head - 56; position++)
            {
                if (ring.At(position) is { } frame)
                {
                    taken++;
                    Assert.Equal((position, position * 2, Payload(position)), (frame.Position, frame.Seq, TextOf(frame)));
                }
            }
        }
        while (head < Frames);

        return taken;
    }
}
