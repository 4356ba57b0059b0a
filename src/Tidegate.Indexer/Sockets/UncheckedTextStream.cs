using System.Net;

namespace Tidegate.Indexer.Sockets;

/// <summary>
/// Shows the text messages of a server to <c>ClientWebSocket</c> as binary ones, so that one with invalid UTF-8 is a bad frame like others and not the
/// end of the connection and all its topics. JSON readers check the encoding anyway.
/// </summary>
/// <remarks>Only the opcode of frame headers is changed (RFC 6455, 5.2); server frames are not masked. One reader at a time.</remarks>
internal sealed class UncheckedTextStream(Stream inner) : Stream
{
    private const int Text = 1;
    private const int Binary = 2;

    // Where in a frame the next byte stands: 0 and 1 the fixed header, 2 the extended length, 3 the payload.
    private int part;
    private int lengthBytes;
    private ulong length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(buffer, cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<int>(Pass(buffer.Span, reading.Result)) : PassLaterAsync(reading, buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Pass(buffer.AsSpan(offset, count), inner.Read(buffer, offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> PassLaterAsync(ValueTask<int> reading, Memory<byte> buffer)
    {
        var read = await reading;
        return Pass(buffer.Span, read);
    }

    private int Pass(Span<byte> buffer, int read)
    {
        for (var at = 0; at < read;)
        {
            switch (part)
            {
                case 0:
                    buffer[at] = (buffer[at] & 0x0F) == Text ? (byte)((buffer[at] & 0xF0) | Binary) : buffer[at];
                    (at, part) = (at + 1, 1);
                    break;
                case 1:
                    var shortLength = buffer[at] & 0x7F;
                    lengthBytes = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
                    length = lengthBytes == 0 ? (ulong)shortLength : 0;
                    (at, part) = (at + 1, lengthBytes > 0 ? 2 : length > 0 ? 3 : 0);
                    break;
                case 2:
                    length = (length << 8) | buffer[at];
                    lengthBytes--;
                    (at, part) = (at + 1, lengthBytes > 0 ? 2 : length > 0 ? 3 : 0);
                    break;
                default:
                    var here = (int)Math.Min(length, (ulong)(read - at));
                    length -= (ulong)here;
                    (at, part) = (at + here, length > 0 ? 3 : 0);
                    break;
            }
        }

        return read;
    }

    /// <summary>The content of a 101 answer, with the stream in between.</summary>
    internal sealed class Content(HttpContent upgraded) : HttpContent
    {
        protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new UncheckedTextStream(upgraded.ReadAsStream(cancellationToken));

        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(CreateContentReadStream(CancellationToken.None));

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
