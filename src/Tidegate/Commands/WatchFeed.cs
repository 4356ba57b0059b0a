using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Tidegate.Commands;

/// <summary>One subscription over one socket, as texts. A refusal of the topic and the end of the socket are the command's failure.</summary>
internal sealed class WatchFeed(ClientWebSocket socket, WatchTarget target)
{
    private const int MaxFrameBytes = 64 << 20;

    /// <summary>Asks for the topic.</summary>
    public Task SubscribeAsync(CancellationToken stop)
    {
        var request = new Dictionary<string, string>(StringComparer.Ordinal) { ["type"] = "subscribe", ["channel"] = target.Channel };
        if (target.Id is { } id)
        {
            request["id"] = id;
        }

        return socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(request), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, stop).AsTask();
    }

    /// <summary>Every frame until the end.</summary>
    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, length < MaxFrameBytes ? length * 2 : throw new CommandFailure($"--from \"{target.Url}\": a frame over {MaxFrameBytes >> 20} MB came"));
            }

            var received = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw new CommandFailure($"--from \"{target.Url}\": closed by the server with {(int?)socket.CloseStatus} {Printable(socket.CloseStatusDescription)}");
            }

            length += received.Count;
            if (!received.EndOfMessage)
            {
                continue;
            }

            var text = Encoding.UTF8.GetString(buffer, 0, length);
            length = 0;
            yield return text;
            RefuseErrors(text);
        }
    }

    private void RefuseErrors(string text)
    {
        if (text.Length > 4096 || !text.Contains("\"error\"", StringComparison.Ordinal))
        {
            return;
        }

        using var frame = JsonDocument.Parse(text);
        if (frame.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("type", out var type) && type.ValueEquals("error"))
        {
            var code = root.TryGetProperty("code", out var c) ? c + ": " : "";
            var message = root.TryGetProperty("message", out var m) ? m.ToString() : "refused";
            throw new CommandFailure($"{target.Channel} {target.Id}: {code}{Printable(message)}");
        }
    }

    private static string Printable(string? text) => string.Concat((text ?? "").Where(c => !char.IsControl(c)));
}
