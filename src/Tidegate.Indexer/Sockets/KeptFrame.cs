using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>A frame that the standby socket brought before the active one did. Its bytes are valid for the call only.</summary>
/// <param name="Type">Single or batch.</param>
/// <param name="SubaccountNumber">The child that a frame of the parent channel is about, −1 when absent.</param>
/// <param name="Contents">The raw JSON of its contents.</param>
/// <param name="At">When the standby received it.</param>
public readonly record struct KeptFrame(FrameType Type, int SubaccountNumber, ReadOnlyMemory<byte> Contents, DateTimeOffset At)
{
    internal FrameEnvelope Envelope => new() { Type = Type, SubaccountNumber = SubaccountNumber, MessageId = -1, Contents = Contents.Span };
}
