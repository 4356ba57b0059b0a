using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Tidegate.Indexer.Sockets;

/// <summary>A WebSocket with a reader thread of its own, over <c>ws</c> or <c>wss</c>, through the proxy that the environment names.</summary>
internal sealed class WebSocketWire(Uri url, string name, TimeProvider time, ILogger logger, SslClientAuthenticationOptions? tls = null) : IWire
{
    /// <summary>Longer frames are passed over. The longest real one, all markets or 1000 candles, is below 1 MB.</summary>
    public const int MaxFrame = 16 * 1024 * 1024;

    private const int UsualBuffer = 64 * 1024;
    private const int KeptBuffer = 1024 * 1024;

    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly ClientWebSocket socket = new();
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private HttpMessageInvoker? invoker;
    private volatile CountingStream? stream;
    private IWireListener? listener;
    private volatile bool aborted;

    public DateTimeOffset? LastByteAt => stream?.LastByteAt;

    public bool HasUnread => stream?.HasUnread ?? false;

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseCookies = false, AllowAutoRedirect = false };
        handler.SslOptions = tls ?? handler.SslOptions;
        invoker = new HttpMessageInvoker(new UpgradeWatch(handler));
        socket.Options.KeepAliveInterval = TimeSpan.Zero; // own pings off: bytes of the server's are what counts (protocol.md 1)
        try
        {
            await socket.ConnectAsync(url, invoker, cancellationToken);
        }
        catch (WebSocketException e) when (e.InnerException is WireRefusedException refused)
        {
            throw new WireRefusedException(refused.Reason, refused.Message);
        }

        if (aborted)
        {
            Abort();
            throw new OperationCanceledException("aborted while dialling");
        }
    }

    public void Read(IWireListener to)
    {
        listener = to;
        stream?.ReadOnCallersThread();
        new Thread(ReadToEnd) { IsBackground = true, Name = "tidegate " + name }.Start();
    }

    public async Task SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(SendTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await sending.WaitAsync(both.Token);
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, both.Token);
        }
        finally
        {
            sending.Release();
        }
    }

    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SayCloseAsync(WebSocketCloseStatus.NormalClosure);
            if (listener is not null)
            {
                await ended.Task.WaitAsync(CloseTimeout, time, cancellationToken);
            }
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            SocketLog.CloseUnanswered(logger, name);
        }
        finally
        {
            Abort();
        }
    }

    public void Abort()
    {
        aborted = true;
        stream?.End();
        socket.Abort();
    }

    public void Dispose()
    {
        Abort();
        socket.Dispose();
        invoker?.Dispose();
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await tcp.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return stream = new CountingStream(tcp, time, () => listener?.OnDrained());
        }
        catch
        {
            tcp.Dispose();
            throw;
        }
    }

    private void ReadToEnd()
    {
        int? code = null;
        string? reason = null;
        try
        {
            if (ReadFrames())
            {
                (code, reason) = ((int?)socket.CloseStatus, socket.CloseStatusDescription);
                _ = SayCloseAsync(WebSocketCloseStatus.NormalClosure);
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The peer vanished, broke the protocol, or we ended it ourselves: whoever listens decides by its own state.
            reason = e.Message;
        }

        ended.TrySetResult();
        listener!.OnEnded(code, reason);
    }

    /// <summary>Reads until the peer's close frame; true then. Runs on the reader thread and blocks it: that is what it is for.</summary>
    private bool ReadFrames()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(UsualBuffer);
        try
        {
            var (filled, passedOver) = (0, 0L);
            while (true)
            {
                if (filled == buffer.Length && filled < MaxFrame)
                {
                    buffer = Resize(buffer, filled, Math.Min(buffer.Length * 2, MaxFrame));
                }
                else if (filled >= MaxFrame)
                {
                    (passedOver, filled) = (passedOver + filled, 0);
                }

                var result = Receive(buffer.AsMemory(filled));
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return true;
                }

                filled += result.Count;
                if (!result.EndOfMessage)
                {
                    continue;
                }

                if (passedOver > 0)
                {
                    listener!.OnOversize(passedOver + filled);
                }
                else
                {
                    listener!.OnFrame(buffer.AsSpan(0, filled));
                }

                (filled, passedOver) = (0, 0);
                if (buffer.Length > KeptBuffer)
                {
                    buffer = Resize(buffer, 0, UsualBuffer);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ValueWebSocketReceiveResult Receive(Memory<byte> into)
    {
        var receive = socket.ReceiveAsync(into, CancellationToken.None);

        // Completed inline, but for the rare moment in which a pong waits for a sender: then this thread, which is ours, waits for it.
#pragma warning disable VSTHRD002
        return receive.IsCompleted ? receive.GetAwaiter().GetResult() : receive.AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }

    private async Task SayCloseAsync(WebSocketCloseStatus status)
    {
        using var timeout = new CancellationTokenSource(CloseTimeout, time);
        try
        {
            await sending.WaitAsync(timeout.Token);
            try
            {
                await socket.CloseOutputAsync(status, null, timeout.Token);
            }
            finally
            {
                sending.Release();
            }
        }
        catch (Exception e) when (e is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The close frame is a courtesy; the end does not depend on it.
        }
    }

    private static byte[] Resize(byte[] buffer, int keep, int size)
    {
        var next = ArrayPool<byte>.Shared.Rent(size);
        buffer.AsSpan(0, keep).CopyTo(next);
        ArrayPool<byte>.Shared.Return(buffer);
        return next;
    }

    /// <summary>Sees what a refused upgrade says, which ClientWebSocket does not pass on.</summary>
    private sealed class UpgradeWatch(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        private const int MostOfBody = 4096;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
            {
                response.Content = new UncheckedTextStream.Content(response.Content);
                return response;
            }

            var text = await ReadTextAsync(response, cancellationToken);
            if (Refusal.BlockReason((int)response.StatusCode, text) is { } reason)
            {
                throw new WireRefusedException(reason, $"the upgrade was answered {(int)response.StatusCode}: {text}");
            }

            return response;
        }

        private static async Task<string> ReadTextAsync(HttpResponseMessage response, CancellationToken cancellationToken)
        {
            var bytes = new byte[MostOfBody];
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            var read = await body.ReadAtLeastAsync(bytes, MostOfBody, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(bytes, 0, read);
        }
    }
}
