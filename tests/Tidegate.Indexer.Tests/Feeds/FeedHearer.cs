using System.Text;
using System.Text.Json;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>Follows one topic in a <see cref="FeedWorld"/> and writes down what each output tells.</summary>
internal sealed class FeedHearer
{
    private readonly Lock gate = new();
    private readonly List<(string Id, ChangeSource Source, JsonElement Body)> told = [];
    private readonly FeedWorld world;
    private readonly TopicKey topic;

    public FeedHearer(FeedWorld world, TopicKey topic, string snapshot, Action<Feed>? before = null)
    {
        (this.world, this.topic) = (world, topic);
        var answer = world.Net.OnSent;
        world.Net.OnSent = (wire, line) =>
        {
            if (line == $"subscribe {topic.Channel.WireName()} {topic.Id}")
            {
                wire.Subscribed(topic, snapshot);
            }
            else
            {
                answer(wire, line);
            }
        };
        Feed = world.Feeds.Follow(topic, feed =>
        {
            before?.Invoke(feed);
            foreach (var output in feed.Outputs)
            {
                output.Attach(new Ear(this, output));
            }
        });
    }

    public Feed Feed { get; }

    /// <summary>What was told of a kind, oldest first: its source and its data.</summary>
    public List<(ChangeSource Source, JsonElement Body)> Of(OutputKind kind)
    {
        lock (gate)
        {
            return [.. told.Where(change => change.Id == kind.ToString()).Select(change => (change.Source, change.Body))];
        }
    }

    /// <summary>The rows told of a kind, such as <c>Stream F1</c>.</summary>
    public List<string> Rows(OutputKind kind, string list, params string[] fields) =>
        [.. Of(kind).SelectMany(change => change.Body.GetProperty(list).EnumerateArray().Select(row => string.Join(' ', fields.Select(name => Text(row, name)).Prepend(change.Source.ToString()))))];

    public JsonElement State(OutputKind kind)
    {
        var output = Feed.Outputs.Single(output => output.Kind == kind);
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        lock (output.Gate)
        {
            output.WriteState(body);
        }

        return Json(Encoding.UTF8.GetString(body.WrittenSpan));
    }

    public void Frame(string contents, int? child = null)
    {
        world.Net.Last.Say($$"""{"type":"channel_data","channel":"{{topic.Channel.WireName()}}","id":"{{topic.Id}}","message_id":1,{{(child is { } number ? $"\"subaccountNumber\":{number}," : "")}}"contents":{{contents}}}""");
        world.Net.Last.Drain();
    }

    /// <summary>Several updates in one frame, as a batched subscription has them: <c>contents</c> is then an array.</summary>
    public void Batch(params string[] contents)
    {
        world.Net.Last.Say($$"""{"type":"channel_batch_data","channel":"{{topic.Channel.WireName()}}","id":"{{topic.Id}}","message_id":1,"contents":[{{string.Join(',', contents)}}]}""");
        world.Net.Last.Drain();
    }

    public Task UntilReadyAsync() => FeedWorld.UntilAsync(() => Feed.Outputs.All(output => output.HasState), "whole");

    private static string Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.ToString() : "absent";

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private sealed class Ear(FeedHearer hearer, FeedOutput output) : IFeedListener
    {
        public void OnState()
        {
        }

        public void OnChange(in FeedChange change)
        {
            lock (hearer.gate)
            {
                hearer.told.Add((output.Kind.ToString(), change.Source, Json(Encoding.UTF8.GetString(change.Body))));
            }
        }

        public void OnGap(FeedGap gap)
        {
        }

        public void OnStatus(FeedStatus status)
        {
        }

        public void OnRefused(FeedRefusal refusal, string message)
        {
        }
    }
}
