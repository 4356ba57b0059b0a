using System.Globalization;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Tests.Feeds;

/// <summary>What goes wrong while a hole is being closed: another loss, a request that fails, an event that was never sent. Nothing missing, nothing twice, in chain order.</summary>
public sealed class HoleInHoleTests
{
    private static readonly TopicKey Account = new(Channel.Subaccounts, "a/0");
    private static readonly TopicKey Tape = new(Channel.Trades, "BTC-USD");

    private readonly FeedWorld world = new();
    private int fills = 100;
    private int trades = 1000;

    public HoleInHoleTests() => world.Answer = Rest;

    [Fact]
    public async Task A_trade_that_was_never_sent_and_is_found_behind_a_later_one_is_a_repair()
    {
        await using var _ = world;
        var hearer = await FollowAsync(Tape);
        hearer.Frame($$"""{"trades":[{{Trade(1002)}}]}""");
        trades = 1003;
        await world.LoseAsync(hearer);
        await FeedWorld.UntilAsync(() => hearer.Feed.Status.Mode == FeedMode.Streaming, "streaming");
        Assert.Equal(["Stream 1002", "Repair 1001", "Backfill 1003"], hearer.Rows(OutputKind.Tape, "trades", "createdAtHeight"));
    }

    [Fact]
    public async Task A_tape_lost_again_while_its_hole_is_paged_back_waits_for_the_second_hole_too()
    {
        await using var _ = world;
        var hearer = await FollowAsync(Tape);
        var gate = new TaskCompletionSource();
        world.Before = path => path.Contains("BeforeOrAtHeight", StringComparison.Ordinal) ? gate.Task : Task.CompletedTask;
        trades = 2500;
        await world.LoseAsync(hearer);
        await FeedWorld.UntilAsync(() => world.Asked.Any(path => path.Contains("BeforeOrAtHeight", StringComparison.Ordinal)), "the second page asked for");
        trades = 3600;
        await world.LoseAsync(hearer);
        hearer.Frame($$"""{"trades":[{{Trade(3601)}}]}""");
        gate.SetResult();
        await FeedWorld.UntilAsync(() => hearer.Feed.Status.Mode == FeedMode.Streaming, "streaming");
        Assert.Equal([.. Enumerable.Range(1001, 2600).Select(number => $"Backfill {number}"), "Stream 3601"], hearer.Rows(OutputKind.Tape, "trades", "createdAtHeight"));
    }

    [Fact]
    public async Task An_account_lost_again_while_its_hole_is_asked_for_waits_for_the_second_hole_too()
    {
        await using var _ = world;
        var hearer = await FollowAsync(Account);
        var gate = new TaskCompletionSource();
        world.Before = path => path.StartsWith("/transfers", StringComparison.Ordinal) ? gate.Task : Task.CompletedTask;
        fills = 105;
        await world.LoseAsync(hearer);
        await FeedWorld.UntilAsync(() => world.Asked[^1].StartsWith("/transfers", StringComparison.Ordinal), "the transfers asked for, after the fills");
        fills = 110;
        await world.LoseAsync(hearer);
        hearer.Frame("""{"fills":[{"id":"F111","size":"1","createdAtHeight":"111"}]}""");
        gate.SetResult();
        await FeedWorld.UntilAsync(() => hearer.Feed.Status.Mode == FeedMode.Streaming, "streaming");
        Assert.Equal([.. Enumerable.Range(101, 10).Select(number => $"Backfill F{number}"), "Stream F111"], hearer.Rows(OutputKind.Fills, "trades", "id"));
    }

    [Fact]
    public async Task Fills_read_before_a_request_that_fails_are_read_again()
    {
        await using var _ = world;
        fills = 3400;
        var failures = 1;
        world.Status = path => path.StartsWith("/orders?", StringComparison.Ordinal) && Interlocked.Decrement(ref failures) >= 0 ? 500 : 200;
        var hearer = await FollowAsync(Account, feed => Assert.True(feed.Outputs.Single(output => output.Kind == OutputKind.Fills).Restore(
            new FeedPast(System.Text.Encoding.UTF8.GetBytes($$"""{"trades":[{{Fills(1, 900)}}]}"""), [], [], DateTimeOffset.UnixEpoch))));
        await world.PassUntilAsync(() => hearer.Of(OutputKind.Fills).Count > 0 && hearer.Feed.Status is { Mode: FeedMode.Streaming, Complete: true }, "whole");
        Assert.Equal([.. Enumerable.Range(901, 2500).Select(number => $"Backfill F{number}")], hearer.Rows(OutputKind.Fills, "trades", "id"));
    }

    [Fact]
    public async Task Orders_of_rest_which_sorts_by_good_til_are_taken_by_when_they_changed()
    {
        await using var _ = world;
        world.Answer = path => path.StartsWith("/orders?", StringComparison.Ordinal) ? $"[{Order("late", 20)},{Order("early", 10)},{Order("between", 15)}]" : Rest(path);
        var hearer = await FollowAsync(Account);
        Assert.Equal(["early", "between", "late"], hearer.State(OutputKind.Orders).GetProperty("orders").EnumerateArray().Select(order => order.GetProperty("id").GetString()));

        static string Order(string id, int height) => $$"""{"id":"{{id}}","status":"FILLED","size":"1","totalFilled":"1","goodTilBlockTime":"2027-01-01T00:00:00.000Z","updatedAtHeight":"{{height}}"}""";
    }

    [Fact]
    public async Task A_feed_that_is_left_while_all_end_ends_once()
    {
        await using var _ = world;
        var hearer = await FollowAsync(Account);
        hearer.Feed.Dispose();
        hearer.Feed.Dispose();
    }

    private static string Trade(int number) => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{number:x8}}0000000200000001","side":"BUY","size":"1","price":"5","createdAt":"2026-01-01T00:00:00.000Z","createdAtHeight":"{{number}}","type":"LIMIT"}""");

    private static string Fills(int first, int count) => string.Join(',', Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $$"""{"id":"F{{number}}","size":"1","createdAtHeight":"{{number}}","account":true,"subaccountNumber":0}""")));

    // The newest thousand, newest first, as the Indexer has them.
    private string TapeUpTo(int newest) => $$"""{"trades":[{{string.Join(',', Enumerable.Range(0, 1000).Select(i => Trade(Math.Min(newest, trades) - i)))}}]}""";

    private string Rest(string path)
    {
        switch (path.Split('?')[0])
        {
            case "/orders":
                return "[]";
            case "/transfers":
                return """{"transfers":[]}""";
            case "/fills":
                var page = Number(path, "page=") ?? 1;
                var limit = Number(path, "limit=") ?? 1000;
                var first = ((page - 1) * limit) + 1;
                return $$"""{"fills":[{{Fills(first, Math.Clamp(fills - first + 1, 0, limit))}}],"totalResults":{{fills}}}""";
            default:
                return path.StartsWith("/trades", StringComparison.Ordinal) ? TapeUpTo(Number(path, "BeforeOrAtHeight=") ?? trades) : "{}";
        }
    }

    private static int? Number(string path, string name) =>
        path.IndexOf(name, StringComparison.Ordinal) is >= 0 and var at ? int.Parse(path[(at + name.Length)..].Split('&')[0], CultureInfo.InvariantCulture) : null;

    private async Task<FeedHearer> FollowAsync(TopicKey topic, Action<Feed>? before = null)
    {
        var others = world.Net.OnSent;
        world.Net.OnSent = (wire, line) =>
        {
            switch (line)
            {
                case "subscribe v4_markets":
                    wire.Subscribed(new TopicKey(Channel.Markets, ""), """{"markets":{"ETH-USD":{"ticker":"ETH-USD","clobPairId":"1","oraclePrice":"3000","initialMarginFraction":"0.05","maintenanceMarginFraction":"0.03"}}}""");
                    break;
                default:
                    others(wire, line);
                    break;
            }
        };
        await world.StartAsync();
        await FeedWorld.UntilAsync(() => world.Feeds.Markets.Count > 0, "markets");
        var hearer = topic == Tape ? new FeedHearer(world, topic, TapeUpTo(trades), before) : new FeedHearer(world, topic, "{}", before);
        await (before is null ? hearer.UntilReadyAsync() : Task.CompletedTask);
        if (topic == Tape)
        {
            // Each later subscribe is answered with the tape as it is then.
            var first = world.Net.OnSent;
            world.Net.OnSent = (wire, line) =>
            {
                if (line == "subscribe v4_trades BTC-USD")
                {
                    wire.Subscribed(Tape, TapeUpTo(trades));
                }
                else
                {
                    first(wire, line);
                }
            };
        }

        return hearer;
    }
}
