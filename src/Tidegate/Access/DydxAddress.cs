namespace Tidegate.Access;

/// <summary>The form of an address: bech32 with the prefix <c>dydx</c> and a right checksum (BIP 173).</summary>
public static class DydxAddress
{
    /// <summary>Whether the text is a well-formed address.</summary>
    public static bool IsValid(string text) => throw new NotImplementedException();
}
