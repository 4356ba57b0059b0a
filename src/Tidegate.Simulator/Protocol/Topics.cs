using System.Text.Json;
using Tidegate.Simulator.Shapes;

namespace Tidegate.Simulator.Protocol;

/// <summary>One update of one topic; on the parent channel it names the child that it is about.</summary>
internal sealed class Update(string channel, string id, int? child, byte[] contents)
{
    private byte[]? tail;

    public int? Child => child;

    public byte[] Contents => contents;

    /// <summary>The frame after the connection's head, made once for all receivers.</summary>
    public byte[] Tail => tail ??= Topics.Tail(channel, id, child, json => json.WriteRawValue(contents, skipInputValidation: true));
}

/// <summary>Who gets the updates of which topic, at once or collected.</summary>
internal sealed class Topics
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Channel, string Id), Topic> topics = [];

    public bool Wanted(string channel, string id)
    {
        lock (gate) return topics.ContainsKey((channel, id));
    }

    /// <summary>A batched subscribe has arrived: from now on the topic's shared buffer fills, though the snapshot is yet to be read.</summary>
    public void Expect(string channel, string id)
    {
        lock (gate) TopicOf(channel, id).Expected++;
    }

    public void NoLongerExpect(string channel, string id)
    {
        lock (gate)
        {
            TopicOf(channel, id).Expected--;
            DropIfIdle(channel, id);
        }
    }

    /// <summary>Registers a subscriber after its snapshot was sent; false if it is one already.</summary>
    public bool Register(Connection connection, string channel, string id, bool batched, Action sendSnapshot)
    {
        lock (gate)
        {
            var topic = TopicOf(channel, id);
            if (topic.Direct.Contains(connection) || topic.Batched.Contains(connection)) return false;
            sendSnapshot();
            (batched ? topic.Batched : topic.Direct).Add(connection);
            return true;
        }
    }

    public bool Remove(Connection connection, string channel, string id)
    {
        lock (gate)
        {
            if (!topics.TryGetValue((channel, id), out var topic)) return false;
            var removed = topic.Direct.Remove(connection) | topic.Batched.Remove(connection);
            DropIfIdle(channel, id);
            return removed;
        }
    }

    public void RemoveAll(Connection connection, IEnumerable<(string Channel, string Id)> held)
    {
        foreach (var (channel, id) in held) Remove(connection, channel, id);
    }

    public void Publish(string channel, string id, Update update)
    {
        lock (gate)
        {
            if (!topics.TryGetValue((channel, id), out var topic)) return;
            foreach (var connection in topic.Direct) connection.SendUpdate(update.Tail);
            if (topic.Batched.Count > 0 || topic.Expected > 0) topic.Buffer.Add(update);
        }
    }

    /// <summary>Sends what was collected, grouped by child on the parent channel.</summary>
    public void Flush()
    {
        lock (gate)
        {
            foreach (var ((channel, id), topic) in topics)
            {
                if (topic.Buffer.Count == 0 || topic.Batched.Count == 0) continue;
                foreach (var group in topic.Buffer.GroupBy(u => u.Child))
                {
                    var tail = Tail(channel, id, group.Key, json =>
                    {
                        json.WriteStartArray();
                        foreach (var update in group) json.WriteRawValue(update.Contents, skipInputValidation: true);
                        json.WriteEndArray();
                    });
                    foreach (var connection in topic.Batched) connection.SendBatch(tail);
                }
                topic.Buffer.Clear();
            }
        }
    }

    public static byte[] Tail(string channel, string id, int? child, Action<Utf8JsonWriter> contents) => Unopened(json =>
    {
        if (Channels.ShownId(channel, id) is { } shown) json.WriteString("id", shown);
        json.WriteString("channel", channel);
        json.WriteString("version", Channels.Version(channel));
        if (child is { } number) json.WriteNumber("subaccountNumber", number);
        json.WritePropertyName("contents");
        contents(json);
    });

    /// <summary>The rest of an object whose first fields the connection writes; it begins with a comma.</summary>
    public static byte[] Unopened(Action<Utf8JsonWriter> members)
    {
        var bytes = Json.Of(json =>
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        });
        bytes[0] = (byte)',';
        return bytes;
    }

    private Topic TopicOf(string channel, string id)
    {
        if (!topics.TryGetValue((channel, id), out var topic)) topics[(channel, id)] = topic = new Topic();
        return topic;
    }

    private void DropIfIdle(string channel, string id)
    {
        if (topics.TryGetValue((channel, id), out var topic) && topic.Direct.Count + topic.Batched.Count + topic.Expected == 0) topics.Remove((channel, id));
    }

    private sealed class Topic
    {
        public List<Connection> Direct { get; } = [];
        public List<Connection> Batched { get; } = [];
        public List<Update> Buffer { get; } = [];
        public int Expected { get; set; }
    }
}
