using System.Buffers.Binary;

namespace Tidegate.Simulator.Protocol;

/// <summary>One frame from a client, unmasked; of a message in fragments the parts come joined.</summary>
internal readonly record struct Incoming(FrameKind Kind, byte[] Payload);

/// <summary>Reads client frames from an upgraded connection. A frame that breaks RFC 6455 ends the reading like a lost peer.</summary>
internal sealed class FrameReader(Stream stream)
{
    private const int Longest = 1 << 20;
    private readonly byte[] head = new byte[14];

    /// <summary>The next message or control frame; null when the peer is gone.</summary>
    public async ValueTask<Incoming?> ReadAsync(CancellationToken ct)
    {
        byte[] joined = [];
        while (true)
        {
            if (!await FillAsync(head.AsMemory(0, 2), ct)) return null;
            var final = (head[0] & 0x80) != 0;
            var code = head[0] & 0x0f;
            if ((head[1] & 0x80) == 0) return null;
            long length = head[1] & 0x7f;
            var more = length switch { 126 => 2, 127 => 8, _ => 0 };
            if (!await FillAsync(head.AsMemory(0, more + 4), ct)) return null;
            if (more == 2) length = BinaryPrimitives.ReadUInt16BigEndian(head);
            if (more == 8) length = BinaryPrimitives.ReadInt64BigEndian(head);
            if (length is < 0 or > Longest) return null;
            var payload = new byte[length];
            var mask = head.AsMemory(more, 4).ToArray();
            if (!await FillAsync(payload, ct)) return null;
            for (var i = 0; i < payload.Length; i++) payload[i] ^= mask[i & 3];
            if (code >= 8) return new Incoming((FrameKind)code, payload);
            joined = joined.Length == 0 ? payload : [.. joined, .. payload];
            if (joined.Length > Longest) return null;
            if (final) return new Incoming(FrameKind.Text, joined);
        }
    }

    private async ValueTask<bool> FillAsync(Memory<byte> buffer, CancellationToken ct) =>
        buffer.Length == 0 || await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct) == buffer.Length;
}
