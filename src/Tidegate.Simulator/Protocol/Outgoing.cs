using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Tidegate.Simulator.Protocol;

/// <summary>What kind of frame waits in a connection's queue.</summary>
internal enum FrameKind : byte
{
    Text = 1,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>
/// One frame on its way to one connection. The tail is shared by all receivers of a topic; the head with the connection's
/// id and the message's number is written in front of it when the frame goes out.
/// </summary>
internal readonly record struct Outgoing(FrameKind Kind, Heading? Heading, int Number, ReadOnlyMemory<byte> Tail)
{
    public static Outgoing Raw(byte[] text) => new(FrameKind.Text, null, 0, text);

    public static Outgoing Close(int code, string reason)
    {
        var body = new byte[2 + Encoding.UTF8.GetByteCount(reason)];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)code);
        Encoding.UTF8.GetBytes(reason, body.AsSpan(2));
        return new Outgoing(FrameKind.Close, null, 0, body);
    }

    /// <summary>Writes the frame as RFC 6455 has it from a server: one fragment, no mask.</summary>
    public void WriteTo(ArrayBufferWriter<byte> buffer)
    {
        Span<byte> number = stackalloc byte[12];
        var digits = 0;
        var head = Heading is null ? default : Heading.Bytes.AsSpan();
        if (Heading is not null) Number.TryFormat(number, out digits, provider: System.Globalization.CultureInfo.InvariantCulture);
        var length = head.Length + digits + Tail.Length;
        var frame = buffer.GetSpan(length + 10);
        frame[0] = (byte)(0x80 | (byte)Kind);
        var at = 2;
        if (length < 126) frame[1] = (byte)length;
        else if (length <= ushort.MaxValue)
        {
            frame[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)length);
            at = 4;
        }
        else
        {
            frame[1] = 127;
            BinaryPrimitives.WriteUInt64BigEndian(frame[2..], (ulong)length);
            at = 10;
        }
        head.CopyTo(frame[at..]);
        number[..digits].CopyTo(frame[(at + head.Length)..]);
        Tail.Span.CopyTo(frame[(at + head.Length + digits)..]);
        buffer.Advance(at + length);
    }
}

/// <summary>The first bytes of a connection's frames of one type, up to the number of the message.</summary>
internal sealed class Heading(string type, string connectionId)
{
    public byte[] Bytes { get; } = Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","connection_id":"{{connectionId}}","message_id":""");
}
