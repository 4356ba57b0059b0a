using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tidegate.Indexer.Feeds;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>What a client of the Indexer's protocol may say, and how it is answered (protocol.md 1).</summary>
internal sealed partial class IndexerSession
{
    private const string RateLimited = "rate-limited";
    private const string BlockHeight = "v4_block_height";
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(1);
    private readonly IndexerProtocolLimits protocol;
    private readonly WindowCount badMessages;
    private readonly Dictionary<(string Channel, string Id), WindowCount> attempts = [];

    // The Indexer waits so long for the requests behind a snapshot.
    public override TimeSpan StateWait { get; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override void OnTopicRefused(Reader reader, FeedRefusal refusal, string message) => Drop(reader, refusal, message);

    /// <inheritdoc/>
    public override void OnStateAwaited(Reader reader)
    {
        hub.Topics.Leave(reader);
        Drop(reader, FeedRefusal.Full, "");
    }

    private protected override ValueTask TakeAsync(ReadOnlyMemory<byte> frame, bool tooLong, CancellationToken cancellationToken)
    {
        if (IsTooMany())
        {
            return ValueTask.CompletedTask;
        }

        try
        {
            using var document = JsonDocument.Parse(tooLong ? default : frame);
            Take(document.RootElement);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // The second: a lone surrogate in a string is JSON, but no text.
            Bad("Invalid message: could not parse");
        }

        return ValueTask.CompletedTask;
    }

    private void Take(JsonElement message)
    {
        if (message.ValueKind == JsonValueKind.Null)
        {
            Refuse("Internal error");
            return;
        }

        var type = JsonSlice.Member(message, "type");
        switch (ScriptText.Of(type))
        {
            case "subscribe" when Named(message) is var (channel, id):
                Subscribe(channel, id, ScriptText.IsTrue(JsonSlice.Member(message, "batched")));
                break;
            case "unsubscribe" when Named(message) is var (channel, id):
                Unsubscribe(channel, id);
                break;
            case "subscribe" or "unsubscribe" or "ping":
                break; // a ping is taken and not answered
            case var _ when !ScriptText.IsTrue(type):
                Bad("Invalid message: type is required");
                break;
            case var other:
                Bad("Invalid message type: " + other);
                break;
        }
    }

    // Channel and id, the channel itself where it takes none; null when refused.
    private (string Channel, string Id)? Named(JsonElement message)
    {
        var channel = JsonSlice.Member(message, "channel");
        if (!ScriptText.IsTrue(channel))
        {
            Refuse("Invalid subscribe message: channel is required");
            return null;
        }

        var name = ScriptText.Of(channel);
        if (!protocol.MaxSubscriptions.ContainsKey(name))
        {
            Refuse("Invalid channel: " + name);
            return null;
        }

        var id = JsonSlice.Member(message, "id");
        if (name is "v4_markets" or BlockHeight && id.ValueKind == JsonValueKind.Undefined)
        {
            return (name, name);
        }

        if (id.ValueKind != JsonValueKind.String)
        {
            Refuse("Invalid id: " + ScriptText.Of(id));
            return null;
        }

        return (name, id.GetString()!);
    }

    private void Subscribe(string channel, string id, bool batched)
    {
        if (TopicAddress.ParseIndexer(channel, id) is not { } address)
        {
            RefuseSubscribe(InvalidId(channel, id));
            return;
        }

        lock (gate)
        {
            var limit = protocol.MaxSubscriptions[channel];
            if (limit > 0 && readers.Keys.Count(held => held.Channel == channel) >= limit)
            {
                RefuseSubscribe(string.Create(CultureInfo.InvariantCulture, $"Per-connection subscription limit reached for {channel} (limit={limit})."));
                return;
            }

            if (IsTooOften(channel, id))
            {
                RefuseSubscribe($"Too many subscribe attempts for channel {channel}-{id}. Please  reconnect and try again.");
                Close(1008, RateLimited, dropDue: false);
                return;
            }

            if (address.Account is { } account && !Identity.Covers(account))
            {
                RefuseSubscribe($"Unauthorized: the token does not cover ({channel}-{id})", channel, id);
            }
            else if (readers.ContainsKey((channel, address.Id)))
            {
                RefuseSubscribe($"Invalid subscribe message: already subscribed ({channel}-{id})", channel, id);
            }
            else
            {
                Join(address, batched);
            }
        }

        outbox.Signal();
    }

    private void Join(TopicAddress address, bool batched)
    {
        var reader = hub.Topics.Join(address, this, depth: 0, batched ? BatchEvery : TimeSpan.Zero, resume: null, out var refusal, out var message);
        if (reader is null)
        {
            RefuseTopic(address, refusal, message);
            return;
        }

        Follow(reader);
    }

    private void Unsubscribe(string channel, string id)
    {
        // The markets' id is not looked at, as a subscribe's is not.
        var named = channel == "v4_markets" ? null : id;
        Leave(channel, named ?? "");
        Answer(Head("unsubscribed"), Tail(channel, named));
    }

    // Fixed windows from the first attempt (protocol.md 1); what is over is forgotten, so that a client cannot fill the memory with ids.
    private bool IsTooOften(string channel, string id)
    {
        const int MostKept = 1024;
        if (protocol.SubscribesPerSecond == 0)
        {
            return false;
        }

        if (!attempts.TryGetValue((channel, id), out var count))
        {
            if (attempts.Count >= MostKept)
            {
                attempts.Clear();
            }

            attempts[(channel, id)] = count = new WindowCount(RateWindow, time);
        }

        return count.Add() > protocol.SubscribesPerSecond;
    }

    private void Drop(Reader reader, FeedRefusal refusal, string message)
    {
        Forget(reader);
        RefuseTopic(reader.Topic.Address, refusal, message);
    }

    // Clients try again by the exact text, with channel and id (cases.md 12); that an id is none is told without them.
    private void RefuseTopic(TopicAddress address, FeedRefusal refusal, string message)
    {
        if (refusal == FeedRefusal.UnknownId)
        {
            RefuseSubscribe(InvalidId(address.Channel, address.Id));
            return;
        }

        RefuseSubscribe(refusal == FeedRefusal.Full ? $"Internal error, could not fetch data for subscription: {address.Channel}." : message, address.Channel, address.Id);
    }

    private static string InvalidId(string channel, string id) => $"Invalid subscription id for channel: ({channel}-{id})";

    private void Bad(string message)
    {
        var tooMany = protocol.BadMessagesPerSecond > 0 && badMessages.Add() > protocol.BadMessagesPerSecond;
        Refuse(tooMany ? "Too many invalid messages. Please reconnect and try again." : message);
        if (tooMany)
        {
            Close(1008, RateLimited, dropDue: false);
        }
    }

    // It answers no subscribe, and repeats the number before (protocol.md 1).
    private void Refuse(string message) => Error(message, takesNumber: false, null, null);

    private void RefuseSubscribe(string message, string? channel = null, string? id = null) => Error(message, takesNumber: true, channel, id);

    private void Error(string message, bool takesNumber, string? channel, string? id)
    {
        hub.Metrics.BadClientFrame("indexer-protocol");
        var head = new ArrayBufferWriter<byte>(256);
        head.Write("{\"type\":\"error\",\"message\":"u8);
        head.WriteQuoted(message);
        head.Write(",\"connection_id\":"u8);
        head.WriteQuoted(Id);
        head.Write(",\"message_id\":"u8);
        Answer(head.WrittenSpan.ToArray(), Tail(channel, id), takesNumber);
    }

    private void Answer(byte[] head, byte[] tail, bool takesNumber = true)
    {
        outbox.Add(head, tail, takesNumber);
        outbox.Signal();
    }

    private static byte[] Tail(string? channel, string? id)
    {
        var tail = new ArrayBufferWriter<byte>(128);
        foreach (var (name, value) in new[] { (",\"channel\":", channel), (",\"id\":", id) })
        {
            if (value is not null)
            {
                tail.Write(System.Text.Encoding.ASCII.GetBytes(name));
                tail.WriteQuoted(value);
            }
        }

        tail.Write("}"u8);
        return tail.WrittenSpan.ToArray();
    }
}
