using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>One frame as a handler gets it; keeps nothing of the receive buffer, so it may be kept.</summary>
/// <param name="Type">What kind of frame it was.</param>
/// <param name="Channel">The channel, when it is one of the seven known ones.</param>
/// <param name="ChannelName">The channel as it stood in the frame.</param>
/// <param name="Id">The id, empty when absent.</param>
/// <param name="MessageId">The connection's message counter, −1 when absent. It proves no gap and no order across topics (protocol.md 1).</param>
/// <param name="Version">The channel's version, empty when absent.</param>
/// <param name="SubaccountNumber">The child that a frame of the parent channel is about, −1 when absent.</param>
/// <param name="Contents">The contents, of kind Undefined when absent.</param>
/// <param name="ReceivedAt">When it arrived.</param>
/// <param name="Message">The text of an error frame, null else.</param>
public sealed record IndexerMessage(
    FrameType Type,
    Channel? Channel,
    string ChannelName,
    string Id,
    long MessageId,
    string Version,
    int SubaccountNumber,
    JsonElement Contents,
    DateTimeOffset ReceivedAt,
    string? Message)
{
    internal static IndexerMessage From(in FrameEnvelope frame, DateTimeOffset at) => new(
        frame.Type,
        frame.Channel,
        frame.Channel is { } known ? known.WireName() : Encoding.UTF8.GetString(frame.ChannelName),
        Encoding.UTF8.GetString(frame.Id),
        frame.MessageId,
        Encoding.UTF8.GetString(frame.Version),
        frame.SubaccountNumber,
        Parse(frame.Contents),
        at,
        frame.Message);

    private static JsonElement Parse(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            return default;
        }

        var reader = new Utf8JsonReader(json);
        return JsonElement.ParseValue(ref reader); // a copy of its own
    }
}
