using System.Text;

namespace Tidegate.Indexer.Sockets;

/// <summary>Compares ids with the UTF-8 bytes of a frame, so that finding a frame's subscriber allocates nothing.</summary>
internal sealed class IdComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
{
    public static readonly IdComparer Instance = new();

    public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

    public bool Equals(ReadOnlySpan<byte> alternate, string other)
    {
        if (Ascii.IsValid(alternate))
        {
            return Ascii.Equals(alternate, other);
        }

        return string.Equals(Encoding.UTF8.GetString(alternate), other, StringComparison.Ordinal); // ids are ASCII today; correct, not fast, if not
    }

    public int GetHashCode(string obj)
    {
        if (!Ascii.IsValid(obj))
        {
            return GetHashCode(Encoding.UTF8.GetBytes(obj));
        }

        var hash = Start;
        foreach (var c in obj)
        {
            hash = Step(hash, (byte)c);
        }

        return (int)hash;
    }

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = Start;
        foreach (var b in alternate)
        {
            hash = Step(hash, b);
        }

        return (int)hash;
    }

    public string Create(ReadOnlySpan<byte> alternate) => Encoding.UTF8.GetString(alternate);

    // FNV-1a: ids are short, and the ones who follow them are our own.
    private const uint Start = 2166136261;

    private static uint Step(uint hash, byte b) => unchecked((hash ^ b) * 16777619);
}
