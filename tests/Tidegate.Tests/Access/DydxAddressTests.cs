using CsCheck;
using Tidegate.Access;

namespace Tidegate.Tests.Access;

public sealed class DydxAddressTests
{
    private const string Good = "dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4";
    private const string Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    [Theory]
    [InlineData(Good)]
    [InlineData("dydx1n88uc38xhjgxzw9nwre4ep2c8ga4fjxc565lnf")]
    public void An_account_is_an_address(string text) => Assert.True(DydxAddress.IsValid(text));

    [Fact]
    public void A_module_account_of_32_bytes_is_an_address() => Assert.True(DydxAddress.IsValid(Encode("dydx", [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 7))])));

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("dydx1")]
    [InlineData("DYDX199TQG4WDLNU4QJLXCHPD7SEG454937HJRKNJU4")]
    [InlineData("dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju5")]
    [InlineData("dydx199tqg4wdlnu4qjlxchpd7seg454937hjrknju4 ")]
    [InlineData("cosmos199tqg4wdlnu4qjlxchpd7seg454937hjrknju4")]
    [InlineData("dydx1bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")]
    public void Anything_else_is_none(string text) => Assert.False(DydxAddress.IsValid(text));

    [Fact]
    public void An_address_of_another_chain_with_a_right_checksum_is_none()
    {
        Assert.True(DydxAddress.IsValid(Encode("dydx", new byte[20])));
        Assert.False(DydxAddress.IsValid(Encode("dydy", new byte[20])));
    }

    [Fact]
    public void Data_of_another_length_is_none() => Assert.False(DydxAddress.IsValid(Encode("dydx", new byte[21])));

    [Fact]
    public void Every_20_bytes_make_an_address_and_no_single_slip_does() =>
        Gen.Byte.Array[20].Select(Gen.Int[5, 42], Gen.Int[1, 31]).Sample((data, at, by) =>
        {
            var text = Encode("dydx", data);
            var slip = text.ToCharArray();
            slip[at] = Alphabet[(Alphabet.IndexOf(slip[at], StringComparison.Ordinal) + by) % 32];
            return DydxAddress.IsValid(text) && !DydxAddress.IsValid(new string(slip));
        }, iter: 2000);

    /// <summary>BIP 173's own encoder, written beside the code under test: it makes a checksum where that one proves it.</summary>
    private static string Encode(string prefix, byte[] data)
    {
        var groups = new List<int>();
        int bits = 0, held = 0;
        foreach (var b in data)
        {
            (held, bits) = ((held << 8) | b, bits + 8);
            for (; bits >= 5; bits -= 5)
            {
                groups.Add((held >> (bits - 5)) & 31);
            }

            held &= (1 << bits) - 1;
        }

        if (bits > 0)
        {
            groups.Add((held << (5 - bits)) & 31);
        }

        int[] expanded = [.. prefix.Select(c => c >> 5), 0, .. prefix.Select(c => c & 31), .. groups, 0, 0, 0, 0, 0, 0];
        long sum = 1;
        foreach (var v in expanded)
        {
            var top = sum >> 25;
            sum = ((sum & 0x1ffffff) << 5) ^ v;
            long[] generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
            for (var i = 0; i < 5; i++)
            {
                sum ^= ((top >> i) & 1) * generators[i];
            }
        }

        sum ^= 1;
        return prefix + "1" + string.Concat(groups.Select(g => Alphabet[g])) + string.Concat(Enumerable.Range(0, 6).Select(i => Alphabet[(int)(sum >> (5 * (5 - i))) & 31]));
    }
}
