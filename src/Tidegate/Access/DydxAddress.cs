namespace Tidegate.Access;

/// <summary>The form of an address: bech32 with the prefix <c>dydx</c> and a right checksum (BIP 173).</summary>
public static class DydxAddress
{
    private const string Prefix = "dydx1";
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private const int ChecksumLength = 6;

    private static ReadOnlySpan<uint> Generators => [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    /// <summary>Whether the text is a well-formed address: lower case, as the chain writes it, of an account (20 bytes) or a module (32).</summary>
    public static bool IsValid(string text)
    {
        // 20 bytes are 32 five-bit groups, 32 bytes are 52
        if (text is null || (text.Length != Prefix.Length + 32 + ChecksumLength && text.Length != Prefix.Length + 52 + ChecksumLength)
            || !text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var sum = 1u;
        foreach (var c in "dydx")
        {
            sum = Step(sum, (uint)c >> 5);
        }

        sum = Step(sum, 0);
        foreach (var c in "dydx")
        {
            sum = Step(sum, (uint)c & 31);
        }

        var group = 0;
        for (var i = Prefix.Length; i < text.Length; i++)
        {
            group = Alphabet.IndexOf(text[i], StringComparison.Ordinal);
            if (group < 0)
            {
                return false;
            }

            sum = Step(sum, (uint)group);
        }

        return sum == 1 && PaddingIsZero(text);
    }

    // 32 groups hold 160 bits exactly; 52 hold 260, of which the last four pad 256 and have to be zero
    private static bool PaddingIsZero(string text) =>
        text.Length == Prefix.Length + 32 + ChecksumLength
        || (Alphabet.IndexOf(text[text.Length - ChecksumLength - 1], StringComparison.Ordinal) & 0b1111) == 0;

    private static uint Step(uint sum, uint value)
    {
        var top = sum >> 25;
        sum = ((sum & 0x1ffffff) << 5) ^ value;
        for (var i = 0; i < Generators.Length; i++)
        {
            sum ^= ((top >> i) & 1) == 1 ? Generators[i] : 0;
        }

        return sum;
    }
}
