using System.Buffers;
using System.Text;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Topics;

/// <summary>
/// One topic in the Indexer's own shape (contract 4). What it keeps of a frame is its tail, all that follows <c>message_id</c> and is the same for
/// every client: <c>,"id":…,"channel":…,"version":…,"contents":…}</c>. The head is each client's own, and is put in front where it is written.
/// </summary>
/// <remarks>As its base. Has no numbers, gaps or status of its own: to these clients the upstream never fails.</remarks>
internal sealed class ContentsTopic : Topic, IFeedListener
{
    private static ReadOnlySpan<byte> ContentsField => ",\"contents\":"u8;

    private readonly byte[] subscribedHead;
    private readonly byte[] dataHead;
    private readonly NewestValues? newest;

    public ContentsTopic(TopicAddress address, FeedOutput output, TopicLimits limits, SteadyTime time)
        : base(address, output, limits, time)
    {
        var named = ",\"channel\":" + Quoted(address.Channel);
        var id = address.Id.Length > 0 ? ",\"id\":" + Quoted(address.Id) : "";
        subscribedHead = Encoding.UTF8.GetBytes(named + id);
        dataHead = Encoding.UTF8.GetBytes($"{id}{named},\"version\":\"{VersionOf(address.Upstream.Channel)}\"");
        newest = NewestValues.Of(output.Feed);
    }

    void IFeedListener.OnState() => StartWaiting();

    void IFeedListener.OnChange(in FeedChange change)
    {
        payload.ResetWrittenCount();
        payload.Write(dataHead);
        if (change.Subaccount >= 0)
        {
            payload.Write(",\"subaccountNumber\":"u8);
            payload.Write((long)change.Subaccount);
        }

        payload.Write(ContentsField);
        payload.Write(change.Body);
        payload.Write("}"u8);
        Ring.AppendBare(Ring.Head + 1, payload.WrittenSpan);
        newest?.Take(Ring.Head, change, this);
        Wake();
    }

    void IFeedListener.OnGap(FeedGap gap)
    {
    }

    void IFeedListener.OnStatus(FeedStatus status)
    {
    }

    /// <summary>Splits a tail into what stands before its contents, the same for all that may stand in one batch, and the contents.</summary>
    public static (ReadOnlyMemory<byte> Head, ReadOnlyMemory<byte> Contents) Split(ReadOnlyMemory<byte> tail)
    {
        // Channel and id cannot hold it: a quote in them would be escaped.
        var at = tail.Span.IndexOf(ContentsField);
        return (tail[..at], tail[(at + ContentsField.Length)..^1]);
    }

    /// <summary>
    /// The newest values of all that changed since the reader's last frame, as tails; the reader goes on after them. False for events, where each
    /// counts, and where too much has changed to say what. Called by the reader's writer.
    /// </summary>
    public bool TryMerge(Reader reader, List<byte[]> tails)
    {
        lock (Output.Gate)
        {
            if (newest is null || !newest.Covers(reader.Cursor))
            {
                return false;
            }

            foreach (var contents in newest.Since(reader.Cursor))
            {
                tails.Add([.. dataHead, .. ContentsField, .. contents, (byte)'}']);
            }

            reader.SkipTo(Ring.Head);
            return true;
        }
    }

    private protected override void Start(Reader reader)
    {
        payload.ResetWrittenCount();
        payload.Write(subscribedHead);
        payload.Write(ContentsField);
        Output.WriteState(payload);
        payload.Write("}"u8);
        reader.Begin(payload.WrittenSpan.ToArray(), Ring, Ring.Head, Ring.Head, notBefore: 0);
        reader.MarkDue();
    }

    // As the Indexer's code has them today (protocol.md 2).
    private static string VersionOf(Channel channel) => channel switch
    {
        Channel.Subaccounts or Channel.ParentSubaccounts => "3.0.0",
        Channel.Trades => "2.1.0",
        _ => "1.0.0",
    };

    private static string Quoted(string text)
    {
        var quoted = new ArrayBufferWriter<byte>(64);
        quoted.WriteQuoted(text);
        return Encoding.UTF8.GetString(quoted.WrittenSpan);
    }
}
