using System.Text;
using System.Text.Json.Nodes;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>What feeds tell in the Indexer's own shape: the frames that a client of its protocol would have seen, had nothing been lost.</summary>
public sealed class ContentsTests
{
    private const string Whole = """{"subaccount":{"address":"a","subaccountNumber":0,"equity":"10","freeCollateral":"10","openPerpetualPositions":{"ETH-USD":{"market":"ETH-USD","status":"OPEN","side":"LONG","size":"2","entryPrice":"5","netFunding":"1","realizedPnl":"1"}},"assetPositions":{"USDC":{"symbol":"USDC","side":"LONG","size":"7","assetId":"0","subaccountNumber":0}},"marginEnabled":true,"latestProcessedBlockHeight":"100"},"orders":[{"id":"o1","status":"OPEN","size":"1","price":"2","goodTilBlock":"9000"}],"blockHeight":"100"}""";

    [Fact]
    public async Task A_frame_goes_on_as_one_frame_with_what_is_new_in_it_and_what_nobody_knows()
    {
        await using var world = new FeedWorld();
        var ear = await FollowAsync(world, new TopicKey(Channel.Subaccounts, "a/0"), Whole);
        ear.Frame("""{"perpetualPositions":[{"market":"ETH-USD","side":"LONG","status":"OPEN","size":"3","entryPrice":"5","newField":"x"}],"orders":[{"id":"o2","status":"BEST_EFFORT_OPENED","size":"1","price":"3"}],"fills":[{"id":"f1","size":"1","createdAtHeight":"101","ticker":"ETH-USD"}],"tradingReward":{"tradingReward":"0.1"},"blockHeight":"101"}""");
        var told = Assert.Single(ear.Contents);
        Assert.Equal(["perpetualPositions", "orders", "fills", "tradingReward", "blockHeight"], told.Select(member => member.Key));
        Assert.Equal("x", (string?)told["perpetualPositions"]![0]!["newField"]);
        Assert.Equal("101", (string?)told["blockHeight"]);
        Assert.Null(told["fills"]![0]!["account"]);

        // Repeated by the broker: nothing is new but what cannot be known.
        ear.Frame("""{"fills":[{"id":"f1","size":"1","createdAtHeight":"101","ticker":"ETH-USD"}],"blockHeight":"101"}""");
        Assert.Single(ear.Contents);
    }

    [Fact]
    public async Task What_rest_knows_otherwise_becomes_an_update_of_the_difference()
    {
        await using var world = new FeedWorld();
        var ear = await FollowAsync(world, new TopicKey(Channel.Subaccounts, "a/0"), Whole);
        ear.Frame("""{"perpetualPositions":[{"positionId":"p1","market":"ETH-USD","side":"LONG","status":"OPEN","size":"3","entryPrice":"5"}],"blockHeight":"101"}""");
        world.Answer = path => path.StartsWith("/addresses", StringComparison.Ordinal)
            ? """{"subaccount":{"address":"a","subaccountNumber":0,"openPerpetualPositions":{"ETH-USD":{"market":"ETH-USD","status":"OPEN","side":"LONG","size":"4","entryPrice":"5","netFunding":"9","realizedPnl":"9"}},"assetPositions":{},"latestProcessedBlockHeight":"105"}}"""
            : Empty(path);
        await world.PassUntilAsync(() => ear.Contents.Count > 1, "a repair");
        var told = ear.Contents[1];
        var position = Assert.Single(told["perpetualPositions"]!.AsArray())!;
        Assert.Equal(("4", "p1", "a", 0), ((string?)position["size"], (string?)position["positionId"], (string?)position["address"], (int)position["subaccountNumber"]!));

        // REST means other sums by these names.
        Assert.Equal((null, null), (position["netFunding"], position["realizedPnl"]));
        Assert.Equal(("USDC", "0"), ((string?)told["assetPositions"]![0]!["symbol"], (string?)told["assetPositions"]![0]!["size"]));
        Assert.IsType<string>((string?)told["blockHeight"]);
    }

    [Fact]
    public async Task A_state_has_no_names_that_only_rows_of_frames_have()
    {
        await using var world = new FeedWorld();
        var ear = await FollowAsync(world, new TopicKey(Channel.Subaccounts, "a/0"), Whole);
        ear.Frame("""{"perpetualPositions":[{"address":"a","subaccountNumber":0,"positionId":"p1","market":"ETH-USD","side":"LONG","status":"OPEN","size":"3","entryPrice":"5","novel":"x"}],"assetPositions":[{"address":"a","subaccountNumber":0,"positionId":"p2","assetId":"0","symbol":"USDC","side":"LONG","size":"8"}],"blockHeight":"101"}""");
        var subaccount = ear.State()["subaccount"]!;
        Assert.Equal(["assetId", "side", "size", "subaccountNumber", "symbol"], subaccount["assetPositions"]!["USDC"]!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        var position = subaccount["openPerpetualPositions"]!["ETH-USD"]!;
        Assert.Equal((null, null, "x", "3"), (position["address"], position["positionId"], (string?)position["novel"], (string?)position["size"]));
    }

    [Fact]
    public async Task Events_of_a_hole_come_as_frames_of_their_subaccount()
    {
        await using var world = new FeedWorld();
        var ear = await FollowAsync(world, new TopicKey(Channel.ParentSubaccounts, "a/0"), "{}");
        var fills = """[{"id":"f1","size":"1","createdAtHeight":"5","subaccountNumber":0},{"id":"f2","size":"1","createdAtHeight":"6","subaccountNumber":128},{"id":"f3","size":"1","createdAtHeight":"7","subaccountNumber":128}]""";
        world.Answer = path => path.StartsWith("/fills", StringComparison.Ordinal) ? $$"""{"fills":{{fills}},"totalResults":3}""" : Empty(path);
        world.Net.Last.End(1006, null);
        await world.PassUntilAsync(() => ear.Told.Count >= 2, "the fills");
        Assert.Equal([(0, "f1"), (128, "f2 f3")], ear.Told.Select(change => (change.Subaccount, string.Join(' ', change.Body["fills"]!.AsArray().Select(row => (string)row!["id"]!)))));
        ear.Frame("""{"orders":[{"id":"o9","status":"OPEN","size":"1","price":"3"}],"blockHeight":"9"}""", child: 256);
        Assert.Equal((256, "9"), (ear.Told[^1].Subaccount, (string?)ear.Told[^1].Body["blockHeight"]));
    }

    [Fact]
    public async Task A_snapshot_is_as_rest_has_it_and_an_account_that_never_was_is_empty()
    {
        await using var world = new FeedWorld();
        var ear = await FollowAsync(world, new TopicKey(Channel.Subaccounts, "a/0"), Whole);
        var state = ear.State();
        Assert.Equal(["subaccount", "orders", "blockHeight"], state.Select(member => member.Key));
        Assert.Equal(["address", "subaccountNumber", "equity", "freeCollateral", "openPerpetualPositions", "assetPositions", "marginEnabled", "latestProcessedBlockHeight"], state["subaccount"]!.AsObject().Select(member => member.Key));
        Assert.Equal("o1", (string?)Assert.Single(state["orders"]!.AsArray())!["id"]);
        await using var empty = new FeedWorld();
        Assert.Empty((await FollowAsync(empty, new TopicKey(Channel.Subaccounts, "b/0"), "{}")).State());
    }

    [Fact]
    public async Task Candles_markets_and_blocks_go_on_as_they_came()
    {
        await using var world = new FeedWorld();
        var candle = """{"startedAt":"2026-01-01T00:01:00.000Z","ticker":"BTC-USD","resolution":"1MIN","low":"1","high":"2","open":"1","close":"2.50","baseTokenVolume":"1","usdVolume":"1","trades":4,"x":"kept"}""";
        var ear = await FollowAsync(world, new TopicKey(Channel.Candles, "BTC-USD/1MIN"), """{"candles":[{"startedAt":"2026-01-01T00:01:00.000Z","trades":1,"open":"1"},{"startedAt":"2026-01-01T00:00:00.000Z","trades":1,"open":"1"}]}""");
        ear.Frame(candle);
        Assert.Equal(candle, Assert.Single(ear.Contents).ToJsonString());
        Assert.Equal(["2026-01-01T00:01:00.000Z", "2026-01-01T00:00:00.000Z"], ear.State()["candles"]!.AsArray().Select(row => (string)row!["startedAt"]!));
        Assert.All(ear.State()["candles"]!.AsArray(), row => Assert.Null(row!["closed"]));
    }

    private static async Task<ContentsEar> FollowAsync(FeedWorld world, TopicKey topic, string snapshot)
    {
        world.Answer = Empty;
        var all = world.Net.OnSent;
        world.Net.OnSent = (wire, line) =>
        {
            if (line == "subscribe v4_markets")
            {
                wire.Subscribed(new TopicKey(Channel.Markets, ""), """{"markets":{"ETH-USD":{"ticker":"ETH-USD","oraclePrice":"5","initialMarginFraction":"0","maintenanceMarginFraction":"0"}}}""");
            }
            else
            {
                all(wire, line);
            }
        };
        await world.StartAsync();
        await FeedWorld.UntilAsync(() => world.Feeds.Markets.Count > 0, "markets");
        var ear = new ContentsEar();
        ear.Frames = new FeedHearer(world, topic, snapshot, ear.Attach).Frame;
        await FeedWorld.UntilAsync(() => ear.IsWhole, "whole");
        return ear;
    }

    private static string Empty(string path) => path.StartsWith("/orders?", StringComparison.Ordinal) || path.StartsWith("/orders/parent", StringComparison.Ordinal) ? "[]" : """{"fills":[],"transfers":[],"totalResults":0}""";

    /// <summary>Writes down what a feed tells as contents.</summary>
    private sealed class ContentsEar : IFeedListener
    {
        private readonly Lock gate = new();
        private readonly List<(int Subaccount, JsonObject Body)> told = [];
        private FeedOutput output = null!;

        public Action<string, int?> Frames { get; set; } = null!;

        public bool IsWhole => output.HasState;

        public List<(int Subaccount, JsonObject Body)> Told
        {
            get
            {
                lock (gate)
                {
                    return [.. told];
                }
            }
        }

        public List<JsonObject> Contents => Told.ConvertAll(change => change.Body);

        public void Attach(Feed feed)
        {
            output = feed.Contents;
            output.Attach(this);
        }

        public void Frame(string contents, int? child = null) => Frames(contents, child);

        public JsonObject State()
        {
            var body = new System.Buffers.ArrayBufferWriter<byte>();
            lock (output.Gate)
            {
                output.WriteState(body);
            }

            return JsonNode.Parse(body.WrittenSpan)!.AsObject();
        }

        public void OnState()
        {
        }

        public void OnChange(in FeedChange change)
        {
            lock (gate)
            {
                told.Add((change.Subaccount, JsonNode.Parse(Encoding.UTF8.GetString(change.Body))!.AsObject()));
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
