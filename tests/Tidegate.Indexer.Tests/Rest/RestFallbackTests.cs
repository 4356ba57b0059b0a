using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Tests.Rest;

/// <summary>Several REST addresses: the first that answers, back to the preferred one, and never around a refusal.</summary>
public sealed class RestFallbackTests : HttpMessageHandler
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<string> hosts = [];
    private readonly IndexerRestClient client;
    private Func<string, HttpResponseMessage> answer = _ => RestWorld.Ok();

    public RestFallbackTests() =>
        client = new IndexerRestClient([new("http://one/v4"), new("http://two/v4")], time, NullLogger<IndexerRestClient>.Instance, this);

    [Fact]
    public async Task An_address_that_fails_in_spite_of_retries_gives_way_and_is_tried_again_by_one_request_after_half_a_minute()
    {
        var down = true;
        answer = host => down && host == "one" ? throw new HttpRequestException("refused") : RestWorld.Ok();
        await AskAsync();
        Assert.Equal(["one", "one", "one", "two"], hosts);
        hosts.Clear();
        await AskAsync();
        Assert.Equal(["two"], hosts);
        hosts.Clear();
        time.Advance(TimeSpan.FromSeconds(31));
        await AskAsync();
        Assert.Equal(["one", "one", "one", "two"], hosts);
        hosts.Clear();
        down = false;
        time.Advance(TimeSpan.FromSeconds(31));
        await AskAsync();
        await AskAsync();
        Assert.Equal(["one", "one"], hosts);
    }

    [Fact]
    public async Task Five_hundreds_give_way_too_and_where_none_answers_the_failure_is_told()
    {
        answer = host => RestWorld.Status(host == "one" ? 503 : 502);
        await Assert.ThrowsAsync<IndexerRestException>(AskAsync);
        Assert.Equal(["one", "one", "one", "two", "two", "two"], hosts);
        hosts.Clear();
        await Assert.ThrowsAsync<IndexerRestException>(AskAsync);
        Assert.Equal(["two", "two", "two"], hosts); // both are left alone: one is asked all the same
    }

    [Theory]
    [InlineData(403)]
    [InlineData(429)]
    [InlineData(404)]
    public async Task A_refusal_a_limit_and_an_answer_are_not_taken_to_another_address(int status)
    {
        answer = _ => RestWorld.Status(status, "{}", ("Retry-After", 100));
        try
        {
            await AskAsync();
        }
        catch (IndexerRestException)
        {
            // The point is who was asked.
        }

        Assert.DoesNotContain("two", hosts);
    }

    [Fact]
    public async Task Each_address_has_its_own_budget()
    {
        answer = host => host == "one" ? RestWorld.Status(503) : RestWorld.Ok();
        await AskAsync();
        Assert.Equal(1, client.Use().Single(use => use.Bucket == RestBuckets.Default).Used);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        hosts.Add(request.RequestUri!.Host);
        return Task.FromResult(answer(request.RequestUri.Host));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            client.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task AskAsync()
    {
        var asking = client.GetAsync("/height", RestPriority.Poll, TestContext.Current.CancellationToken);
        while (!asking.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await asking;
    }
}
