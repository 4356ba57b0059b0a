using System.Buffers;
using System.Net.WebSockets;

namespace Tidegate.Sessions;

/// <summary>Reads a client's frames, within the limits of contract 2.</summary>
internal abstract partial class Session
{
    private const int MostFrameBytes = 64 * 1024;
    private static readonly TimeSpan LongWriteWait = TimeSpan.FromSeconds(5);

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

                await TakeAsync(buffer.AsMemory(0, length), tooLong, cancellationToken).ConfigureAwait(false);
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
}
