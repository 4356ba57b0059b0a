using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Tidegate.Tests.Transcripts;

/// <summary>An Indexer on a loopback port that says exactly what a test wants, frame by frame and answer by answer.</summary>
internal sealed class ScriptedIndexer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly WebApplication app;
    private readonly Lock gate = new();
    private readonly List<ScriptedSocket> sockets = [];
    private readonly List<(string Act, string Channel, string Id, int Socket)> acts = [];
    private readonly List<string> requests = [];
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ScriptedIndexer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        app = builder.Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        app.Run(context => context.WebSockets.IsWebSocketRequest ? ServeAsync(context) : AnswerAsync(context));
    }

    /// <summary>The frame that answers a topic's nth subscribe, on the given socket; null for silence.</summary>
    public Func<Subscribe, string?> Answer { get; set; } = Scripts.Plain;

    /// <summary>The answer to a REST path with its query, without the base.</summary>
    public Func<string, (int Status, string Body)> Rest { get; set; } = Scripts.Rest;

    /// <summary>While set, upgrades are refused with it.</summary>
    public int? RefuseUpgrades { get; set; }

    public Uri WebSocketUrl => new(app.Urls.First().Replace("http", "ws", StringComparison.Ordinal) + "/v4/ws");

    public Uri RestUrl => new(app.Urls.First() + "/v4");

    public IReadOnlyList<(string Act, string Channel, string Id, int Socket)> Acts => Copy(acts);

    public IReadOnlyList<string> Requests => Copy(requests);

    /// <summary>Sockets accepted so far, those that ended included.</summary>
    public int Accepted => Copy(sockets).Count;

    public static async Task<ScriptedIndexer> StartAsync()
    {
        var indexer = new ScriptedIndexer();
        await indexer.app.StartAsync(TestContext.Current.CancellationToken);
        return indexer;
    }

    public int CountOf(string act, string channel, string id = "") => Acts.Count(one => one.Act == act && one.Channel == channel && one.Id == id);

    /// <summary>Sends a frame on every open socket that has the topic.</summary>
    public async Task SayAsync(string channel, string id, string frame)
    {
        foreach (var socket in Copy(sockets).Where(socket => socket.Has(channel, id)))
        {
            await socket.SendAsync(frame);
        }
    }

    public Task TellAsync(string channel, string id, string contents) => SayAsync(channel, id, Scripts.Data(channel, id, contents));

    /// <summary>Closes every open socket that has the topic, or all.</summary>
    public async Task CloseAsync(int code, string reason, string? channel = null, string id = "")
    {
        foreach (var socket in Copy(sockets).Where(socket => socket.Open && (channel is null || socket.Has(channel, id))))
        {
            await socket.CloseAsync(code, reason);
        }
    }

    /// <summary>Ends every connection without a word.</summary>
    public void Drop()
    {
        foreach (var socket in Copy(sockets))
        {
            socket.Abort();
        }
    }

    /// <summary>Waits until something that the gateway did makes it so.</summary>
    public async Task UntilAsync(Func<bool> holds, string what)
    {
        using var late = new CancellationTokenSource(Patience);
        while (true)
        {
            Task next;
            lock (gate)
            {
                next = changed.Task;
            }

            if (holds())
            {
                return;
            }

            try
            {
                await next.WaitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not in time: {what}; the gateway did {string.Join(", ", Acts.TakeLast(10))}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Drop();
        await app.DisposeAsync();
    }

    private List<T> Copy<T>(List<T> list)
    {
        lock (gate)
        {
            return [.. list];
        }
    }

    private void Note(Action act)
    {
        TaskCompletionSource before;
        lock (gate)
        {
            act();
            before = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        before.TrySetResult();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!["/v4".Length..] + context.Request.QueryString;
        Note(() => requests.Add(path));
        var (status, body) = Rest(path);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (RefuseUpgrades is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        using var accepted = await context.WebSockets.AcceptWebSocketAsync();
        using var socket = new ScriptedSocket(accepted);
        var number = 0;
        Note(() =>
        {
            sockets.Add(socket);
            number = sockets.Count;
        });
        try
        {
            await socket.SendAsync("""{"type":"connected","connection_id":"c","message_id":0}""");
            while (await socket.ReceiveAsync() is { } text)
            {
                await HandleAsync(socket, number, JsonNode.Parse(text)!);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // A socket that the test or the gateway ended.
        }
        finally
        {
            socket.Abort();
            Note(() => acts.Add(("gone", "", "", number)));
        }
    }

    private async Task HandleAsync(ScriptedSocket socket, int number, JsonNode frame)
    {
        var (act, channel, id) = ((string)frame["type"]!, (string?)frame["channel"] ?? "", (string?)frame["id"] ?? "");
        id = channel is "v4_markets" or "v4_block_height" ? "" : id;
        if (act == "subscribe")
        {
            var answer = Answer(new Subscribe(channel, id, CountOf(act, channel, id) + 1, number));
            socket.Take(channel, id, answer?.Contains("\"subscribed\"", StringComparison.Ordinal) ?? false);
            if (answer is not null)
            {
                await socket.SendAsync(answer);
            }
        }
        else if (act == "unsubscribe")
        {
            socket.Take(channel, id, false);
            await socket.SendAsync(Scripts.Frame("unsubscribed", channel, id, null));
        }

        Note(() => acts.Add((act, channel, id, number)));
    }
}

/// <summary>A subscribe as it reached the fake Indexer.</summary>
/// <param name="Channel">Its channel.</param>
/// <param name="Id">Its id, empty where the channel has none.</param>
/// <param name="Attempt">How often this topic was asked for, this time included.</param>
/// <param name="Socket">The number of the socket, in order of arrival.</param>
internal sealed record Subscribe(string Channel, string Id, int Attempt, int Socket);

/// <summary>One accepted socket with what it is subscribed to.</summary>
internal sealed class ScriptedSocket(WebSocket socket) : IDisposable
{
    private readonly HashSet<(string, string)> topics = [];
    private readonly SemaphoreSlim writing = new(1);

    public bool Open => socket.State == WebSocketState.Open;

    public bool Has(string channel, string id)
    {
        lock (topics)
        {
            return Open && topics.Contains((channel, id));
        }
    }

    public void Take(string channel, string id, bool subscribed)
    {
        lock (topics)
        {
            _ = subscribed ? topics.Add((channel, id)) : topics.Remove((channel, id));
        }
    }

    public async Task SendAsync(string text)
    {
        await writing.WaitAsync();
        try
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            writing.Release();
        }
    }

    public async Task CloseAsync(int code, string reason)
    {
        await writing.WaitAsync();
        try
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);
        }
        finally
        {
            writing.Release();
        }
    }

    public async Task<string?> ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        var got = await socket.ReceiveAsync(buffer, CancellationToken.None);
        return got.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, got.Count);
    }

    public void Abort() => socket.Abort();

    public void Dispose() => writing.Dispose();
}
