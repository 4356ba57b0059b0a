using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;

namespace Tidegate.Sessions;

/// <summary>Reads a client's frames, within the limits of contract 2.</summary>
internal sealed partial class Session
{
    private const int MostFrameBytes = 64 * 1024;
    private const int MostFrames = 1000;
    private static readonly TimeSpan LongWriteWait = TimeSpan.FromSeconds(5);
    private const string OverSize = "a frame is over 64 KB";
    private readonly WindowCount allFrames;
    private long tooFastTold = long.MinValue;

    private async Task ReadAsync(WebSocket from, CancellationToken cancellationToken)
    {
        while (true)
        {
            // A read of nothing waits without holding a buffer: an idle client costs none.
            var waited = await from.ReceiveAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            if (waited.MessageType == WebSocketMessageType.Close)
            {
                await AnswerCloseAsync(from, cancellationToken).ConfigureAwait(false);
                return;
            }

            var buffer = ArrayPool<byte>.Shared.Rent(MostFrameBytes);
            try
            {
                var (length, ended, tooLong) = await ReadFrameAsync(from, buffer, cancellationToken).ConfigureAwait(false);
                if (ended)
                {
                    await AnswerCloseAsync(from, cancellationToken).ConfigureAwait(false);
                    return;
                }

                await HandleAsync(buffer.AsMemory(0, length), tooLong, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private async ValueTask AnswerCloseAsync(WebSocket from, CancellationToken cancellationToken)
    {
        outbox.StopTopics();
        if (from.State == WebSocketState.CloseReceived)
        {
            await from.CloseOutputAsync(from.CloseStatus is { } code && (int)code is >= 1000 and not (1005 or 1006) ? code : WebSocketCloseStatus.NormalClosure, null, cancellationToken).ConfigureAwait(false);

            // The answer may stand behind a long write: what was begun is not torn, and the client gets its close frame. The kernel takes little of
            // it in advance, so a client on a slow line needs time to read.
            await outbox.DrainAsync(LongWriteWait, time).ConfigureAwait(false);
        }
    }

    private static async ValueTask<(int Length, bool Ended, bool TooLong)> ReadFrameAsync(WebSocket from, byte[] buffer, CancellationToken cancellationToken)
    {
        var length = 0;
        var tooLong = false;
        while (true)
        {
            var room = length < MostFrameBytes ? buffer.AsMemory(length, MostFrameBytes - length) : buffer.AsMemory(0, MostFrameBytes);
            var got = await from.ReceiveAsync(room, cancellationToken).ConfigureAwait(false);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                return (0, true, false);
            }

            tooLong |= length + got.Count > MostFrameBytes || (length == MostFrameBytes && !got.EndOfMessage && got.Count > 0);
            length = Math.Min(MostFrameBytes, length + got.Count);
            if (got.EndOfMessage)
            {
                return (length, false, tooLong);
            }
        }
    }

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> frame, bool tooLong, CancellationToken cancellationToken)
    {
        if (allFrames.Add() > MostFrames)
        {
            TellTooFast();
            return;
        }

        if (tooLong)
        {
            Bad("bad-frame", OverSize);
            return;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(frame);
        }
        catch (JsonException)
        {
            Bad("bad-json", "a frame is not JSON");
            return;
        }

        using (document)
        {
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                Bad("bad-frame", "a frame is not an object");
                return;
            }

            try
            {
                await AnswerAsync(root, cancellationToken).ConfigureAwait(false);
            }
            catch (InvalidOperationException)
            {
                // A lone surrogate in a string: JSON, but no text.
                Bad("bad-json", "a string of the frame is not text");
            }
        }
    }

    private void TellTooFast()
    {
        var now = time.GetTimestamp();
        if (tooFastTold == long.MinValue || time.GetElapsedTime(tooFastTold, now) >= TimeSpan.FromSeconds(1))
        {
            tooFastTold = now;
            Refuse("too-fast", "at most 1000 frames in 10 s; this one and those that follow are dropped", null, null);
        }
    }
}
