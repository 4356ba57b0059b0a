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

    public RestWorld() => Client = new IndexerRestClient(new Uri("http://indexer/v4"), Time, NullLogger<IndexerRestClient>.Instance, this);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public IndexerRestClient Client { get; }

    public List<(DateTimeOffset At, string Url)> Left { get; } = [];

    public Func<string, HttpResponseMessage> Answer { get; set; } = _ => Ok();

    public Func<string, Task>? Before { get; set; }

    public static HttpResponseMessage Ok(string body = "{}") => Status(200, body);

    public static HttpResponseMessage Status(int status, string body = "{}", params (string Name, object Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
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

            Time.Advance(TimeSpan.FromSeconds(step));
        }

        Assert.Fail($"not done in {most} s of virtual time; {Left.Count} requests left");
        return 0;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var url = request.RequestUri!.OriginalString;
        lock (gate)
        {
            Left.Add((Time.GetUtcNow(), url));
        }

        if (Before is { } before)
        {
            await before(url).WaitAsync(cancellationToken);
        }

        return Answer(url);
    }
}
