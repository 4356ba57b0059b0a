using System.Buffers;
using System.Text.Json;
using Tidegate.Indexer.Feeds;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>Frames to one client that belong to no topic's sequence (contract 2).</summary>
internal static class ServerFrames
{
    /// <summary>The first frame.</summary>
    public static byte[] Connected(string connectionId, SessionIdentity identity, string network, string version, DateTimeOffset now) => Make(to =>
    {
        to.Write("{\"type\":\"connected\",\"protocol\":\"tidegate.v1\",\"connection_id\":"u8);
        to.WriteQuoted(connectionId);
        to.Write(",\"user_address\":"u8);
        to.WriteQuoted(identity.Address);
        to.Write(",\"addresses\":["u8);
        for (var i = 0; i < identity.Addresses.Count; i++)
        {
            to.Write(i == 0 ? ""u8 : ","u8);
            to.WriteQuoted(identity.Addresses[i]);
        }

        to.Write("],\"expires_at\":"u8);
        if (identity.Token is { } token)
        {
            to.Write(token.ExpiresAt);
        }
        else
        {
            to.Write("null"u8);
        }

        to.Write(",\"network\":"u8);
        to.WriteQuoted(network);
        to.Write(",\"version\":"u8);
        to.WriteQuoted(version);
        to.Write(",\"server_time\":"u8);
        to.Write(now);
        to.Write("}"u8);
    });

    /// <summary>The answer to a ping, with its id as sent.</summary>
    public static byte[] Pong(JsonElement ping, DateTimeOffset now) => Make(to =>
    {
        to.Write("{\"type\":\"pong\""u8);
        if (ping.TryGetProperty("id", out var id))
        {
            to.Write(",\"id\":"u8);
            using var writer = new Utf8JsonWriter(to);
            id.WriteTo(writer);
        }

        to.Write(",\"server_time\":"u8);
        to.Write(now);
        to.Write("}"u8);
    });

    /// <summary>A refusal; the connection stays.</summary>
    public static byte[] Error(string code, string message, string? channel, string? id) => Make(to =>
    {
        to.Write("{\"type\":\"error\",\"code\":"u8);
        to.WriteQuoted(code);
        to.Write(",\"message\":"u8);
        to.WriteQuoted(message);
        WriteTopic(to, channel, id);
        to.Write("}"u8);
    });

    /// <summary>The end of a subscription.</summary>
    public static byte[] Unsubscribed(string channel, string id) => Make(to =>
    {
        to.Write("{\"type\":\"unsubscribed\""u8);
        WriteTopic(to, channel, id);
        to.Write("}"u8);
    });

    /// <summary>The answer to a renewed token.</summary>
    public static byte[] Authenticated(DateTimeOffset expiresAt) => Make(to =>
    {
        to.Write("{\"type\":\"authenticated\",\"expires_at\":"u8);
        to.Write(expiresAt);
        to.Write("}"u8);
    });

    /// <summary>The code that a refusal of the Indexer has to clients.</summary>
    public static string CodeOf(FeedRefusal refusal) => refusal switch
    {
        FeedRefusal.UnknownId => "unknown-id",
        FeedRefusal.Full => "upstream-full",
        _ => "upstream-refused",
    };

    private static void WriteTopic(ArrayBufferWriter<byte> to, string? channel, string? id)
    {
        if (channel is not null)
        {
            to.Write(",\"channel\":"u8);
            to.WriteQuoted(channel);
        }

        if (!string.IsNullOrEmpty(id))
        {
            to.Write(",\"id\":"u8);
            to.WriteQuoted(id);
        }
    }

    private static byte[] Make(Action<ArrayBufferWriter<byte>> write)
    {
        var payload = new ArrayBufferWriter<byte>(256);
        write(payload);
        return WireFrame.Of(payload.WrittenSpan);
    }
}
