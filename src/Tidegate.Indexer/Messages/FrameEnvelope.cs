namespace Tidegate.Indexer.Messages;

/// <summary>The kinds of frame that the Indexer sends.</summary>
public enum FrameType
{
    /// <summary>A type this library does not know; it is counted and passed over.</summary>
    Unknown,

    /// <summary>The first frame of a connection.</summary>
    Connected,

    /// <summary>The answer to a subscribe, with the snapshot.</summary>
    Subscribed,

    /// <summary>The answer to an unsubscribe.</summary>
    Unsubscribed,

    /// <summary>One update.</summary>
    ChannelData,

    /// <summary>Several updates in one frame: contents is an array.</summary>
    ChannelBatchData,

    /// <summary>A refusal.</summary>
    Error,

    /// <summary>The answer of old deployments to an application ping.</summary>
    Pong,
}

/// <summary>A frame's envelope. The spans point into the receive buffer and live as long as the call they are handed to.</summary>
public ref struct FrameEnvelope
{
    /// <summary>What kind of frame this is.</summary>
    public FrameType Type { get; set; }

    /// <summary>The channel as it stands in the frame; empty when absent.</summary>
    public ReadOnlySpan<byte> ChannelName { get; set; }

    /// <summary>The channel, when it is one of the seven known ones.</summary>
    public Channel? Channel { get; set; }

    /// <summary>The id with escapes resolved; empty when absent or null.</summary>
    public ReadOnlySpan<byte> Id { get; set; }

    /// <summary>The raw JSON of <c>contents</c>, its outer brackets included; empty when absent.</summary>
    public ReadOnlySpan<byte> Contents { get; set; }

    /// <summary>The child that a frame of the parent channel is about, −1 when absent.</summary>
    public int SubaccountNumber { get; set; }

    /// <summary>The connection's message counter, −1 when absent.</summary>
    public long MessageId { get; set; }

    /// <summary>The channel's version, empty when absent.</summary>
    public ReadOnlySpan<byte> Version { get; set; }

    /// <summary>The text of an error frame.</summary>
    public string? Message { get; set; }

    /// <summary>The connection's id, read from <c>connected</c> frames only.</summary>
    public string? ConnectionId { get; set; }
}
