using System.Text.Json.Nodes;
using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.DropIn;

/// <summary>The conversations recorded with the real Indexer, held again with <c>/v4/ws</c>: the same words get the same answers.</summary>
public sealed class RecordedConversationTests
{
    [Theory]
    [InlineData("errors.jsonl")]
    [InlineData("invalid-json.jsonl")]
    [InlineData("invalid-type.jsonl")]
    [InlineData("numeric-id.jsonl")]
    [InlineData("channel-limit.jsonl")]
    [InlineData("double-subscribe.jsonl")]
    [InlineData("unborn-account.jsonl")]
    [InlineData("resubscribe-after-unsubscribe.jsonl")]
    public async Task The_same_words_get_the_same_answers(string name)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await IndexerClient.ConnectAsync(played.Gateway, "/v4/ws");
        await SayAsync(played.Transcript, client);
        var expected = Answers(played.Transcript.Said);
        await client.WaitAsync(_ => Answers(client.Frames).Count >= expected.Count, "every answer");
        Assert.Equal(expected, Answers(client.Frames));
        Assert.Null(client.CloseStatus);
        IndexerClient.CheckFrames(client);
    }

    [Theory]
    [InlineData("invalid-flood.jsonl", "Too many invalid messages. Please reconnect and try again.")]
    [InlineData("subscribe-rate.jsonl", "Too many subscribe attempts for channel v4_trades-BTC-USD. Please  reconnect and try again.")]
    public async Task Too_much_is_closed_as_the_indexer_closes_it(string name, string last)
    {
        await using var played = await TranscriptIndexer.StartAsync(name);
        await using var client = await IndexerClient.ConnectAsync(played.Gateway, "/v4/ws");
        await SayAsync(played.Transcript, client);
        await client.WaitForCloseAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(last, (string?)client.Frames.Last(frame => (string?)frame["type"] == "error")["message"]);
        Assert.Equal(played.Transcript.Close, ((int)client.CloseStatus!, client.CloseReason!));
    }

    [Fact]
    public async Task All_channels_have_the_recorded_fields()
    {
        await using var played = await TranscriptIndexer.StartAsync("all-channels.jsonl");
        await using var client = await IndexerClient.ConnectAsync(played.Gateway, "/v4/ws");
        foreach (var (channel, id) in played.Transcript.Topics())
        {
            await client.SubscribeAsync(channel, id.Length > 0 ? id : null);
            await client.WaitForAsync("subscribed", channel);
        }

        await played.PlayAsync();
        foreach (var channel in played.Transcript.Topics().Select(topic => topic.Channel))
        {
            var theirs = played.Transcript.Said.Where(frame => (string?)frame["channel"] == channel).ToList();
            await client.WaitForAsync("channel_data", channel);
            foreach (var type in new[] { "subscribed", "channel_data" })
            {
                var (expected, given) = (theirs.First(frame => (string?)frame["type"] == type), client.Frames.First(frame => DashboardClient.Is(frame, type, channel)));
                Assert.Equal(expected.Select(member => member.Key).Order(StringComparer.Ordinal), given.Select(member => member.Key).Order(StringComparer.Ordinal));
                Assert.Equal((string?)expected["version"], (string?)given["version"]);
                Assert.Empty(Missing(expected["contents"]!, given["contents"]!, channel + " " + type));
            }
        }

        // Numbers of the stream go through as they are.
        Assert.Equal(
            played.Transcript.Updates("v4_trades", "BTC-USD").Select(contents => contents["trades"]!.ToJsonString()).First(),
            client.Contents("v4_trades", "BTC-USD")[0]["trades"]!.ToJsonString());
        IndexerClient.CheckFrames(client);
    }

    // At the pace at which it was said: some answers depend on what came within a second.
    private static async Task SayAsync(Transcript transcript, DashboardClient client)
    {
        var before = TimeSpan.Zero;
        foreach (var (text, at) in transcript.Spoken)
        {
            if (at - before > TimeSpan.FromMilliseconds(20))
            {
                await Task.Delay(at - before, TestContext.Current.CancellationToken);
            }

            before = at;
            await client.SendAsync(text);
        }
    }

    // Without numbers of the connection and without contents; sorted, as answers of different topics may overtake each other.
    private static List<string> Answers(IEnumerable<JsonObject> frames) =>
        [.. frames.Where(frame => (string?)frame["type"] is not ("channel_data" or "channel_batch_data")).Select(Bare).Order(StringComparer.Ordinal)];

    private static string Bare(JsonObject frame)
    {
        var bare = frame.Where(member => member.Key is "type" or "message" or "channel" or "id").OrderBy(member => member.Key, StringComparer.Ordinal).ToDictionary(member => member.Key, member => member.Value?.ToJsonString());
        return string.Join(' ', bare.Select(member => $"{member.Key}={member.Value}")) + (frame["contents"] is JsonObject { Count: 0 } ? " empty" : "");
    }

    // Members that the recorded frame has and the given one has not; of maps keyed by ticker or symbol and of lists the first entry.
    private static List<string> Missing(JsonNode expected, JsonNode given, string at)
    {
        if (expected is JsonArray { Count: > 0 } list)
        {
            return given is JsonArray { Count: > 0 } other ? Missing(list[0]!, other[0]!, at + "[0]") : [at + "[0]"];
        }

        if (expected is not JsonObject members)
        {
            return [];
        }

        return given is not JsonObject own
            ? [at]
            : [.. members.SelectMany(member => !own.ContainsKey(member.Key) ? [$"{at}.{member.Key}"] : member.Value is null ? [] : Missing(member.Value, own[member.Key]!, $"{at}.{member.Key}"))];
    }
}
