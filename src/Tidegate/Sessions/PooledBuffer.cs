using System.Buffers;

namespace Tidegate.Sessions;

/// <summary>A growing buffer from the shared pool.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    // What an outbox gathers, and one frame more.
    private const int MostKept = 2 * Outbox.Quantum;
    private byte[] rented = [];

    public int WrittenCount { get; private set; }

    public ReadOnlyMemory<byte> WrittenMemory => rented.AsMemory(0, WrittenCount);

    public void Advance(int count) => WrittenCount += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return rented.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return rented.AsSpan(WrittenCount);
    }

    public void Clear() => WrittenCount = 0;

    /// <summary>Empties it; a large array goes back to the pool.</summary>
    public void Trim()
    {
        if (rented.Length > MostKept)
        {
            ArrayPool<byte>.Shared.Return(rented);
            rented = [];
        }

        WrittenCount = 0;
    }

    private void Ensure(int size)
    {
        var need = WrittenCount + Math.Max(size, 1);
        if (need <= rented.Length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(need, Math.Max(4096, rented.Length * 2)));
        rented.AsSpan(0, WrittenCount).CopyTo(larger);
        if (rented.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        rented = larger;
    }
}
