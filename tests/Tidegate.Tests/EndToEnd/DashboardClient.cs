using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tidegate.Tests.EndToEnd;

/// <summary>
/// A client of the dashboard socket that knows only contract 2: keeps every frame, and checks the numbering of each topic. Shares no code with
/// the gateway.
/// </summary>
internal sealed class DashboardClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ClientWebSocket socket = new();
    private readonly List<JsonObject> frames = [];
    private readonly List<string> texts = [];
    private readonly List<DateTimeOffset> arrivals = [];
    private readonly Dictionary<string, long> lastSeq = [];
    private readonly CancellationTokenSource stop = new();
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<JsonObject>? sink;
    private volatile TaskCompletionSource? paused;
    private Task reading = Task.CompletedTask;

    private DashboardClient(Action<JsonObject>? sink) => this.sink = sink;

    /// <summary>Breaks of a topic's numbering; has to stay empty.</summary>
    public List<string> Breaks { get; } = [];

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    public string? CloseReason => socket.CloseStatusDescription;

    /// <summary>Ends when the connection does.</summary>
    public Task Ended => reading;

    /// <summary>Connects. With a sink, frames go there and are not kept: for runs of any length.</summary>
    public static async Task<DashboardClient> ConnectAsync(Uri address, Action<JsonObject>? sink = null)
    {
        var client = new DashboardClient(sink);
        client.socket.Options.SetRequestHeader("User-Agent", "test");
        try
        {
            using var late = new CancellationTokenSource(Patience);
            using var dialling = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = DialAsync });
            await client.socket.ConnectAsync(address, dialling, late.Token);
        }
        catch (WebSocketException)
        {
            await client.DisposeAsync();
            throw;
        }

        client.reading = client.ReadAsync();
        return client;
    }

    /// <summary>Reads no more, or goes on.</summary>
    public void Pause(bool pausing)
    {
        var before = paused;
        paused = pausing ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        before?.TrySetResult();
    }

    /// <summary>Cuts the connection without a close frame.</summary>
    public void Abort()
    {
        socket.Abort();
        Pause(false);
    }

    // With a small buffer of its own, so that a client that stops reading is felt at the other end.
    private static async ValueTask<Stream> DialAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 16 * 1024 };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Task SendAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, stop.Token);

    public Task SubscribeAsync(string channel, string? id = null, string more = "") =>
        SendAsync($$"""{"type":"subscribe","channel":"{{channel}}"{{(id is null ? "" : $",\"id\":\"{id}\"")}}{{more}}}""");

    public IReadOnlyList<JsonObject> Frames
    {
        get
        {
            lock (frames)
            {
                return [.. frames];
            }
        }
    }

    /// <summary>The frames that are kept, and keeps them no longer: for runs too long to keep all.</summary>
    public IReadOnlyList<(JsonObject Frame, DateTimeOffset At)> TakeFrames()
    {
        lock (frames)
        {
            var taken = frames.Zip(arrivals).ToList();
            frames.Clear();
            texts.Clear();
            arrivals.Clear();
            return taken;
        }
    }

    /// <summary>Ends with the next frame, if none waits to be taken, or with the connection.</summary>
    public Task NextFrameAsync()
    {
        lock (frames)
        {
            return frames.Count > 0 ? Task.CompletedTask : arrived.Task;
        }
    }

    /// <summary>The frames as they came, letter by letter.</summary>
    public IReadOnlyList<string> Texts
    {
        get
        {
            lock (frames)
            {
                return [.. texts];
            }
        }
    }

    /// <summary>When the frames of a channel arrived, with their places among all frames.</summary>
    public IReadOnlyList<(int Index, DateTimeOffset At)> ArrivalsOf(string channel)
    {
        lock (frames)
        {
            return [.. frames.Select((frame, index) => (frame, index)).Where(one => (string?)one.frame["channel"] == channel).Select(one => (one.index, arrivals[one.index]))];
        }
    }

    /// <summary>The first frame that fits, waited for.</summary>
    public async Task<JsonObject> WaitAsync(Func<JsonObject, bool> fits, string what, int from = 0, TimeSpan? patience = null)
    {
        using var late = new CancellationTokenSource(patience ?? Patience);
        while (true)
        {
            Task next;
            lock (frames)
            {
                for (var i = from; i < frames.Count; i++)
                {
                    if (fits(frames[i]))
                    {
                        return frames[i];
                    }
                }

                from = frames.Count;
                next = arrived.Task;
            }

            try
            {
                await next.WaitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"no {what} in time; the last frames were {string.Join('\n', Frames.TakeLast(5).Select(frame => frame.ToJsonString()[..Math.Min(300, frame.ToJsonString().Length)]))}");
            }
        }
    }

    public Task<JsonObject> WaitForAsync(string type, string? channel = null, string? id = null, int from = 0) =>
        WaitAsync(frame => Is(frame, type, channel, id), $"{type} {channel} {id}", from);

    public static bool Is(JsonObject frame, string type, string? channel = null, string? id = null) =>
        (string?)frame["type"] == type && (channel is null || (string?)frame["channel"] == channel) && (id is null || (string?)frame["id"] == id);

    /// <summary>Waits until the server has closed or the connection is gone.</summary>
    public async Task WaitForCloseAsync(TimeSpan patience) => await reading.WaitAsync(patience);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        Abort();
        await reading;
        socket.Dispose();
        stop.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 16];
        using var text = new MemoryStream();
        try
        {
            while (true)
            {
                if (paused is { } pause)
                {
                    await pause.Task;
                }

                var got = await socket.ReceiveAsync(buffer.AsMemory(), stop.Token);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    return;
                }

                text.Write(buffer, 0, got.Count);
                if (got.EndOfMessage)
                {
                    Take(Encoding.UTF8.GetString(text.ToArray()));
                    text.SetLength(0);
                }
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The end of the connection is what the caller asserts on.
        }
        finally
        {
            Signal();
        }
    }

    private void Take(string text)
    {
        var frame = JsonNode.Parse(text)!.AsObject();
        lock (frames)
        {
            Check(frame);
            if (sink is not null)
            {
                sink(frame);
                return;
            }

            texts.Add(text);
            arrivals.Add(TimeProvider.System.GetUtcNow());
            frames.Add(frame);
        }

        Signal();
    }

    private void Signal()
    {
        lock (frames)
        {
            var before = arrived;
            arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            before.TrySetResult();
        }
    }

    private void Check(JsonObject frame)
    {
        if (frame["seq"] is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return;
        }

        var topic = $"{frame["channel"]} {frame["id"]} {frame["epoch"]}";
        var seq = value.GetValue<long>();
        if ((string?)frame["type"] is not ("subscribed" or "snapshot"))
        {
            var before = (long?)frame["prev_seq"] ?? seq - 1;
            if (!lastSeq.TryGetValue(topic, out var last) || last != before)
            {
                Breaks.Add($"{topic}: {last} then {seq} (prev {before})");
            }
        }

        lastSeq[topic] = seq;
    }
}
