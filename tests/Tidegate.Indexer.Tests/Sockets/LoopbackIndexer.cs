using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Tests.Sockets;

/// <summary>A small Indexer on a loopback port: answers subscribes, says and does what the test wants on its sockets.</summary>
internal sealed class LoopbackIndexer : IAsyncDisposable
{
    private readonly WebApplication app;
    private int accepted;

    private LoopbackIndexer(TimeSpan pingEvery, TimeSpan? pongWithin, X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0, l =>
        {
            if (certificate is not null)
            {
                l.UseHttps(certificate);
            }
        }));
        app = builder.Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = pingEvery, KeepAliveTimeout = pongWithin ?? Timeout.InfiniteTimeSpan });
        app.Run(ServeAsync);
    }

    public ConcurrentDictionary<int, WebSocket> Sockets { get; } = new();

    public int Accepted => accepted;

    /// <summary>Answers of an upgrade other than 101.</summary>
    public (int Status, string Body)? Refusal { get; set; }

    /// <summary>What is answered to a subscribe; null for nothing.</summary>
    public Func<string, string, string?> Answer { get; set; } = (channel, id) =>
        $$$"""{"type":"subscribed","connection_id":"c","message_id":1,"channel":"{{{channel}}}","id":"{{{id}}}","contents":{"of":"{{{id}}}"}}""";

    public Uri Url => new(app.Urls.First().Replace("http", "ws", StringComparison.Ordinal) + "/v4/ws");

    public UpstreamOptions Options => new()
    {
        Endpoints = [new IndexerEndpoint(Url, new Uri(app.Urls.First() + "/v4"))],
        InitialDelay = TimeSpan.FromMilliseconds(10),
        MaxDelay = TimeSpan.FromMilliseconds(40),
    };

    /// <summary>Starts it. Who does not answer a ping within <paramref name="pongWithin"/> is cut off, as the real one does.</summary>
    public static async Task<LoopbackIndexer> StartAsync(TimeSpan? pingEvery = null, TimeSpan? pongWithin = null, X509Certificate2? certificate = null)
    {
        var indexer = new LoopbackIndexer(pingEvery ?? TimeSpan.FromSeconds(30), pongWithin, certificate);
        await indexer.app.StartAsync();
        return indexer;
    }

    public Task SayAsync(string text) => SayAsync(Encoding.UTF8.GetBytes(text));

    public async Task SayAsync(byte[] bytes)
    {
        foreach (var socket in Sockets.Values)
        {
            // The type Text with bytes that are none: what a broken server would send.
            await socket.SendAsync(bytes, WebSocketMessageType.Text, true, CancellationToken.None);
        }
    }

    public async Task CloseAllAsync(int code, string reason)
    {
        foreach (var socket in Sockets.Values)
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, CancellationToken.None);
        }
    }

    public void DropAll()
    {
        foreach (var socket in Sockets.Values)
        {
            socket.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        DropAll();
        await app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (Refusal is { } refusal)
        {
            context.Response.StatusCode = refusal.Status;
            await context.Response.WriteAsync(refusal.Body);
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var number = Interlocked.Increment(ref accepted);
        var buffer = new byte[64 * 1024];
        try
        {
            await socket.SendAsync("""{"type":"connected","connection_id":"c","message_id":0}"""u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
            Sockets[number] = socket;
            while (true)
            {
                var got = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    break;
                }

                using var json = JsonDocument.Parse(buffer.AsMemory(0, got.Count));
                var type = json.RootElement.GetProperty("type").GetString();
                var channel = json.RootElement.GetProperty("channel").GetString()!;
                var id = json.RootElement.TryGetProperty("id", out var given) ? given.GetString()! : channel;
                var answer = type == "subscribe" ? Answer(channel, id) : $$"""{"type":"unsubscribed","channel":"{{channel}}","id":"{{id}}","message_id":2}""";
                if (answer is not null)
                {
                    await socket.SendAsync(Encoding.UTF8.GetBytes(answer), WebSocketMessageType.Text, true, CancellationToken.None);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
        }
        finally
        {
            Sockets.TryRemove(number, out _);
        }
    }
}
