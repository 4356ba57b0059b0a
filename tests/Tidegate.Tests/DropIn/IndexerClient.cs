using System.Globalization;
using System.Text.Json.Nodes;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.DropIn;

/// <summary>What a strict client of the Indexer's protocol demands of the frames it gets (cases.md 6, 10, 11). Knows protocol.md alone.</summary>
internal static class IndexerClient
{
    private static readonly string[] WithoutId = ["v4_markets"];

    /// <summary>Connects to the gateway's <c>/v4/ws</c>; the path may have a token before it.</summary>
    public static Task<DashboardClient> ConnectAsync(BuiltGateway gateway, string? path = null) =>
        DashboardClient.ConnectAsync(new Uri($"ws://{gateway.Address.Authority}{path ?? $"/v4/ws?token={gateway.Token}"}"));

    /// <summary>Data frames of a topic, batches as one.</summary>
    public static List<JsonObject> Data(this DashboardClient client, string channel, string? id = null) =>
        [.. client.Frames.Where(frame => (string?)frame["type"] is "channel_data" or "channel_batch_data" && (string?)frame["channel"] == channel && (id is null || (string?)frame["id"] == id))];

    /// <summary>Their contents one by one.</summary>
    public static List<JsonObject> Contents(this DashboardClient client, string channel, string? id = null) =>
        [.. client.Data(channel, id).SelectMany(frame => frame["contents"] is JsonArray batch ? batch.Select(one => one!.AsObject()) : [frame["contents"]!.AsObject()])];

    /// <summary>Rows of a list in a topic's contents.</summary>
    public static List<JsonObject> Rows(this DashboardClient client, string channel, string id, string list) =>
        [.. client.Contents(channel, id).Where(contents => contents[list] is JsonArray).SelectMany(contents => contents[list]!.AsArray()).Select(row => row!.AsObject())];

    /// <summary>Holds every frame against the protocol.</summary>
    public static void CheckFrames(DashboardClient client)
    {
        var next = 0L;
        foreach (var frame in client.Frames)
        {
            var (type, channel) = ((string)frame["type"]!, (string?)frame["channel"]);
            var number = frame["message_id"]!.GetValue<long>();
            Assert.True(number == next || (type == "error" && number == Math.Max(0, next - 1)), $"{next} expected: {Short(frame)}");
            next = Math.Max(next, number + 1);
            Assert.True((string?)frame["connection_id"] == (string?)client.Frames[0]["connection_id"], Short(frame));
            if (type is "subscribed" or "channel_data" or "channel_batch_data")
            {
                Assert.True(WithoutId.Contains(channel) ? !frame.ContainsKey("id") : frame["id"] is JsonValue, Short(frame));
            }

            if (type is "channel_data" or "channel_batch_data")
            {
                CheckData(frame, channel!, batched: type == "channel_batch_data");
            }
        }
    }

    /// <summary>The book of a topic as a client keeps it that knows levels by the text of their price.</summary>
    public static (Dictionary<string, string> Bids, Dictionary<string, string> Asks) Book(this DashboardClient client, string ticker)
    {
        var snapshot = client.Frames.Single(frame => DashboardClient.Is(frame, "subscribed", "v4_orderbook", ticker))["contents"]!;
        var book = (Side(snapshot["bids"]!), Side(snapshot["asks"]!));
        foreach (var contents in client.Contents("v4_orderbook", ticker))
        {
            Apply(contents["bids"], book.Item1);
            Apply(contents["asks"], book.Item2);
            Assert.True(book.Item1.Count == 0 || book.Item2.Count == 0 || book.Item1.Keys.Max(Number) < book.Item2.Keys.Min(Number), "crossed after " + Short(contents));
        }

        return book;
    }

    public static decimal Number(string text) => decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);

    private static void CheckData(JsonObject frame, string channel, bool batched)
    {
        Assert.True(frame["version"] is JsonValue, Short(frame));
        Assert.True(batched == frame["contents"] is JsonArray, Short(frame));
        Assert.True((channel == "v4_parent_subaccounts") == frame["subaccountNumber"] is JsonValue, Short(frame));
        foreach (var contents in frame["contents"] is JsonArray batch ? batch.Select(one => one!.AsObject()) : [frame["contents"]!.AsObject()])
        {
            if (channel is "v4_subaccounts" or "v4_parent_subaccounts")
            {
                Assert.True(contents["blockHeight"] is JsonValue height && height.TryGetValue<string>(out _), Short(contents));
                Assert.True(contents["transfers"] is null or JsonObject, Short(contents));
            }
        }
    }

    private static Dictionary<string, string> Side(JsonNode levels) => levels.AsArray().ToDictionary(level => (string)level!["price"]!, level => (string)level!["size"]!);

    private static void Apply(JsonNode? changes, Dictionary<string, string> side)
    {
        foreach (var change in changes?.AsArray() ?? [])
        {
            var (price, size) = ((string)change![0]!, (string)change[1]!);
            if (Number(size) == 0)
            {
                side.Remove(price);
            }
            else
            {
                side[price] = size;
            }
        }
    }

    private static string Short(JsonNode frame)
    {
        var text = frame.ToJsonString();
        return text[..Math.Min(400, text.Length)];
    }
}
