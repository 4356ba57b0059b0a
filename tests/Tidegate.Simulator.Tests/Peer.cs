using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace Tidegate.Simulator.Tests;

/// <summary>A client on a real socket, which keeps what it receives.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private readonly ClientWebSocket socket = new();
    private readonly Lock gate = new();
    private readonly List<JsonElement> frames = [];
    private Task reading = Task.CompletedTask;

    public List<JsonElement> Frames
    {
        get
        {
            lock (gate) return [.. frames];
        }
    }

    public (int Code, string Reason)? Closed { get; private set; }

    /// <summary>Connects. One that does not read, and so answers no ping, has read the greeting: the server's timers for it run.</summary>
    public static async Task<Peer> ConnectAsync(SimulatedIndexer simulator, bool reads = true)
    {
        var peer = new Peer();
        peer.socket.Options.KeepAliveInterval = TimeSpan.Zero;
        await peer.socket.ConnectAsync(simulator.WebSocketUrl, TestContext.Current.CancellationToken);
        if (reads) peer.Read();
        else await peer.ReadGreetingAsync();
        return peer;
    }

    public void Read() => reading = ReadAsync();

    public Task SendAsync(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    /// <summary>Sends where the server may have closed already.</summary>
    public async Task TrySendAsync(string text)
    {
        try
        {
            await SendAsync(text);
        }
        catch (WebSocketException)
        {
            // Told by the reader.
        }
    }

    public Task SubscribeAsync(string channel, string? id = null, bool batched = false) =>
        SendAsync(JsonSerializer.Serialize(new { type = "subscribe", channel, id, batched }, World.NoNulls));

    public Task UnsubscribeAsync(string channel, string? id = null) => SendAsync(JsonSerializer.Serialize(new { type = "unsubscribe", channel, id }, World.NoNulls));

    public List<JsonElement> Of(string type, string? channel = null) =>
        Frames.FindAll(f => f.GetProperty("type").GetString() == type && (channel is null || (f.TryGetProperty("channel", out var c) && c.GetString() == channel)));

    public List<JsonElement> Updates(string channel) => [.. Of("channel_data", channel).Select(f => f.GetProperty("contents"))];

    public List<string> Errors => [.. Of("error").Select(f => f.GetProperty("message").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        socket.Dispose();
        await reading;
    }

    private async Task ReadGreetingAsync()
    {
        var buffer = new byte[1024];
        var part = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.True(part.EndOfMessage);
        Add(buffer[..part.Count]);
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    Closed = ((int)part.CloseStatus!, part.CloseStatusDescription ?? "");
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
                    return;
                }
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Add(message.ToArray());
                message.SetLength(0);
            }
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            Closed ??= (1006, "");
        }
    }

    private void Add(byte[] text)
    {
        JsonElement frame;
        try
        {
            using var document = JsonDocument.Parse(text);
            frame = document.RootElement.Clone();
        }
        catch (JsonException)
        {
            frame = JsonSerializer.SerializeToElement(new { type = "garbage", text = Encoding.UTF8.GetString(text) });
        }
        lock (gate) frames.Add(frame);
    }
}

/// <summary>A simulator whose clock and exchange stand still until a test moves them.</summary>
internal sealed class World : IAsyncDisposable
{
    public static readonly JsonSerializerOptions NoNulls = new() { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };

    private World(SimulatedIndexer simulator, FakeTimeProvider time) => (Simulator, Time) = (simulator, time);

    public SimulatedIndexer Simulator { get; }

    public FakeTimeProvider Time { get; }

    public Tidegate.Simulator.Trading.Exchange Exchange => Simulator.Exchange;

    public string Lively => Simulator.Addresses[0];

    /// <summary>Starts one; without options it has a short past, as most tests need none.</summary>
    public static async Task<World> StartAsync(SimulatorOptions? options = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 10, 20, 0, TimeSpan.Zero));
        options ??= new SimulatorOptions { Past = TimeSpan.FromMinutes(2) };
        options = options with { Urls = ["http://127.0.0.1:0"], Running = false };
        return new World(await SimulatedIndexer.StartAsync(options, time, null, TestContext.Current.CancellationToken), time);
    }

    /// <summary>Waits for something that other threads do; the clock moves a little with each look, and with it delays of snapshots.</summary>
    public async Task UntilAsync(Func<bool> happened, string what, bool moveClock = true)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (var i = 0; !happened(); i++)
        {
            Assert.False(late.IsCancellationRequested, $"waited in vain for {what}");
            if (moveClock && i < 5_000) Time.Advance(TimeSpan.FromMilliseconds(1));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    public async Task<Peer> SubscribedAsync(string channel, string? id = null, bool batched = false)
    {
        var peer = await Peer.ConnectAsync(Simulator);
        await peer.SubscribeAsync(channel, id, batched);
        await UntilAsync(() => peer.Of("subscribed").Count == 1, $"subscribed to {channel}");
        return peer;
    }

    public async Task<(int Status, JsonElement Body, HttpResponseMessage Response)> GetAsync(string path)
    {
        using var http = new HttpClient();
        var response = await http.GetAsync(Simulator.RestUrl + path, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text), response);
    }

    public async Task<JsonElement> BodyAsync(string path) => (await GetAsync(path)).Body;

    public ValueTask DisposeAsync() => Simulator.DisposeAsync();
}
