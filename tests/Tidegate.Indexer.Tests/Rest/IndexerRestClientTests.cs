using Microsoft.Extensions.Time.Testing;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Tests.Rest;

public sealed class IndexerRestClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Of_250_requests_at_once_at_most_100_leave_in_any_ten_seconds_and_all_are_answered()
    {
        using var world = new RestWorld();
        var all = Task.WhenAll(Enumerable.Range(0, 250).Select(i => world.Get($"/height?n={i}", i % 2 == 0 ? RestPriority.Poll : RestPriority.Audit)));
        await world.PassUntilLeftAsync(250);
        await all;
        Assert.Equal(250, world.Left.Count);
        AssertNeverMoreThan(100, world);
    }

    [Fact]
    public async Task Candles_have_a_bucket_of_a_thousand()
    {
        using var world = new RestWorld();
        var all = Task.WhenAll(Enumerable.Range(0, 900).Select(_ => world.Get("/candles/perpetualMarkets/BTC-USD?resolution=1MIN")));
        await all.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken); // and no virtual time passes
    }

    [Theory]
    [InlineData("/height", "default")]
    [InlineData("/historicalFunding/BTC-USD?limit=1", "default")]
    [InlineData("/candles/perpetualMarkets/BTC-USD", "candles")]
    [InlineData("/orders?address=a", "orders")]
    [InlineData("/orders/parentSubaccountNumber?address=a", "orders")]
    [InlineData("/orders/0-1-2", "order")]
    [InlineData("/fills/parentSubaccountNumber?x", "fills")]
    [InlineData("/tradeHistory", "fills")]
    [InlineData("/pnl?address=a", "pnl")]
    [InlineData("/historical-pnl", "historical-pnl")]
    [InlineData("/sparklines?timePeriod=ONE_DAY", "sparklines")]
    [InlineData("/fundingPayments/parentSubaccount", "fundingPayments")]
    [InlineData("/Fills?address=a", "fills")]
    [InlineData("/orders/?address=a", "orders")]
    [InlineData("/orders/parentSubaccountNumber/?address=a", "orders")]
    public void Each_path_draws_from_the_servers_bucket(string path, string bucket) => Assert.Equal(bucket, RestBuckets.Of(path));

    [Fact]
    public async Task The_first_answer_is_awaited_before_more_leave_and_what_remains_by_the_server_counts()
    {
        using var world = new RestWorld();
        var first = new TaskCompletionSource();
        world.Before = _ => first.Task;
        var reset = world.Time.GetUtcNow().AddSeconds(6);
        var remaining = 4; // another process of ours, or the one before, has used 95 already
        world.Answer = _ => RestWorld.Status(200, "{}", ("RateLimit-Remaining", Math.Max(0, Interlocked.Decrement(ref remaining))), ("RateLimit-Reset", reset.ToUnixTimeMilliseconds()));
        var all = Task.WhenAll(Enumerable.Range(0, 10).Select(i => world.Get("/height")));
        Assert.Single(world.Left);
        first.SetResult();
        await world.UntilAnsweredAsync(4);
        Assert.Equal(6, world.Client.EstimateWait(RestBuckets.Default).TotalSeconds, 0.001);
        world.Answer = _ => RestWorld.Ok();
        world.Time.Advance(TimeSpan.FromSeconds(5.9));
        world.Time.Advance(TimeSpan.FromSeconds(0.1));
        await all.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.All(world.Left.Take(4), left => Assert.True(left.At < reset));
        Assert.All(world.Left.Skip(4), left => Assert.True(left.At >= reset, $"left at {left.At:ss.fff}"));
    }

    [Fact]
    public async Task Of_answers_that_overtake_each_other_the_least_that_remains_counts()
    {
        var time = new FakeTimeProvider();
        using var budget = new RequestBudget("one", 100, time);
        Task Ask() => budget.AcquireAsync(RestPriority.Poll, TimeSpan.MaxValue, TestContext.Current.CancellationToken);
        var six = TimeSpan.FromSeconds(6);
        await Ask();
        budget.Answered(5, six);
        var asked = Enumerable.Range(0, 8).Select(_ => Ask()).ToList();
        Assert.Equal(5, asked.Count(a => a.IsCompleted));
        foreach (var remaining in new[] { 2, 4, 3 })
        {
            budget.Answered(remaining, six); // the server has counted three of the five; it may not have counted the others
        }

        budget.Answered(0, six + TimeSpan.FromSeconds(0.9)); // what is left of the window is only known to the second
        budget.Answered(1, six);
        Assert.NotSame(asked[5], await Task.WhenAny(asked[5], Task.Delay(50, TestContext.Current.CancellationToken)));
        time.Advance(six);
        await Task.WhenAll(asked);
    }

    [Fact]
    public async Task Requests_that_an_early_answer_has_counted_already_are_given_back_once_they_are_answered()
    {
        using var budget = new RequestBudget("one", 100, new FakeTimeProvider());
        Task Ask() => budget.AcquireAsync(RestPriority.Poll, TimeSpan.MaxValue, TestContext.Current.CancellationToken);
        var six = TimeSpan.FromSeconds(6);
        await Ask();
        budget.Answered(6, six);
        await Task.WhenAll(Ask(), Ask(), Ask());
        budget.Answered(3, six); // the last of the three
        var more = Enumerable.Range(0, 4).Select(_ => Ask()).ToList();
        Assert.Equal(1, more.Count(a => a.IsCompleted));
        budget.Answered(5, six);
        budget.Answered(4, six);
        await Task.WhenAll(more.Take(3)).WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(more[3].IsCompleted);
    }

    [Fact]
    public async Task What_the_next_window_leaves_counts_anew()
    {
        var time = new FakeTimeProvider();
        using var budget = new RequestBudget("one", 100, time);
        Task Ask() => budget.AcquireAsync(RestPriority.Poll, TimeSpan.MaxValue, TestContext.Current.CancellationToken);
        await Ask();
        budget.Answered(1, TimeSpan.FromSeconds(1));
        await Ask();
        time.Advance(TimeSpan.FromSeconds(0.9));
        budget.Answered(90, TimeSpan.FromSeconds(10)); // the server's window had ended a little sooner than it seemed
        await Task.WhenAll(Enumerable.Range(0, 90).Select(_ => Ask())).WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(Ask().IsCompleted);
    }

    [Fact]
    public async Task Many_may_wait_for_the_first_answer()
    {
        using var world = new RestWorld();
        var first = new TaskCompletionSource();
        world.Before = _ => first.Task;
        var all = Task.WhenAll(Enumerable.Range(0, 350).Select(_ => world.Get("/height")));
        Assert.Single(world.Left);
        Assert.InRange(world.Client.EstimateWait(RestBuckets.Default).TotalSeconds, 20, 42);
        first.SetResult();
        await world.PassUntilLeftAsync(350);
        await all;
        AssertNeverMoreThan(100, world);
    }

    [Fact]
    public async Task Retry_after_is_read_as_milliseconds()
    {
        using var world = new RestWorld();
        world.Answer = _ => world.Left.Count == 1 ? RestWorld.Status(429, "Too many requests", ("Retry-After", 1500)) : RestWorld.Ok();
        var answer = world.Get("/height");
        await world.TimeUntil(answer);
        Assert.Equal(200, (await answer).Status);
        Assert.Equal(2, world.Left.Count);
        Assert.InRange((world.Left[1].At - world.Left[0].At).TotalSeconds, 1.5, 4.9);
    }

    [Fact]
    public async Task A_429_that_outlasts_the_tries_is_told_with_the_wait()
    {
        using var world = new RestWorld { Answer = _ => RestWorld.Status(429, "", ("Retry-After", 3000)) };
        var answer = world.Get("/height");
        await world.TimeUntil(answer);
        var limited = await Assert.ThrowsAsync<IndexerRateLimitedException>(() => answer);
        Assert.InRange(limited.RetryAfter.TotalSeconds, 2.5, 3);
        Assert.Equal(3, world.Left.Count);
    }

    [Fact]
    public async Task A_forwarded_request_that_would_wait_over_two_seconds_is_refused_at_once()
    {
        using var world = new RestWorld();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => world.Get("/height")));
        var limited = await Assert.ThrowsAsync<IndexerRateLimitedException>(() => world.Get("/time", RestPriority.Forwarded));
        Assert.InRange(limited.RetryAfter.TotalSeconds, 10, 10.5);
        Assert.Equal(limited.RetryAfter, world.Client.EstimateWait(RestBuckets.Default));
        Assert.Equal(TimeSpan.Zero, world.Client.EstimateWait(RestBuckets.Orders));
        world.Time.Advance(TimeSpan.FromSeconds(9));
        var waits = world.Get("/time", RestPriority.Forwarded);
        await world.TimeUntil(waits);
        Assert.Equal(200, (await waits).Status);
    }

    [Fact]
    public async Task Higher_classes_go_first()
    {
        var time = new FakeTimeProvider();
        using var budget = new RequestBudget("one", 1, time);
        await budget.AcquireAsync(RestPriority.Poll, TimeSpan.MaxValue, TestContext.Current.CancellationToken);
        budget.Answered(null, null);
        RestPriority[] asked = [RestPriority.Audit, RestPriority.Poll, RestPriority.Forwarded, RestPriority.Backfill];
        var waiting = asked.ToDictionary(p => p, p => budget.AcquireAsync(p, TimeSpan.MaxValue, TestContext.Current.CancellationToken));
        foreach (var next in asked.Order())
        {
            time.Advance(RestBuckets.Window);
            await waiting[next];
            Assert.Equal(asked.Count(p => p > next), waiting.Values.Count(w => !w.IsCompleted));
        }
    }

    [Fact]
    public async Task A_cancelled_waiter_takes_nothing_from_the_budget()
    {
        using var world = new RestWorld();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => world.Get("/height")));
        using var cancel = new CancellationTokenSource();
        var waiting = world.Client.GetAsync("/time", RestPriority.Poll, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        world.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(0, world.Client.Use().Single(u => u.Bucket == "default").Used);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(504)]
    public async Task Server_errors_are_tried_three_times(int status)
    {
        using var world = new RestWorld { Answer = _ => RestWorld.Status(status) };
        var answer = world.Get("/height");
        await world.TimeUntil(answer);
        await Assert.ThrowsAsync<IndexerRestException>(() => answer);
        Assert.Equal(3, world.Left.Count);
        Assert.Null(world.Client.LastGoodAt);
    }

    [Fact]
    public async Task Network_trouble_is_tried_again_and_a_good_answer_ends_it()
    {
        using var world = new RestWorld();
        world.Before = _ => world.Left.Count == 1 ? Task.FromException(new HttpRequestException("reset")) : Task.CompletedTask;
        var answer = world.Get("/height");
        await world.TimeUntil(answer);
        Assert.True((await answer).IsOk);
        Assert.NotNull(world.Client.LastGoodAt);
        Assert.NotNull(world.Client.Latency);
    }

    [Fact]
    public async Task No_answer_in_ten_seconds_counts_as_network_trouble()
    {
        using var world = new RestWorld { Before = _ => new TaskCompletionSource().Task };
        var answer = world.Get("/height");
        Assert.InRange(await world.TimeUntil(answer, step: 0.5), 30, 45);
        await Assert.ThrowsAsync<IndexerRestException>(() => answer);
    }

    [Theory]
    [InlineData("""{"errors":[{"msg":"x","code":"COMPLIANCE_BLOCKED"}]}""", "compliance-blocked")]
    [InlineData("""{"errors":[{"msg":"x","code":"GEOBLOCKED"}]}""", "geo-blocked")]
    [InlineData("<html>", "geo-blocked")]
    public async Task A_403_is_never_retried(string body, string reason)
    {
        using var world = new RestWorld { Answer = _ => RestWorld.Status(403, body) };
        Assert.Equal(reason, (await Assert.ThrowsAsync<IndexerBlockedException>(() => world.Get("/addresses/dydx1"))).Reason);
        Assert.Single(world.Left);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    public async Task Other_refusals_are_answers(int status)
    {
        using var world = new RestWorld { Answer = _ => RestWorld.Status(status, """{"errors":[]}""") };
        var answer = await world.Get("/orderbooks/perpetualMarket/NOPE");
        Assert.Equal(status, answer.Status);
        Assert.Equal("""{"errors":[]}"""u8.ToArray(), answer.Body);
    }

    [Theory]
    [InlineData("/orders?status=OPEN,UNTRIGGERED&a=%41%2f%7e&b=c+d")]
    [InlineData("/candles/perpetualMarkets/ABC%2Cuniswap_v3-USD?x=//..")]
    public async Task Queries_are_passed_byte_for_byte(string path)
    {
        using var world = new RestWorld();
        await world.Get(path);
        Assert.Equal("http://indexer/v4" + path, world.Left[0].Url);
    }

    [Theory]
    [InlineData("height")]
    [InlineData("/he ight")]
    [InlineData("/h\r\nX: y")]
    [InlineData("/h#x")]
    [InlineData("/hé")]
    public async Task What_is_no_request_line_is_refused(string path)
    {
        using var world = new RestWorld();
        await Assert.ThrowsAsync<ArgumentException>(() => world.Get(path));
        Assert.Empty(world.Left);
    }

    private static void AssertNeverMoreThan(int limit, RestWorld world)
    {
        var times = world.Left.Select(l => l.At).Order().ToArray();
        for (var i = limit; i < times.Length; i++)
        {
            Assert.True((times[i] - times[i - limit]).TotalSeconds > 10, $"{limit + 1} requests within {(times[i] - times[i - limit]).TotalSeconds} s");
        }
    }
}
