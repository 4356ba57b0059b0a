using System.Net.Sockets;

namespace Tidegate.Sessions;

/// <summary>
/// The way to one client's socket. The first write goes through the server's stream, which still has the handshake's answer before it; when that
/// write has come back everything before it has left (the server's output pipe is set to hold nothing back), and from then on bytes go
/// straight to the socket on the thread that has them: a hop to the server's own sending task costs more than the send itself. Over TLS all
/// goes through the stream.
/// </summary>
/// <remarks>One write at a time.</remarks>
internal sealed class ClientWire
{
    // Enough for a burst: the kernel takes twice as much with what it needs for itself. A client that does not read is noticed before the
    // kernel hides megabytes.
    private const int SendBuffer = 64 * 1024;
    private readonly Stream stream;
    private readonly Socket? socket;
    private bool direct;

    public ClientWire(Stream stream, Socket? socket)
    {
        (this.stream, this.socket) = (stream, socket);
        if (socket is not null)
        {
            socket.SendBufferSize = SendBuffer;
            socket.Blocking = false;
        }
    }

    /// <summary>Writes all bytes; complete at once where the socket takes them.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!direct)
        {
            return FirstAsync(bytes);
        }

        var sent = socket!.Send(bytes.Span, SocketFlags.None, out var error);
        if (error == SocketError.Success && sent == bytes.Length)
        {
            return ValueTask.CompletedTask;
        }

        return error switch
        {
            SocketError.Success => RestAsync(bytes[sent..]),
            SocketError.WouldBlock or SocketError.IOPending => RestAsync(bytes),
            _ => throw new IOException("the client's socket is gone", new SocketException((int)error)),
        };
    }

    private async ValueTask FirstAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes).ConfigureAwait(false);
        direct = socket is not null;
    }

    // The socket's own wait for room: comes back when the kernel has taken all.
    private async ValueTask RestAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[await socket!.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
            }
        }
        catch (SocketException gone)
        {
            throw new IOException("the client's socket is gone", gone);
        }
    }
}
