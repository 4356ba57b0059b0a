using System.Text.Json.Nodes;

namespace Tidegate.Tests.Transcripts;

/// <summary>A recorded conversation with the real Indexer, where the recordings lie beside the project.</summary>
internal sealed class Transcript
{
    private readonly List<JsonObject> events;

    private Transcript(List<JsonObject> events) => this.events = events;

    /// <summary>What the Indexer said, in order.</summary>
    public IEnumerable<JsonObject> Said => Of("in").OfType<JsonObject>();

    /// <summary>What the client said, as text.</summary>
    public IEnumerable<string> Asked => Of("out").Select(TextOf);

    /// <summary>As <see cref="Asked"/>, with the time since the connection was made.</summary>
    public IEnumerable<(string Text, TimeSpan At)> Spoken =>
        events.Where(one => (string?)one["dir"] == "out").Select(one => (TextOf(one["frame"]), TimeSpan.FromMilliseconds((double)one["t_ms"]!)));

    /// <summary>How the Indexer closed.</summary>
    public (int Code, string Reason) Close => Of("close").Select(frame => ((int)frame!["code"]!, (string)frame["reason"]!)).Single();

    /// <summary>Errors that belong to no subscription, as text.</summary>
    public IEnumerable<string> Errors => Said.Where(frame => (string?)frame["type"] == "error").Select(frame => frame.ToJsonString());

    public static Transcript Read(string name)
    {
        var file = Find(name);
        Assert.SkipWhen(file is null, $"no transcripts: ../shared/data/transcripts/{name} is not there");
        return new Transcript([.. File.ReadLines(file!).Where(line => line.Length > 0).Select(line => JsonNode.Parse(line)!.AsObject())]);
    }

    /// <summary>REST answers: path with query, status, body.</summary>
    public static List<(string Path, int Status, string Body)> ReadRest()
    {
        var rows = Read("rest.jsonl").events;
        return rows.ConvertAll(row => (((string)row["path"]!)["/v4".Length..], (int)row["status"]!, row["body"]!.ToJsonString()));
    }

    /// <summary>What was subscribed, in order.</summary>
    public IEnumerable<(string Channel, string Id)> Topics() =>
        Of("out").OfType<JsonObject>().Where(frame => (string?)frame["type"] == "subscribe").Select(TopicOf).Distinct();

    /// <summary>The contents of the nth snapshot of a topic; the last one where there are fewer.</summary>
    public JsonNode? Snapshot(string channel, string id, int nth = 1)
    {
        var all = Said.Where(frame => (string?)frame["type"] == "subscribed" && TopicOf(frame) == (channel, id)).ToList();
        return all.Count == 0 ? null : all[Math.Min(nth, all.Count) - 1]["contents"];
    }

    /// <summary>The contents of a topic's updates in order, batches taken apart.</summary>
    public IEnumerable<JsonNode> Updates(string channel, string id) => Data(channel, id)
        .SelectMany(frame => frame["contents"] is JsonArray batch ? batch.OfType<JsonNode>() : [frame["contents"]!]);

    /// <summary>All data frames, or a topic's.</summary>
    public IEnumerable<JsonObject> Data(string? channel = null, string id = "") => Said
        .Where(frame => (string?)frame["type"] is "channel_data" or "channel_batch_data" && (channel is null || TopicOf(frame) == (channel, id)));

    public static (string Channel, string Id) TopicOf(JsonObject frame)
    {
        var channel = (string?)frame["channel"] ?? "";
        return (channel, channel is "v4_markets" or "v4_block_height" ? "" : (string?)frame["id"] ?? "");
    }

    private static string TextOf(JsonNode? frame) => frame is JsonValue text ? (string)text! : frame!.ToJsonString();

    private IEnumerable<JsonNode?> Of(string direction) => events.Where(one => (string?)one["dir"] == direction).Select(one => one["frame"]);

    private static string? Find(string name)
    {
        var file = Path.Combine(Repository.Root ?? "", "..", "shared", "data", "transcripts", name);
        return Repository.Root is not null && File.Exists(file) ? file : null;
    }
}
