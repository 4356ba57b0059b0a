using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.Transcripts;

/// <summary>The built gateway in front of a fake Indexer that plays a recorded conversation: its snapshots, its updates, its errors, its close.</summary>
internal sealed partial class TranscriptIndexer : IAsyncDisposable
{
    private readonly List<(string Path, int Status, string Body)> rest = Transcript.ReadRest();

    private TranscriptIndexer(Transcript transcript, ScriptedIndexer indexer) => (Transcript, Indexer) = (transcript, indexer);

    public Transcript Transcript { get; }

    public ScriptedIndexer Indexer { get; }

    public BuiltGateway Gateway { get; private set; } = null!;

    // A conversation is one socket's: no standby here.
    public static async Task<TranscriptIndexer> StartAsync(string name, params string[] settings)
    {
        var played = new TranscriptIndexer(Transcript.Read(name), await ScriptedIndexer.StartAsync());
        played.Indexer.Answer = played.Answer;
        played.Indexer.Rest = played.Rest;
        played.Gateway = await BuiltGateway.StartOnAsync(played.Indexer.WebSocketUrl, played.Indexer.RestUrl, [], ["Access:Mode=open", "Indexer:Standby=false", .. settings]);
        return played;
    }

    public Task<DashboardClient> ConnectAsync(string more = "&subscribe=none") => Gateway.ConnectAsync(more);

    /// <summary>Says what the Indexer said after its snapshots, in its order.</summary>
    public async Task PlayAsync()
    {
        foreach (var frame in Transcript.Data())
        {
            var (channel, id) = Transcript.TopicOf(frame);
            await Indexer.SayAsync(channel, id, frame.ToJsonString());
        }
    }

    /// <summary>Says the errors of the conversation on every socket of the gateway.</summary>
    public async Task PlayErrorsAsync()
    {
        foreach (var error in Transcript.Errors)
        {
            await Indexer.SayAsync("v4_markets", "", error);
        }
    }

    public Task CloseAsync() => Indexer.CloseAsync(Transcript.Close.Code, Transcript.Close.Reason);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Indexer.DisposeAsync();
    }

    private string? Answer(Subscribe topic)
    {
        if (Transcript.Snapshot(topic.Channel, topic.Id, topic.Attempt) is { } contents)
        {
            return Scripts.Subscribed(topic.Channel, topic.Id, contents.ToJsonString());
        }

        var refusal = Transcript.Errors.FirstOrDefault(error => error.Contains($"({topic.Channel}-{topic.Id})", StringComparison.Ordinal) && error.Contains("Invalid subscription id", StringComparison.Ordinal));
        return refusal ?? Scripts.Plain(topic);
    }

    private (int Status, string Body) Rest(string path)
    {
        if (path == "/time")
        {
            return Scripts.Rest(path);
        }

        var recorded = rest.Find(row => row.Status is 200 or 404 && Bare(row.Path) == Bare(path));
        return recorded.Path is null ? Scripts.Rest(path) : (recorded.Status, recorded.Body);
    }

    // What narrows an answer down does not choose it.
    private static string Bare(string path) => Narrowing().Replace(path, "");

    [GeneratedRegex("[?&](limit|status|page)=[^&]*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Narrowing();
}

/// <summary>What tests of played conversations look for in a client's frames.</summary>
internal static class Seen
{
    public static IEnumerable<JsonObject> Of(this DashboardClient client, string channel, string id = "") =>
        client.Frames.Where(frame => (string?)frame["channel"] == channel && ((string?)frame["id"] ?? "") == id);

    /// <summary>Items of a topic's updates in order of arrival.</summary>
    public static IEnumerable<JsonNode> Told(this DashboardClient client, string channel, string id, string items) => client.Of(channel, id)
        .Where(frame => (string?)frame["type"] is { } type && type.EndsWith("_update", StringComparison.Ordinal))
        .SelectMany(frame => frame["data"]![items]!.AsArray()).OfType<JsonNode>();

    public static string Mode(JsonObject frame) => (string?)frame["type"] == "feed_status" ? (string)frame["data"]!["mode"]! : "";

    public static async Task<JsonObject> SubscribedAsync(this DashboardClient client, string channel, string id = "", string more = "")
    {
        var from = client.Frames.Count;
        await client.SubscribeAsync(channel, id.Length == 0 ? null : id, more);
        return await client.WaitForAsync("subscribed", channel, id.Length == 0 ? null : id, from);
    }

    /// <summary>Waits for an error with the code.</summary>
    public static Task<JsonObject> ErrorAsync(this DashboardClient client, string code, int from = 0) =>
        client.WaitAsync(frame => DashboardClient.Is(frame, "error") && (string?)frame["code"] == code, code, from);

    /// <summary>Everything said before was handled when the answer is there.</summary>
    public static async Task PingAsync(this DashboardClient client)
    {
        var from = client.Frames.Count;
        await client.SendAsync("""{"type":"ping"}""");
        await client.WaitForAsync("pong", from: from);
    }
}
