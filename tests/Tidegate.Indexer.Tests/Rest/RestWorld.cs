using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Tests.Rest;

/// <summary>A client in virtual time over a handler that the test answers for.</summary>
internal sealed class RestWorld : HttpMessageHandler
{
    private readonly Lock gate = new();
    private int unanswered;

    public RestWorld() => Client = new IndexerRestClient(new Uri("http://indexer/v4"), Time, NullLogger<IndexerRestClient>.Instance, this);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public IndexerRestClient Client { get; }

    public List<(DateTimeOffset At, string Url)> Left { get; } = [];

    public Func<string, HttpResponseMessage> Answer { get; set; } = _ => Ok();

    public Func<string, Task>? Before { get; set; }

    public static HttpResponseMessage Ok(string body = "{}") => Status(200, body);

    public static HttpResponseMessage Status(int status, string body = "{}", params (string Name, object Value)[] headers)
    {
        var response = new TakenResponse((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        return response;
    }

    public Task<RestAnswer> Get(string path, RestPriority priority = RestPriority.Poll) => Client.GetAsync(path, priority, TestContext.Current.CancellationToken);

    /// <summary>Lets virtual time pass in small steps until the task ends; the seconds it took.</summary>
    public async Task<double> TimeUntil(Task task, double step = 0.1, double most = 120)
    {
        for (var passed = 0.0; passed <= most; passed += step)
        {
            if (await Task.WhenAny(task, Task.Delay(15, TestContext.Current.CancellationToken)) == task)
            {
                return passed;
            }

            await UntilAsync(() => task.IsCompleted || HaveLeft, "left with leave");
            Time.Advance(TimeSpan.FromSeconds(step));
        }

        Assert.Fail($"not done in {most} s of virtual time; {Left.Count} requests left");
        return 0;
    }

    /// <summary>
    /// Lets virtual time pass until so many requests have left, and never while one that has leave is still on its way or an answer is being taken:
    /// on a busy machine the times written down would be later than those of the leave. For answers without rate headers.
    /// </summary>
    public async Task PassUntilLeftAsync(int count)
    {
        for (var step = 0; step < 1000; step++)
        {
            await SettleAsync();
            if (LeftCount >= count)
            {
                return;
            }

            Time.Advance(TimeSpan.FromSeconds(0.25)); // divides the budget's window: a timer never rings between two steps
        }

        Assert.Fail($"{LeftCount} of {count} requests left");
    }

    /// <summary>Waits, in real time alone, until so many requests have left and the client has taken their answers.</summary>
    public Task UntilAnsweredAsync(int count) =>
        UntilAsync(() => Volatile.Read(ref unanswered) == 0 && LeftCount >= count, $"{count} answered");

    // Every request that has leave has left, and every answer is taken: nothing leaves before time passes.
    private Task SettleAsync()
    {
        var seen = -1;
        return UntilAsync(
            () =>
            {
                var (quiet, all, before) = (Volatile.Read(ref unanswered) == 0, HaveLeft, seen);
                seen = LeftCount;
                return quiet && all && seen == before;
            },
            "settled");
    }

    private async Task UntilAsync(Func<bool> holds, string what)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            Assert.False(late.IsCancellationRequested, $"never {what}: {LeftCount} left, {Volatile.Read(ref unanswered)} unanswered");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var url = request.RequestUri!.OriginalString;
        lock (gate)
        {
            Interlocked.Increment(ref unanswered);
            Left.Add((Time.GetUtcNow(), url));
        }

        try
        {
            if (Before is { } before)
            {
                await before(url).WaitAsync(cancellationToken);
            }

            var response = Answer(url);
            ((TakenResponse)response).Taken = () => Interlocked.Decrement(ref unanswered);
            return response;
        }
        catch
        {
            Interlocked.Decrement(ref unanswered);
            throw;
        }
    }

    // Without rate headers a bucket's use is the leaves given in a window.
    private bool HaveLeft => Client.Use().Sum(bucket => bucket.Used) <= LeftSince(Time.GetUtcNow() - RestBuckets.Window);

    private int LeftCount => LeftSince(DateTimeOffset.MinValue);

    private int LeftSince(DateTimeOffset since)
    {
        lock (gate)
        {
            return Left.Count(left => left.At > since);
        }
    }

    // The client disposes of a response once it has taken all of it, its headers included.
    private sealed class TakenResponse(HttpStatusCode status) : HttpResponseMessage(status)
    {
        private Action? taken;

        public Action? Taken
        {
            set => taken = value;
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            Interlocked.Exchange(ref taken, null)?.Invoke();
        }
    }
}
