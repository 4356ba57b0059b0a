using System.Globalization;
using System.Text.Json;

namespace Tidegate.Simulator.Tests.Rest;

/// <summary>protocol.md 4.</summary>
public class RestTests
{
    [Fact]
    public async Task Fills_with_a_page_are_oldest_first_with_totals_and_without_one_newest_height_first()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var path = $"/fills?address={world.Lively}&subaccountNumber=0&limit=50";
        var paged = await world.BodyAsync(path + "&page=2");
        Assert.Equal((50, 50), (paged.GetProperty("pageSize").GetInt32(), paged.GetProperty("offset").GetInt32()));
        Assert.True(paged.GetProperty("totalResults").GetInt32() > 100);
        Assert.Equal(Heights(paged, "fills").Order(), Heights(paged, "fills"));
        var plain = await world.BodyAsync(path);
        Assert.False(plain.TryGetProperty("totalResults", out _));
        Assert.Equal(Heights(plain, "fills").OrderDescending(), Heights(plain, "fills"));
        Assert.Equal("BTC-USD ETH-USD MEME-USD", string.Join(' ', plain.GetProperty("fills").EnumerateArray().Select(f => f.GetProperty("market").GetString()).Distinct().Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Inside_one_height_fills_are_in_no_order()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var account = world.Exchange.AccountOf(world.Lively, 0);
        var height = account.Fills.GroupBy(f => f.Height).OrderByDescending(g => g.Count()).First().Key;
        var body = await world.BodyAsync($"/fills?address={world.Lively}&subaccountNumber=0");
        var chain = account.Fills.ToDictionary(f => f.Id, f => f.EventId);
        var groups = body.GetProperty("fills").EnumerateArray().GroupBy(f => f.GetProperty("createdAtHeight").GetString()).Where(g => g.Count() > 1)
            .Select(g => g.Select(f => chain[f.GetProperty("id").GetString()!]).ToList()).ToList();
        Assert.True(height > 0);
        Assert.Contains(groups, g => !g.SequenceEqual(g.OrderDescending(StringComparer.Ordinal)));
        Assert.Contains(groups, g => !g.SequenceEqual(g.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task The_parent_path_ignores_its_cursor_and_the_childs_does_not()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var cursor = world.Exchange.AccountOf(world.Lively, 0).Fills[20].Height;
        var parent = await world.BodyAsync($"/fills/parentSubaccountNumber?address={world.Lively}&parentSubaccountNumber=0&limit=5");
        var again = await world.BodyAsync($"/fills/parentSubaccountNumber?address={world.Lively}&parentSubaccountNumber=0&limit=5&createdBeforeOrAtHeight={cursor}");
        Assert.Equal(parent.GetRawText(), again.GetRawText());
        var child = await world.BodyAsync($"/fills?address={world.Lively}&subaccountNumber=0&limit=5&createdBeforeOrAtHeight={cursor}");
        Assert.All(Heights(child, "fills"), h => Assert.True(h <= cursor));
    }

    [Fact]
    public async Task Trades_page_backward_by_an_inclusive_height()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var first = await world.BodyAsync("/trades/perpetualMarket/BTC-USD?limit=100");
        var last = Heights(first, "trades")[^1];
        var second = await world.BodyAsync($"/trades/perpetualMarket/BTC-USD?limit=100&createdBeforeOrAtHeight={last}");
        Assert.Equal(last, Heights(second, "trades")[0]);
        Assert.Equal(100, Heights(second, "trades").Count);
    }

    [Fact]
    public async Task Transfers_are_newest_first_with_a_page_too_and_the_parents_leave_out_their_own()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var own = await world.BodyAsync($"/transfers?address={world.Lively}&subaccountNumber=0&page=1&limit=20");
        Assert.Equal(Heights(own, "transfers").OrderDescending(), Heights(own, "transfers"));
        Assert.All(own.GetProperty("transfers").EnumerateArray(), t => Assert.NotEqual("", t.GetProperty("id").GetString()));
        var all = await world.BodyAsync($"/transfers?address={world.Lively}&subaccountNumber=0");
        var parent = await world.BodyAsync($"/transfers/parentSubaccountNumber?address={world.Lively}&parentSubaccountNumber=0");
        Assert.Contains(all.GetProperty("transfers").EnumerateArray(), IsInner);
        Assert.DoesNotContain(parent.GetProperty("transfers").EnumerateArray(), IsInner);

        static bool IsInner(JsonElement t) => t.GetProperty("recipient").TryGetProperty("subaccountNumber", out var n) && n.GetInt32() == 128;
    }

    [Fact]
    public async Task A_book_has_a_hundred_levels_a_side_and_is_never_crossed()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        for (var i = 0; i < 20; i++)
        {
            world.Exchange.Cross("BTC-USD", TimeSpan.FromSeconds(3));
            world.Exchange.Step(TimeSpan.FromSeconds(1));
            var body = await world.BodyAsync("/orderbooks/perpetualMarket/BTC-USD");
            Assert.Equal((100, 100), (body.GetProperty("bids").GetArrayLength(), body.GetProperty("asks").GetArrayLength()));
            Assert.True(Price(body.GetProperty("bids")[0]) < Price(body.GetProperty("asks")[0]));
        }
        Assert.True(world.Exchange.Markets[0].Book.Bids.Count > 100);
    }

    [Fact]
    public async Task Candles_are_newest_first_between_an_inclusive_and_an_exclusive_time()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var body = await world.BodyAsync("/candles/perpetualMarkets/BTC-USD?resolution=1HOUR&fromISO=2026-03-02T05:00:00.000Z&toISO=2026-03-02T08:00:00.000Z");
        Assert.Equal(["2026-03-02T07:00:00.000Z", "2026-03-02T06:00:00.000Z", "2026-03-02T05:00:00.000Z"], body.GetProperty("candles").EnumerateArray().Select(c => c.GetProperty("startedAt").GetString()));
    }

    [Theory]
    [InlineData("/orderbooks/perpetualMarket/NOPE-USD", 404, "NOPE-USD not found in markets of type PERPETUAL")]
    [InlineData("/trades/perpetualMarket/NOPE-USD", 400, "ticker must be a valid ticker (BTC-USD, etc)")]
    [InlineData("/candles/perpetualMarkets/NOPE-USD?resolution=1MIN", 400, "ticker must be a valid ticker (BTC-USD, etc)")]
    [InlineData("/perpetualMarkets?ticker=NOPE-USD", 400, "ticker must be a valid ticker (BTC-USD, etc)")]
    [InlineData("/historicalFunding/NOPE-USD", 400, "ticker must be a valid ticker (BTC-USD, etc)")]
    [InlineData("/candles/perpetualMarkets/BTC-USD?resolution=2MIN", 400, "resolution must be a valid Candle Resolution, one of 1MIN,5MINS,15MINS,30MINS,1HOUR,4HOURS,1DAY")]
    [InlineData("/trades/perpetualMarket/BTC-USD?limit=5000", 400, "limit must be a positive integer that is not greater than max: 1000")]
    [InlineData("/fills?address=x", 400, "subaccountNumber must be a non-negative integer less than 128001")]
    [InlineData("/addresses/nonsense/subaccountNumber/0", 404, "No subaccount found with address nonsense and subaccountNumber 0")]
    [InlineData("/transfers?address=nonsense&subaccountNumber=0", 404, "No subaccount found with address nonsense and subaccountNumber 0")]
    public async Task Errors_have_the_servers_status_and_words(string path, int status, string message)
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var (given, body, _) = await world.GetAsync(path);
        Assert.Equal((status, message), (given, body.GetProperty("errors")[0].GetProperty("msg").GetString()));
    }

    [Theory]
    [InlineData("/fills?address=nonsense&subaccountNumber=0", """{"fills":[]}""")]
    [InlineData("/orders?address=nonsense&subaccountNumber=0", "[]")]
    [InlineData("/perpetualPositions?address=nonsense&subaccountNumber=0", """{"positions":[]}""")]
    public async Task Unknown_accounts_have_empty_lists_there(string path, string body)
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        Assert.Equal(body, (await world.BodyAsync(path)).GetRawText());
    }

    [Fact]
    public async Task An_unknown_path_is_answered_in_its_own_form()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var (status, body, _) = await world.GetAsync("/nope");
        Assert.Equal((404, """{"error":"Not Found","errorCode":404}"""), (status, body.GetRawText()));
    }

    [Fact]
    public async Task The_hundred_and_first_request_in_ten_seconds_gets_429_with_milliseconds_and_other_buckets_go_on()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        for (var i = 0; i < 100; i++) Assert.Equal(200, (await world.GetAsync("/height")).Status);
        world.Time.Advance(TimeSpan.FromSeconds(4));
        var (status, body, response) = await world.GetAsync("/perpetualMarkets");
        Assert.Equal((429, """{"errors":[{"msg":"Too many requests"}]}"""), (status, body.GetRawText()));
        Assert.Equal("6000", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal("0", response.Headers.GetValues("RateLimit-Remaining").Single());
        Assert.Equal(world.Time.GetUtcNow().AddSeconds(6).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), response.Headers.GetValues("RateLimit-Reset").Single());
        Assert.Equal(200, (await world.GetAsync("/candles/perpetualMarkets/BTC-USD?resolution=1MIN&limit=1")).Status);
        Assert.Equal(200, (await world.GetAsync($"/orders?address={world.Lively}&subaccountNumber=0")).Status);
        world.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(200, (await world.GetAsync("/height")).Status);
        Assert.Single(world.Simulator.Log.Of("violation"));
    }

    [Theory]
    [InlineData("/height", null)]
    [InlineData("/time", "no-cache, no-store, no-transform")]
    [InlineData("/perpetualMarkets", "public, max-age=1")]
    [InlineData("/orderbooks/perpetualMarket/NOPE-USD", "public, max-age=1")]
    [InlineData("/historicalFunding/BTC-USD", "public, max-age=10")]
    public async Task Caching_headers_are_the_servers(string path, string? cache)
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        Assert.Equal(cache, (await world.GetAsync(path)).Response.Headers.NonValidated.TryGetValues("Cache-Control", out var values) ? values.ToString() : null);
    }

    [Fact]
    public async Task A_short_term_order_is_in_rest_while_it_is_open_and_gone_when_it_ends_unfilled()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var account = world.Exchange.AccountOf(world.Lively, 0);
        for (var i = 0; i < 200 && Open() is null; i++) world.Exchange.Step(TimeSpan.FromMilliseconds(300));
        var order = Open()!;
        Assert.Equal(200, (await world.GetAsync($"/orders/{order.Id}")).Status);
        world.Exchange.Step(TimeSpan.FromSeconds(40));
        Assert.Equal(order.Stored ? 200 : 404, (await world.GetAsync($"/orders/{order.Id}")).Status);

        Tidegate.Simulator.Ledger.Order? Open() => account.Orders.Values.FirstOrDefault(o => o is { Status: "BEST_EFFORT_OPENED", TimeInForce: "GTT", Live: true });
    }

    [Fact]
    public async Task A_lagging_rest_shows_an_older_height_and_what_was_true_then()
    {
        await using var world = await World.StartAsync(new SimulatorOptions { RestLag = TimeSpan.FromSeconds(3) });
        world.Exchange.Step(TimeSpan.FromSeconds(10));
        world.Exchange.Deposit(world.Lively, 0, 1_000_000);
        var height = (await world.BodyAsync("/height")).GetProperty("height").GetString();
        Assert.Equal(world.Exchange.Height - 3, long.Parse(height!, CultureInfo.InvariantCulture));
        Assert.True(await EquityAsync(world) < 900_000);
        world.Exchange.Step(TimeSpan.FromSeconds(5));
        Assert.True(await EquityAsync(world) > 900_000);
    }

    [Fact]
    public async Task Rest_lags_while_it_is_told_to()
    {
        await using var world = await World.StartAsync();
        world.Simulator.Faults.RestLag = TimeSpan.FromSeconds(3);
        world.Exchange.Step(TimeSpan.FromSeconds(10));
        world.Exchange.Deposit(world.Lively, 0, 1_000_000);
        Assert.True(await EquityAsync(world) < 900_000);
        world.Simulator.Faults.RestLag = null;
        Assert.True(await EquityAsync(world) > 900_000);
    }

    [Fact]
    public async Task An_unseen_orders_removal_is_told_while_nothing_moves_and_leaves_nothing_in_the_ledger()
    {
        await using var world = await World.StartAsync();
        await using var peer = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        var id = world.Exchange.TellUnseenRemoval(world.Lively, 0);
        await world.UntilAsync(() => peer.Updates("v4_subaccounts").Exists(u => u.ToString().Contains(id, StringComparison.Ordinal)), "the removal");
        Assert.DoesNotContain(id, System.Text.Encoding.UTF8.GetString(world.Simulator.Truth("accounts")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rest_is_ahead_of_the_stream_by_the_publish_delay()
    {
        await using var world = await World.StartAsync(new SimulatorOptions { PublishDelay = TimeSpan.FromMilliseconds(500) });
        await using var peer = await world.SubscribedAsync("v4_subaccounts", world.Lively + "/0");
        world.Exchange.Deposit(world.Lively, 0, 1_000_000);
        Assert.True(await EquityAsync(world) > 900_000);
        Assert.Empty(peer.Updates("v4_subaccounts"));
        world.Exchange.Step(TimeSpan.FromMilliseconds(500));
        await world.UntilAsync(() => peer.Updates("v4_subaccounts").Exists(u => u.TryGetProperty("transfers", out _)), "the frame");
    }

    [Fact]
    public async Task A_stateful_orders_list_is_sorted_by_good_til_descending_and_filtered()
    {
        await using var world = await World.StartAsync(new SimulatorOptions());
        var body = await world.BodyAsync($"/orders?address={world.Lively}&subaccountNumber=0&status=OPEN,UNTRIGGERED&ticker=BTC-USD");
        Assert.All(body.EnumerateArray(), o => Assert.Equal("BTC-USD", o.GetProperty("ticker").GetString()));
        Assert.All(body.EnumerateArray(), o => Assert.Contains(o.GetProperty("status").GetString(), new[] { "OPEN", "UNTRIGGERED" }));
        var times = body.EnumerateArray().Where(o => o.TryGetProperty("goodTilBlockTime", out _)).Select(o => o.GetProperty("goodTilBlockTime").GetString()).ToList();
        Assert.Equal(times.OrderDescending(StringComparer.Ordinal), times);
    }

    private static async Task<decimal> EquityAsync(World world) =>
        decimal.Parse((await world.BodyAsync($"/addresses/{world.Lively}/subaccountNumber/0")).GetProperty("subaccount").GetProperty("equity").GetString()!, CultureInfo.InvariantCulture);

    private static decimal Price(JsonElement level) => decimal.Parse(level.GetProperty("price").GetString()!, CultureInfo.InvariantCulture);

    private static List<long> Heights(JsonElement body, string list) =>
        [.. body.GetProperty(list).EnumerateArray().Select(f => long.Parse(f.GetProperty("createdAtHeight").GetString()!, CultureInfo.InvariantCulture))];
}
