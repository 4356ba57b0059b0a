using System.Globalization;
using System.Text.Json;
using Tidegate.Simulator.Control;

namespace Tidegate.Simulator.Protocol;

/// <summary>Answers what clients send: checks in the server's order, in the server's words (protocol.md 1).</summary>
internal sealed class Subscriptions(Topics topics, Snapshots snapshots, Faults faults, ClientLog log, SimulatorOptions options, TimeProvider time)
{
    private const string RateLimited = """{"message":"Rate limited"}""";
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SnapshotTimeout = TimeSpan.FromSeconds(5);
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1024 };

    public void Handle(Connection connection, byte[] message)
    {
        Read(connection, message);
        log.CountHandled();
    }

    /// <summary>Forgets a connection that is over.</summary>
    public void Forget(Connection connection)
    {
        lock (connection.Held) topics.RemoveAll(connection, [.. connection.Held.Keys]);
    }

    private void Read(Connection connection, byte[] message)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(message, Deep);
        }
        catch (JsonException)
        {
            Invalid(connection, "Invalid message: could not parse");
            return;
        }
        using (document) Handle(connection, document.RootElement);
    }

    private void Handle(Connection connection, JsonElement message)
    {
        if (message.ValueKind == JsonValueKind.Null)
        {
            connection.SendError("Internal error");
            return;
        }
        var type = Member(message, "type");
        if (!Truthy(type)) Invalid(connection, "Invalid message: type is required");
        else if (Spelled(type) is "subscribe" or "unsubscribe") Topic(connection, message, Spelled(type) == "subscribe");
        else if (Spelled(type) != "ping") Invalid(connection, $"Invalid message type: {Spelled(type)}");
    }

    private void Topic(Connection connection, JsonElement message, bool subscribe)
    {
        var name = Member(message, "channel");
        if (!Truthy(name))
        {
            connection.SendError("Invalid subscribe message: channel is required");
            return;
        }
        var channel = Spelled(name);
        if (Channels.Limit(channel) is not { } limit)
        {
            connection.SendError($"Invalid channel: {channel}");
            return;
        }
        var given = Member(message, "id");
        var missing = given.ValueKind == JsonValueKind.Undefined;
        if ((missing && Channels.NeedsId(channel)) || (!missing && given.ValueKind != JsonValueKind.String))
        {
            connection.SendError($"Invalid id: {Spelled(given)}");
            return;
        }
        var id = missing ? channel : given.GetString()!;
        var taken = subscribe ? connection.TakeNumber() : 0;
        if (!subscribe) Unsubscribe(connection, channel, id);
        else Subscribe(connection, channel, id, limit, taken, Truthy(Member(message, "batched")));
    }

    private void Unsubscribe(Connection connection, string channel, string id)
    {
        log.Add("unsubscribe", connection.Id, $"{channel} {id}");
        if (topics.Remove(connection, channel, id)) Release(connection, channel, id);
        connection.SendUnsubscribed(Named(channel, id));
    }

    private void Subscribe(Connection connection, string channel, string id, int limit, int taken, bool batched)
    {
        log.Add("subscribe", connection.Id, $"{channel} {id}");
        if (!snapshots.IsTopic(channel, id))
        {
            connection.SendError($"Invalid subscription id for channel: ({channel}-{id})", taken);
            return;
        }
        lock (connection.Held)
        {
            if (connection.Held.Where(h => h.Key.Channel == channel).Sum(h => h.Value) >= limit)
            {
                log.Add("violation", connection.Id, $"subscriptions {channel}");
                connection.SendError($"Per-connection subscription limit reached for {channel} (limit={limit.ToString(CultureInfo.InvariantCulture)}).", taken);
                return;
            }
        }
        var now = time.GetUtcNow();
        var attempts = connection.Attempts.GetValueOrDefault((channel, id));
        attempts = now - attempts.From >= Window ? (now, 1) : (attempts.From, attempts.Count + 1);
        connection.Attempts[(channel, id)] = attempts;
        if (attempts.Count > 2)
        {
            log.Add("violation", connection.Id, $"subscribe rate {channel} {id}");
            connection.SendError($"Too many subscribe attempts for channel {channel}-{id}. Please  reconnect and try again.", taken);
            connection.Close(1008, RateLimited);
            return;
        }
        if (faults.TakeIgnoredSubscribe()) return;
        lock (connection.Held) connection.Held[(channel, id)] = connection.Held.GetValueOrDefault((channel, id)) + 1;
        if (batched) topics.Expect(channel, id);
        _ = FetchAsync(connection, channel, id, taken, batched);
    }

    /// <summary>The snapshot is read first and the subscriber registered after: what comes in between reaches nobody.</summary>
    private async Task FetchAsync(Connection connection, string channel, string id, int taken, bool batched)
    {
        try
        {
            var delay = faults.SnapshotDelay ?? options.SnapshotDelay;
            await Task.Delay(delay < SnapshotTimeout ? delay : SnapshotTimeout, time);
            if (delay >= SnapshotTimeout || faults.TakeFailedSnapshot() || faults.Rest is { Status: >= 500 })
            {
                Fail(connection, channel, id, taken, $"Internal error, could not fetch data for subscription: {channel}.");
                return;
            }
            if (Channels.IsAccount(channel) && faults.Rest is { Status: 403 })
            {
                Fail(connection, channel, id, taken, Snapshots.Blocked);
                return;
            }
            var contents = snapshots.First(channel, id);
            var window = faults.LostWindow ?? options.RegistrationDelay;
            if (window > TimeSpan.Zero) await Task.Delay(window, time);
            contents = snapshots.Second(channel, id, contents);
            var tail = Topics.Unopened(json =>
            {
                Name(json, channel, id);
                json.WritePropertyName("contents");
                json.WriteRawValue(contents, skipInputValidation: true);
            });
            if (connection.Closing) return;
            if (topics.Register(connection, channel, id, batched, () => connection.SendSubscribed(taken, tail)))
            {
                if (connection.Closing) Forget(connection);
                return;
            }
            Fail(connection, channel, id, taken, $"Invalid subscribe message: already subscribed ({channel}-{id})");
        }
        finally
        {
            if (batched) topics.NoLongerExpect(channel, id);
        }
    }

    private static void Fail(Connection connection, string channel, string id, int taken, string why)
    {
        Release(connection, channel, id);
        connection.SendError(why, taken, channel, id);
    }

    private static void Release(Connection connection, string channel, string id)
    {
        lock (connection.Held)
        {
            var left = connection.Held.GetValueOrDefault((channel, id)) - 1;
            if (left > 0) connection.Held[(channel, id)] = left;
            else connection.Held.Remove((channel, id));
        }
    }

    private void Invalid(Connection connection, string message)
    {
        var now = time.GetUtcNow();
        connection.Invalid = now - connection.Invalid.From >= Window ? (now, 1) : (connection.Invalid.From, connection.Invalid.Count + 1);
        if (connection.Invalid.Count <= 2)
        {
            connection.SendError(message);
            return;
        }
        log.Add("violation", connection.Id, "invalid messages");
        connection.SendError("Too many invalid messages. Please reconnect and try again.");
        connection.Close(1008, RateLimited);
    }

    private static byte[] Named(string channel, string id) => Topics.Unopened(json => Name(json, channel, id));

    private static void Name(Utf8JsonWriter json, string channel, string id)
    {
        json.WriteString("channel", channel);
        if (Channels.ShownId(channel, id) is { } shown) json.WriteString("id", shown);
    }

    private static JsonElement Member(JsonElement message, string name) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty(name, out var value) ? value : default;

    /// <summary>Whether JavaScript takes the value for true.</summary>
    private static bool Truthy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.String => value.GetString()!.Length > 0,
        JsonValueKind.Number => !value.TryGetDecimal(out var number) || number != 0,
        _ => true,
    };

    /// <summary>The value as JavaScript puts it into a text.</summary>
    private static string Spelled(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "undefined",
        JsonValueKind.Null => "null",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Object => "[object Object]",
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? "" : Spelled(v))),
        _ => value.GetRawText(),
    };
}
