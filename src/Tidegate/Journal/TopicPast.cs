namespace Tidegate.Journal;

/// <summary>How much is kept (contract 1, <c>Journal</c>).</summary>
/// <param name="MaxEvents">Events of a topic.</param>
/// <param name="MaxAge">How long an event, and a topic that nobody follows, is kept.</param>
/// <param name="MaxBytes">Bytes in all.</param>
internal sealed record JournalLimits(int MaxEvents, TimeSpan MaxAge, long MaxBytes);

/// <summary>A frame as it was sent.</summary>
/// <param name="Seq">Its number.</param>
/// <param name="Wire">WebSocket header and payload.</param>
/// <param name="Body">Where <c>data</c> stands in <paramref name="Wire"/>.</param>
/// <param name="Rows">How many rows it told; 0 for a <c>gap</c>.</param>
internal sealed record StoredFrame(long Seq, byte[] Wire, Range Body, int Rows);

/// <summary>What is stored of a topic: enough to go on in its epoch as if nothing had happened.</summary>
/// <param name="Row">Where the store has it.</param>
/// <param name="Epoch">The epoch that goes on.</param>
/// <param name="SeenAt">Up to when the topic was certainly followed.</param>
/// <param name="StateSeq">The number that <paramref name="State"/> was written at.</param>
/// <param name="State">What the topic's output keeps, as JSON.</param>
/// <param name="Frames">The frames kept, without a hole, oldest first; some may be older than the state.</param>
internal sealed record TopicPast(long Row, string Epoch, DateTimeOffset SeenAt, long StateSeq, byte[] State, IReadOnlyList<StoredFrame> Frames)
{
    /// <summary>The last number given.</summary>
    public long Seq => Frames.Count > 0 ? Frames[^1].Seq : StateSeq;

    /// <summary>The bodies of the frames since the state.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Later => BodiesOf(Frames.Where(frame => frame.Seq > StateSeq));

    /// <summary>The bodies of the frames that the state holds already.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Earlier => BodiesOf(Frames.Where(frame => frame.Seq <= StateSeq));

    private static IEnumerable<ReadOnlyMemory<byte>> BodiesOf(IEnumerable<StoredFrame> frames) =>
        frames.Where(frame => frame.Rows > 0).Select(frame => (ReadOnlyMemory<byte>)frame.Wire.AsMemory(frame.Body));
}
