using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tidegate.Simulator;
using Tidegate.Simulator.Control;
using Tidegate.Tests.EndToEnd;

namespace Tidegate.Tests.DropIn;

/// <summary>The Indexer's REST side through the built gateway, beside the simulated Indexer asked directly.</summary>
public sealed class RestEndpointTests : IAsyncLifetime
{
    // Heights and times tell when it was asked; the day's figures of markets are told every half minute.
    private static readonly string[] Moving = ["latestProcessedBlockHeight", "updatedAtHeight", "updatedAt", "volume24H", "trades24H", "priceChange24H", "openInterest", "baseOpenInterest", "nextFundingRate"];
    private BuiltGateway gateway = null!;
    private HttpClient anonymous = null!;

    public async ValueTask InitializeAsync()
    {
        gateway = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 4, Rate = 20, CrossProbability = 0 }, "Indexer:Standby=false", "Audit:RestShare=0.05");
        anonymous = new HttpClient { BaseAddress = gateway.Address };
    }

    public async ValueTask DisposeAsync()
    {
        anonymous.Dispose();
        await gateway.DisposeAsync();
    }

    [Fact]
    public async Task What_is_asked_through_it_is_answered_to_the_byte_as_asked_directly()
    {
        gateway.Indexer.Exchange.Held = true;
        using var direct = new HttpClient();
        var account = gateway.Account;
        foreach (var path in new[]
        {
            "/trades/perpetualMarket/BTC-USD?limit=5", "/candles/perpetualMarkets/BTC-USD?resolution=1MIN&limit=3", "/historicalFunding/BTC-USD", "/sparklines?timePeriod=ONE_DAY",
            $"/addresses/{account}", $"/addresses/{account}/subaccountNumber/0", $"/orders?address={account}&subaccountNumber=0&limit=7", $"/fills?limit=7&subaccountNumber=0&address={account}",
            $"/transfers?address={account}&subaccountNumber=0", "/orderbooks/perpetualMarket/NOPE-USD", "/trades/perpetualMarket/NOPE-USD", "/perpetualMarkets?limit=1", "/trades/nothing/here",
        })
        {
            using var expected = await direct.GetAsync(new Uri(gateway.Indexer.RestUrl + path), TestContext.Current.CancellationToken);
            using var given = await GetAsync("/v4" + path);
            Assert.Equal((path, expected.StatusCode), (path, given.StatusCode));
            Assert.Equal(await TextAsync(expected), await TextAsync(given));
            Assert.Equal(expected.Content.Headers.ContentType?.MediaType, given.Content.Headers.ContentType?.MediaType);
            Assert.Equal("upstream", Source(given));
        }
    }

    [Fact]
    public async Task A_followed_account_and_its_open_orders_come_from_the_state_in_the_indexers_shape()
    {
        await using var client = await gateway.ConnectAsync();
        await client.WaitForAsync("subscribed", "v4_orders");
        await client.SubscribeAsync("v4_parent_subaccounts", gateway.Account + "/0");
        await client.WaitForAsync("subscribed", "v4_parent_subaccounts");
        gateway.Indexer.Exchange.Held = true;
        using var direct = new HttpClient();
        var account = gateway.Account;
        foreach (var path in new[]
        {
            "/perpetualMarkets", $"/addresses/{account}/subaccountNumber/0", $"/addresses/{account}/parentSubaccountNumber/0",
            $"/orders?address={account}&subaccountNumber=0&status=OPEN", $"/orders?status=OPEN%2CUNTRIGGERED&subaccountNumber=0&address={account}",
        })
        {
            // Frames may still be on their way; and a position or an order that frames alone told of is asked for, until a comparison brought REST's own words.
            var (source, differences) = await CompareAsync(direct, path);
            for (var i = 0; i < 200 && (source != "state" || differences.Count > 0); i++)
            {
                await Task.Delay(200, TestContext.Current.CancellationToken);
                (source, differences) = await CompareAsync(direct, path);
            }

            Assert.Equal((path, "state", ""), (path, source, string.Join('\n', differences)));
        }

        // What narrows or sorts otherwise is the Indexer's to answer.
        foreach (var path in new[] { $"/orders?address={account}&subaccountNumber=0&status=CANCELED", $"/orders?address={account}&subaccountNumber=0&status=OPEN&limit=2", $"/orders?address={account}&subaccountNumber=0" })
        {
            using var answer = await GetAsync("/v4" + path);
            Assert.Equal((path, "upstream"), (path, Source(answer)));
        }
    }

    private async Task<(string Source, List<string> Differences)> CompareAsync(HttpClient direct, string path)
    {
        var expected = JsonNode.Parse(await direct.GetStringAsync(new Uri(gateway.Indexer.RestUrl + path), TestContext.Current.CancellationToken))!;
        using var given = await GetAsync("/v4" + path);
        return (Source(given), Differences(expected, JsonNode.Parse(await TextAsync(given)), path));
    }

    // Whatever the Indexer tells has to be there, with the same value; fields of frames may stand beside it.
    private static List<string> Differences(JsonNode? expected, JsonNode? told, string at) => (expected, told) switch
    {
        (JsonObject theirs, JsonObject ours) => [.. theirs.Where(member => !Moving.Contains(member.Key)).SelectMany(member =>
            ours.ContainsKey(member.Key) ? Differences(member.Value, ours[member.Key], $"{at}.{member.Key}") : member.Value is null ? [] : [$"{at}.{member.Key} missing"])],
        (JsonArray theirs, JsonArray ours) => theirs.Count != ours.Count ? [$"{at}: {theirs.Count} rows, told {ours.Count}"] : [.. theirs.Zip(ours).SelectMany((pair, i) => Differences(pair.First, pair.Second, $"{at}[{i}]"))],
        _ => Same(expected, told) ? [] : [$"{at}: {expected?.ToJsonString()}, told {told?.ToJsonString()}"],
    };

    // Computed amounts carry no trailing zeros (contract 2).
    private static bool Same(JsonNode? left, JsonNode? right) =>
        left?.ToJsonString() == right?.ToJsonString()
        || (decimal.TryParse((string?)left, NumberStyles.Float, CultureInfo.InvariantCulture, out var one) && decimal.TryParse((string?)right, NumberStyles.Float, CultureInfo.InvariantCulture, out var other) && one == other);

    [Fact]
    public async Task Equal_requests_at_once_are_one_and_an_answer_is_told_again_as_long_as_the_indexer_allows()
    {
        gateway.Indexer.Faults.RestDelay = TimeSpan.FromMilliseconds(300);
        const string Path = "/v4/historicalFunding/ETH-USD?limit=3"; // ten seconds: time for fifty on a busy machine
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => GetAsync(Path)));
        using var later = await GetAsync(Path);
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal("cache", Source(later));
        Assert.InRange(later.Headers.Age!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal((true, TimeSpan.FromSeconds(10)), (later.Headers.CacheControl!.Private, later.Headers.CacheControl.MaxAge));
        Assert.Single(Asked(), path => path.Contains("ETH-USD?limit=3", StringComparison.Ordinal));
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public async Task Fifty_programs_that_start_at_once_cost_what_one_costs_and_none_is_refused()
    {
        var account = gateway.Account;
        string[] calls =
        [
            "/v4/time", "/v4/height", "/v4/perpetualMarkets", $"/v4/addresses/{account}", $"/v4/addresses/{account}/subaccountNumber/0", $"/v4/orders?address={account}&subaccountNumber=0&status=OPEN",
            $"/v4/fills?address={account}&subaccountNumber=0&limit=100", $"/v4/transfers?address={account}&subaccountNumber=0&limit=100", $"/v4/perpetualPositions?address={account}&subaccountNumber=0",
            $"/v4/assetPositions?address={account}&subaccountNumber=0", "/v4/sparklines?timePeriod=ONE_DAY",
            .. new[] { "BTC-USD", "ETH-USD", "MEME-USD" }.SelectMany(ticker => new[] { $"/v4/orderbooks/perpetualMarket/{ticker}", $"/v4/trades/perpetualMarket/{ticker}?limit=50", $"/v4/candles/perpetualMarkets/{ticker}?resolution=1HOUR&limit=50" }),
        ];
        gateway.Indexer.Log.Clear();
        gateway.Indexer.Faults.RestDelay = TimeSpan.FromMilliseconds(50);
        var begin = Stopwatch.GetTimestamp();
        var statuses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
        {
            var all = new List<HttpStatusCode>();
            foreach (var call in calls)
            {
                using var answer = await GetAsync(call);
                all.Add(answer.StatusCode);
            }

            return all;
        })));
        Assert.All(statuses.SelectMany(all => all), status => Assert.Equal(HttpStatusCode.OK, status));

        // The clock is nobody's to keep; whoever comes a second later than another asks anew, so that a slow machine asks more often.
        var seconds = (int)Stopwatch.GetElapsedTime(begin).TotalSeconds;
        var most = Asked().Where(path => calls.Contains("/v4" + path, StringComparer.Ordinal) || calls.Contains(path, StringComparer.Ordinal)).GroupBy(path => path).Where(path => !path.Key.EndsWith("/time", StringComparison.Ordinal)).Max(path => path.Count());
        Assert.InRange(most, 1, 3 + seconds);
        Assert.Empty(gateway.Indexer.Log.Of("violation"));
    }

    [Fact]
    public async Task Height_time_and_a_followed_book_come_from_the_live_state()
    {
        await using var client = await gateway.ConnectAsync("&subscribe=none");
        await client.SubscribeAsync("v4_orderbook", "BTC-USD");
        await client.WaitForAsync("subscribed", "v4_orderbook");
        gateway.Indexer.Exchange.Held = true;
        using var direct = new HttpClient();
        var truth = JsonNode.Parse(await direct.GetStringAsync(new Uri(gateway.Indexer.RestUrl + "/orderbooks/perpetualMarket/BTC-USD"), TestContext.Current.CancellationToken))!;
        var (book, body) = await UntilBookAsync(truth);
        Assert.Equal(["bids", "asks"], body.AsObject().Select(side => side.Key));
        Assert.Equal(["price", "size"], body["bids"]![0]!.AsObject().Select(member => member.Key));
        using var height = await GetAsync("/v4/height");
        Assert.True(long.Parse((string)JsonNode.Parse(await TextAsync(height))!["height"]!, CultureInfo.InvariantCulture) > 0);
        await UntilAsync(async () => Source(await GetAsync("/v4/time")) == "state", "the Indexer's clock was compared");
        using var now = await GetAsync("/v4/time");
        var (iso, epoch) = (JsonNode.Parse(await TextAsync(now))!["iso"]!, JsonNode.Parse(await TextAsync(now))!["epoch"]!);
        Assert.Equal(DateTimeOffset.Parse((string)iso!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds(), (long)((decimal)epoch! * 1000));
        Assert.InRange(DateTimeOffset.Parse((string)iso!, CultureInfo.InvariantCulture), TimeProvider.System.GetUtcNow().AddSeconds(-5), TimeProvider.System.GetUtcNow().AddSeconds(5));
        using var _ = book;
        Assert.All([book, height, now], answer => Assert.Equal("state", Source(answer)));
    }

    [Fact]
    public async Task An_order_of_a_followed_account_comes_as_merged_and_only_to_its_own_token()
    {
        await using var client = await gateway.ConnectAsync();
        var orders = (await client.WaitForAsync("subscribed", "v4_orders"))["data"]!["orders"]!.AsArray();
        await client.WaitAsync(_ => client.Frames.Count > 5, "some life");
        var order = orders.First(one => (string?)one!["status"] is "FILLED" or "CANCELED" && one["price"] is not null)!;
        var path = $"/v4/orders/{order["id"]}";
        using var given = await GetAsync(path);
        Assert.Equal("state", Source(given));
        Assert.Equal(order.ToJsonString(), JsonNode.Parse(await TextAsync(given))!.ToJsonString());
        using var foreign = new HttpRequestMessage(HttpMethod.Get, new Uri($"/t/{gateway.MakeToken(gateway.Indexer.Addresses[1])}{path}", UriKind.Relative));
        using var refused = await anonymous.SendAsync(foreign, TestContext.Current.CancellationToken);
        using var unknown = await GetAsync("/v4/orders/0a1b2c3d-0000-5000-8000-000000000000");
        Assert.All([refused, unknown], answer => Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode));
    }

    [Fact]
    public async Task Public_market_data_needs_no_token_but_refuses_a_bad_one()
    {
        await using var open = await BuiltGateway.StartAsync(new SimulatorOptions { Seed = 5 }, "Access:PublicMarketData=true");
        using var client = new HttpClient { BaseAddress = open.Address };
        foreach (var (path, status) in new[] { ("/v4/height", 200), ("/v4/trades/perpetualMarket/BTC-USD", 200), ("/v4/height?token=bad", 401), ("/t/bad/v4/height", 401), ($"/v4/fills?address={open.Account}", 401), ("/v4/orders/1", 401), ("/v4/ws", 426) })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal((path, status), (path, (int)answer.StatusCode));
        }
    }

    [Fact]
    public async Task A_program_that_asks_for_everything_leaves_the_others_their_part()
    {
        var greedy = await Task.WhenAll(Enumerable.Range(1, 90).Select(limit => GetAsync($"/v4/historicalFunding/BTC-USD?limit={limit}")));
        Assert.Contains(greedy, answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        using var modest = await anonymous.GetAsync(new Uri($"/t/{gateway.MakeToken(gateway.Account)}/v4/historicalFunding/ETH-USD", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, modest.StatusCode);
        Assert.Empty(gateway.Indexer.Log.Of("violation"));
        Array.ForEach(greedy, answer => answer.Dispose());
    }

    [Fact]
    public async Task What_accepts_compression_gets_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/v4/perpetualMarkets", UriKind.Relative));
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var answer = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
        await using var body = new System.IO.Compression.GZipStream(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), System.IO.Compression.CompressionMode.Decompress);
        Assert.NotNull((await JsonNode.ParseAsync(body, cancellationToken: TestContext.Current.CancellationToken))!["markets"]);
    }

    [Fact]
    public async Task A_token_opens_markets_and_its_own_accounts_and_is_told_to_nobody()
    {
        var (own, foreign) = (gateway.Account, gateway.Indexer.Addresses[1]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(new Uri("/v4/time", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        foreach (var (path, status) in new[]
        {
            ("/v4/time", 200), ($"/v4/addresses/{own}/subaccountNumber/0", 200), ($"/v4/addresses/{foreign}/subaccountNumber/0", 403), ($"/v4/fills?address={foreign}&subaccountNumber=0", 403),
            ($"/v4/fills?address=%64{foreign[1..]}&subaccountNumber=0", 403), ($"/v4/fills?address={own}&address={foreign}&subaccountNumber=0", 403), ($"/v4/transfers/between?sourceAddress={own}&recipientAddress={foreign}", 403),
        })
        {
            using var byHeader = await GetAsync(path);
            using var byPrefix = await anonymous.GetAsync(new Uri($"/t/{gateway.Token}{path}", UriKind.Relative), TestContext.Current.CancellationToken);
            using var byQuery = await anonymous.GetAsync(new Uri(path + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "token=" + gateway.Token, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.All([byHeader, byPrefix, byQuery], answer => Assert.Equal((path, status), (path, (int)answer.StatusCode)));
        }

        Assert.DoesNotContain(Asked(), path => path.Contains(foreign[1..], StringComparison.Ordinal) && path.Contains("between", StringComparison.Ordinal));
        Assert.DoesNotContain(Asked(), path => path.Contains(gateway.Token, StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Output, line => line.Contains(gateway.Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_a_limit_and_a_failure_of_the_indexer_come_with_its_own_words()
    {
        var faults = gateway.Indexer.Faults;
        faults.Rest = new RestFault(403, "COMPLIANCE_BLOCKED", PathPrefix: "/fills");
        using var refused = await GetAsync($"/v4/fills?address={gateway.Account}&subaccountNumber=0&limit=3");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("COMPLIANCE_BLOCKED", await TextAsync(refused), StringComparison.Ordinal);
        using var again = await GetAsync($"/v4/fills?address={gateway.Account}&subaccountNumber=0&limit=3");
        Assert.Equal((HttpStatusCode.Forbidden, "cache"), (again.StatusCode, Source(again)));
        faults.Rest = new RestFault(429, RetryAfter: TimeSpan.FromMilliseconds(3500), PathPrefix: "/sparklines");
        using var limited = await GetAsync("/v4/sparklines?timePeriod=ONE_DAY");
        Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
        Assert.InRange(limited.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 4); // what is left of it when it is told
        Assert.NotEmpty(await TextAsync(limited));
        faults.Rest = new RestFault(500, PathPrefix: "/historicalFunding");
        using var failed = await GetAsync("/v4/historicalFunding/BTC-USD");
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
    }

    [Theory]
    [InlineData("GET /v4/../ctl/log HTTP/1.1", 404)]
    [InlineData("GET /v4/%2e%2e/ctl/log HTTP/1.1", 404)]
    [InlineData("GET /v4/..%2fctl%2flog HTTP/1.1", 404)]
    [InlineData("GET /v4//ctl/log HTTP/1.1", 404)]
    [InlineData("GET /x/../v4/time?ctl HTTP/1.1", 404)]
    [InlineData("GET http://evil.example/v4/time?ctl HTTP/1.1", 400)]
    [InlineData("POST /v4/time?ctl HTTP/1.1", 405)]
    [InlineData("DELETE /v4/time?ctl HTTP/1.1", 405)]
    public async Task A_request_line_with_a_trick_reaches_nothing(string line, int status)
    {
        // The gateway itself has asked for the time, and does not again for a minute.
        await UntilAsync(() => Task.FromResult(Asked().Contains("/v4/time") || Asked().Contains("/time")), "the Indexer's clock asked");
        using var socket = new TcpClient();
        await socket.ConnectAsync(gateway.Address.Host, gateway.Address.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line}\r\nHost: {gateway.Address.Authority}\r\nAuthorization: Bearer {gateway.Token}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        Assert.StartsWith($"HTTP/1.1 {status} ", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain(Asked(), path => path.Contains("ctl", StringComparison.Ordinal));
    }

    // The last frames may still be on their way.
    private async Task<(HttpResponseMessage Answer, JsonNode Body)> UntilBookAsync(JsonNode truth)
    {
        (HttpResponseMessage Answer, JsonNode Body)? last = null;
        await UntilAsync(
            async () =>
            {
                last?.Answer.Dispose();
                var answer = await GetAsync("/v4/orderbooks/perpetualMarket/BTC-USD");
                last = (answer, JsonNode.Parse(await TextAsync(answer))!);
                return Array.TrueForAll(["bids", "asks"], side => Levels(truth[side]!).SequenceEqual(Levels(last.Value.Body[side]!)));
            },
            "the exchange's book");
        return last!.Value;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            Assert.False(late.IsCancellationRequested, "never: " + what);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Task<HttpResponseMessage> GetAsync(string path) => gateway.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static Task<string> TextAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static string Source(HttpResponseMessage answer) => Assert.Single(answer.Headers.GetValues("X-Tidegate-Source"));

    private List<string> Asked() => [.. gateway.Indexer.Log.Of("rest").Select(act => act.What)];

    // REST gives a hundred of each side, and the state may know some fewer.
    private static List<(decimal Price, decimal Size)> Levels(JsonNode side) =>
        [.. side.AsArray().Take(50).Select(level => (decimal.Parse((string)level!["price"]!, CultureInfo.InvariantCulture), decimal.Parse((string)level["size"]!, CultureInfo.InvariantCulture)))];
}
