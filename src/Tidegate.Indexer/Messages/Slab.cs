namespace Tidegate.Indexer.Messages;

/// <summary>
/// Cuts byte slices that are kept for a while, first come first gone, out of shared arrays. A thousand rows a second of which each lives for
/// minutes are a thousand objects that the collector copies and pauses for; a few arrays are not.
/// </summary>
/// <remarks>Serialised by its owner. A slice is the caller's to fill, and stays as it is; its array lives as long as one slice of it.</remarks>
internal sealed class Slab
{
    private const int Smallest = 2 * 1024;

    // Over the 85,000 bytes from which on an array is never moved: smaller ones would be copied twice before they are old.
    private const int Largest = 128 * 1024;
    private byte[] current = [];
    private int used;

    /// <summary>A slice with the bytes; a large one is an array of its own.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> bytes)
    {
        var slice = Take(bytes.Length);
        bytes.CopyTo(slice.Span);
        return slice;
    }

    /// <summary>A slice to be filled.</summary>
    public Memory<byte> Take(int length)
    {
        if (length > current.Length - used)
        {
            if (length > Largest / 4)
            {
                return new byte[length];
            }

            current = GC.AllocateUninitializedArray<byte>(Math.Clamp(current.Length * 2, Math.Max(Smallest, length), Largest));
            used = 0;
        }

        used += length;
        return current.AsMemory(used - length, length);
    }
}
