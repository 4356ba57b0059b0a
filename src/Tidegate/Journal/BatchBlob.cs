using System.Buffers.Binary;

namespace Tidegate.Journal;

/// <summary>The frames of one topic in one commit, one behind the other: how they lie in a row of the store.</summary>
/// <remarks>Used by the journal's thread. Its buffer is kept from batch to batch.</remarks>
internal sealed class BatchBlob
{
    // Length of the wire bytes, start and length of the body in them, rows: four 32-bit numbers, then the wire bytes.
    private const int HeaderBytes = 16;
    private byte[] buffer = new byte[4096];

    /// <summary>The first frame's number.</summary>
    public long First { get; private set; }

    /// <summary>The last frame's number; 0 when there is none.</summary>
    public long Last { get; private set; }

    /// <summary>Rows told by the frames.</summary>
    public int Rows { get; private set; }

    /// <summary>Bytes in use of <see cref="Buffer"/>.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    public byte[] Buffer => buffer;

    /// <summary>Adds a frame that follows on the last.</summary>
    public void Add(long seq, byte[] wire, Range body, int rows)
    {
        if (Length + HeaderBytes + wire.Length > buffer.Length)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + HeaderBytes + wire.Length));
        }

        var (start, length) = body.GetOffsetAndLength(wire.Length);
        var header = buffer.AsSpan(Length, HeaderBytes);
        BinaryPrimitives.WriteInt32LittleEndian(header, wire.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], start);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], length);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], rows);
        wire.CopyTo(buffer, Length + HeaderBytes);
        Length += HeaderBytes + wire.Length;
        First = Last == 0 ? seq : First;
        Last = seq;
        Rows += rows;
    }

    /// <summary>Forgets the frames.</summary>
    public void Clear() => (First, Last, Rows, Length) = (0, 0, 0, 0);

    /// <summary>Reads what was written; false when it is no such thing.</summary>
    public static bool TryRead(ReadOnlySpan<byte> blob, long first, List<StoredFrame> to)
    {
        for (var seq = first; !blob.IsEmpty; seq++)
        {
            if (blob.Length < HeaderBytes)
            {
                return false;
            }

            var wire = BinaryPrimitives.ReadInt32LittleEndian(blob);
            var start = BinaryPrimitives.ReadInt32LittleEndian(blob[4..]);
            var length = BinaryPrimitives.ReadInt32LittleEndian(blob[8..]);
            if (wire < 0 || start < 0 || length < 0 || wire > blob.Length - HeaderBytes || start > wire - length)
            {
                return false;
            }

            to.Add(new StoredFrame(seq, blob.Slice(HeaderBytes, wire).ToArray(), start..(start + length), BinaryPrimitives.ReadInt32LittleEndian(blob[12..])));
            blob = blob[(HeaderBytes + wire)..];
        }

        return true;
    }
}
