using System.Text.RegularExpressions;

namespace Tidegate.DropIn;

/// <summary>What a client asks of the Indexer's REST side, taken from the request line as it came (contract 4).</summary>
/// <param name="PathAndQuery">Below <c>/v4</c>, byte for byte, without the token.</param>
/// <param name="Token">The token of the path's prefix <c>/t/{token}</c>, if there is one.</param>
internal sealed partial record RestTarget(string PathAndQuery, string? Token)
{
    private const string Base = "/v4";
    private const string TokenPrefix = "/t/";
    private const string AddressPrefix = "dydx1";

    // The rest names an account, or could.
    private static readonly string[] MarketPaths = ["candles", "height", "historicalFunding", "orderbooks", "perpetualMarkets", "sparklines", "time", "trades", "vault"];

    /// <summary>The order's id where one order is asked for by it; the id says nothing of whose it is.</summary>
    public string? OrderId => PathAndQuery.StartsWith("/orders/", StringComparison.Ordinal)
        && PathAndQuery.Split('?')[0].TrimEnd('/').Split('/') is ["", "orders", var id] && !id.Equals("parentSubaccountNumber", StringComparison.OrdinalIgnoreCase) ? id : null;

    /// <summary>Whether it is the Indexer's WebSocket, which is no request to pass on.</summary>
    public bool IsSocket => PathAndQuery.StartsWith("/ws", StringComparison.Ordinal) && PathAndQuery.Split('?')[0].Trim('/') == "ws";

    /// <summary>Whether it asks of markets and the chain alone, and names no account.</summary>
    public bool IsOfMarkets => MarketPaths.Contains(PathAndQuery[1..].Split('/', '?')[0], StringComparer.Ordinal) && !Accounts.Any();

    /// <summary>
    /// Every address that it names, in the path or in any parameter; what only resembles one is here too, so that no spelling passes that the
    /// Indexer might read as an address and we do not.
    /// </summary>
    public IEnumerable<string> Accounts =>
        PathAndQuery.Split('/', '?', '&', '=')
            .Select(part => Uri.UnescapeDataString(part.Replace('+', ' ')))
            .Where(part => part.Contains(AddressPrefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a request line's target; null where nothing of the Indexer can be meant.</summary>
    public static RestTarget? Parse(string target)
    {
        string? token = null;
        if (target.StartsWith(TokenPrefix, StringComparison.Ordinal))
        {
            var end = target.IndexOf('/', TokenPrefix.Length);
            if (end < 0)
            {
                return null;
            }

            (token, target) = (target[TokenPrefix.Length..end], target[end..]);
        }

        var (path, query) = target.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? (target[..mark], target[(mark + 1)..]) : (target, null);
        if (!Path().IsMatch(path) || HasDotSegment(path) || query?.AsSpan().ContainsAnyExceptInRange('!', '~') == true || query?.AsSpan().ContainsAny('#', '\\') == true)
        {
            return null;
        }

        if (string.IsNullOrEmpty(query))
        {
            return new RestTarget(path[Base.Length..], token);
        }

        var rest = string.Join('&', query.Split('&').Where(parameter => !IsToken(parameter)));
        return new RestTarget(path[Base.Length..] + (rest.Length > 0 ? "?" + rest : ""), token);
    }

    private static bool HasDotSegment(string path) => path.Contains("/.", StringComparison.Ordinal) && path.Split('/').Any(segment => segment is "." or "..");

    // As the framework reads names: in any case, and decoded.
    private static bool IsToken(string parameter) =>
        string.Equals(Uri.UnescapeDataString(parameter.Split('=', 2)[0].Replace('+', ' ')), "token", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\A/v4(/([A-Za-z0-9._~,-]|%2[Cc])+)+/?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Path();
}
