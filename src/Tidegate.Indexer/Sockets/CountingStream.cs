using System.Net.Sockets;

namespace Tidegate.Indexer.Sockets;

/// <summary>
/// The pass-through stream between a TCP socket and everything above it: it notes when the last byte came, pings included, and once the
/// handshake is over it reads the socket synchronously, so that every <c>ReceiveAsync</c> above ends inline on the reader's own thread.
/// </summary>
/// <remarks>
/// Reads from one thread at a time. An asynchronous reader's wake costs about 280 µs of spinning pool threads (docs/benchmarks.md), and
/// <c>ClientWebSocket</c> answers pings without telling anybody (protocol.md 1, Liveness): both reasons why this class exists.
/// </remarks>
internal sealed class CountingStream(Socket socket, TimeProvider time, Action drained) : Stream
{
    private readonly NetworkStream inner = new(socket, ownsSocket: true);

    // A block's frames come at once: taken from the kernel in large pieces, so that its window opens again at once. Small reads leave it
    // nearly shut, and a sender on a large segment then waits out the delayed acknowledgement, 40 ms.
    private readonly byte[] received = new byte[128 * 1024];
    private ReadOnlyMemory<byte> ahead;
    private volatile bool blocking;
    private long lastByteTicks;
    private int ended;

    public DateTimeOffset? LastByteAt =>
        Volatile.Read(ref lastByteTicks) is var ticks and not 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Whether the kernel holds bytes for the reader. Any thread.</summary>
    public bool HasUnread
    {
        get
        {
            try
            {
                return Volatile.Read(ref ended) == 0 && socket.Available > 0;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>From now on reads block their thread until bytes come or the socket ends.</summary>
    public void ReadOnCallersThread() => blocking = true;

    /// <summary>Ends the connection and wakes a blocked reader. Any thread, idempotent.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref ended, 1) != 0)
        {
            return;
        }

        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Already gone: that is what was wanted.
        }

        inner.Dispose();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!blocking)
        {
            return ReadInBackgroundAsync(buffer, cancellationToken);
        }

        try
        {
            return new ValueTask<int>(Read(buffer.Span));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(new IOException("the socket ended", e));
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (ahead.IsEmpty)
        {
            if (socket.Available == 0)
            {
                drained();
                socket.Poll(Timeout.Infinite, SelectMode.SelectRead);
            }

            if (buffer.IsEmpty)
            {
                return 0;
            }

            ahead = received.AsMemory(0, Note(socket.Receive(received)));
        }

        var length = Math.Min(buffer.Length, ahead.Length);
        ahead.Span[..length].CopyTo(buffer);
        ahead = ahead[length..];
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadInBackgroundAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        Note(await inner.ReadAsync(buffer, cancellationToken));

    private int Note(int read)
    {
        if (read > 0)
        {
            Volatile.Write(ref lastByteTicks, time.GetUtcNow().Ticks);
        }

        return read;
    }
}
