using System.Buffers;
using System.IO.Hashing;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>What is kept of the standby's frames, in bounded bytes and time. All under the lock.</summary>
internal sealed partial class Suffix
{
    private const int MostBytes = 512 * 1024;

    private static ulong HashOf(in FrameEnvelope frame) =>
        XxHash3.HashToUInt64(frame.Contents, ((long)frame.SubaccountNumber << 1) | (frame.Type == FrameType.ChannelBatchData ? 1L : 0L));

    private void Add(in FrameEnvelope frame, ulong hash, DateTimeOffset at)
    {
        var contents = ArrayPool<byte>.Shared.Rent(frame.Contents.Length);
        frame.Contents.CopyTo(contents);
        kept.Add(new Entry(hash, frame.Type, frame.SubaccountNumber, contents, frame.Contents.Length, at));
        bytes += contents.Length;
        while (bytes > MostBytes)
        {
            LetGo();
        }
    }

    private void Expire(DateTimeOffset now)
    {
        while (kept.Count > 0 && kept[0].At < now - Life)
        {
            LetGo();
        }

        again.Expire(now - Life, now);
        if (spare is not null && ahead.Expire(now - Life, settledAt) is var lost and > 0)
        {
            // The standby trails or loses frames: trusted again a while after the next frame in common.
            missed += lost;
            trustedAt = DateTimeOffset.MaxValue;
        }
    }

    private void LetGo()
    {
        holed = true;
        GiveBack(0);
    }

    private void Drop(int child, int end)
    {
        for (var i = end - 1; i >= 0; i--)
        {
            if (kept[i].SubaccountNumber == child)
            {
                GiveBack(i);
            }
        }
    }

    private void GiveBack(int index)
    {
        bytes -= kept[index].Contents.Length;
        ArrayPool<byte>.Shared.Return(kept[index].Contents);
        kept.RemoveAt(index);
        fresh = Math.Min(fresh, kept.Count);
    }

    private void Reset()
    {
        while (kept.Count > 0)
        {
            GiveBack(kept.Count - 1);
        }

        ahead.Clear();
        (spare, open, holed, late, fresh, missed) = (null, false, false, 0, 0, 0);
        engaged = again.Count > 0;
    }

    private readonly record struct Entry(ulong Hash, FrameType Type, int SubaccountNumber, byte[] Contents, int Length, DateTimeOffset At);
}
