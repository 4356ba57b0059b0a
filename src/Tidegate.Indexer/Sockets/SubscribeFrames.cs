using System.Text.Json;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>The two frames that a client sends (protocol.md 1).</summary>
internal static class SubscribeFrames
{
    public static byte[] Subscribe(TopicKey topic) => Write("subscribe", topic);

    public static byte[] Unsubscribe(TopicKey topic) => Write("unsubscribe", topic);

    private static byte[] Write(string type, TopicKey topic)
    {
        using var buffer = new MemoryStream(128);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteString("channel", topic.Channel.WireName());
            if (topic.Channel.TakesId())
            {
                json.WriteString("id", topic.Id); // markets and block height: none (protocol.md 2)
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
