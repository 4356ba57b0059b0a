using System.Security.Cryptography;
using System.Text;

namespace Tidegate.Simulator.Ledger;

/// <summary>Addresses of the chain: bech32 with the prefix <c>dydx</c> and a right checksum (BIP 173).</summary>
internal static class Bech32
{
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static readonly uint[] Generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    /// <summary>The address that belongs to a name, the same for the same name.</summary>
    public static string AddressOf(string name) => Encode("dydx", SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 20));

    /// <summary>Encodes bytes under a prefix.</summary>
    public static string Encode(string prefix, ReadOnlySpan<byte> bytes)
    {
        var words = Words(bytes);
        var text = new StringBuilder(prefix).Append('1');
        foreach (var word in words) text.Append(Alphabet[word]);
        var sum = Polymod([.. Expand(prefix), .. words, 0, 0, 0, 0, 0, 0]) ^ 1;
        for (var i = 0; i < 6; i++) text.Append(Alphabet[(int)(sum >> (5 * (5 - i))) & 31]);
        return text.ToString();
    }

    /// <summary>Whether a text is an address with a right checksum.</summary>
    public static bool IsValid(string address)
    {
        var split = address.LastIndexOf('1');
        if (split < 1) return false;
        var words = new List<byte>(Expand(address[..split]));
        foreach (var letter in address.AsSpan(split + 1))
        {
            var word = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            if (word < 0) return false;
            words.Add((byte)word);
        }
        return Polymod(words) == 1;
    }

    private static List<byte> Words(ReadOnlySpan<byte> bytes)
    {
        var words = new List<byte>();
        int held = 0, bits = 0;
        foreach (var one in bytes)
        {
            held = (held << 8) | one;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                words.Add((byte)((held >> bits) & 31));
            }
        }
        if (bits > 0) words.Add((byte)((held << (5 - bits)) & 31));
        return words;
    }

    private static List<byte> Expand(string prefix)
    {
        var words = new List<byte>();
        foreach (var letter in prefix) words.Add((byte)(letter >> 5));
        words.Add(0);
        foreach (var letter in prefix) words.Add((byte)(letter & 31));
        return words;
    }

    private static uint Polymod(List<byte> words)
    {
        uint sum = 1;
        foreach (var word in words)
        {
            var top = sum >> 25;
            sum = ((sum & 0x1ffffff) << 5) ^ word;
            for (var i = 0; i < 5; i++)
            {
                if (((top >> i) & 1) == 1) sum ^= Generator[i];
            }
        }
        return sum;
    }
}
