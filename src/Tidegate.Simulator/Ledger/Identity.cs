using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tidegate.Simulator.Ledger;

/// <summary>Ids that follow from what they name, so that the same thing has the same id everywhere.</summary>
internal static class Identity
{
    /// <summary>A UUID of the name-based form that the Indexer uses for accounts, orders, fills and transfers.</summary>
    public static string Of(string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        hash[6] = (byte)((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true).ToString("D");
    }

    /// <summary>A transaction hash.</summary>
    public static string Transaction(long height, int index) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"tx {height} {index}"))));

    /// <summary>The id of an on-chain event: height, transaction index + 2 and event index, 8 hex digits each (protocol.md 2).</summary>
    public static string Event(long height, int transaction, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"{height:x8}{transaction + 2:x8}{index:x8}");
}
