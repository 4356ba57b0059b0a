using System.Globalization;
using Tidegate.Access;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;

namespace Tidegate.Topics;

/// <summary>Where a client's channel and id lead: to which upstream topic, and to which of its feed's outputs.</summary>
/// <param name="Channel">The channel as clients name it.</param>
/// <param name="Id">The id as clients name it; empty for markets and blocks.</param>
/// <param name="Upstream">The topic of the Indexer.</param>
/// <param name="Output">Which output of its feed.</param>
/// <param name="Account">The address, for account topics.</param>
internal sealed record TopicAddress(string Channel, string Id, TopicKey Upstream, OutputKind Output, string? Account)
{
    private static readonly string[] Resolutions = ["1MIN", "5MINS", "15MINS", "30MINS", "1HOUR", "4HOURS", "1DAY"];

    /// <summary>Subaccount numbers below this exist (protocol.md 2).</summary>
    public const int SubaccountLimit = 128_000;

    /// <summary>Parent subaccounts are the first 128 (protocol.md 2).</summary>
    public const int ParentLimit = 128;

    /// <summary>
    /// Where a channel and id of the Indexer's own protocol lead: to all that the topic tells. Null where the id has not the form that the channel asks for.
    /// </summary>
    public static TopicAddress? ParseIndexer(string channel, string id)
    {
        // An account's fills and virtual channels are not the Indexer's.
        if (channel is "v4_orders" or "v4_transfers" || (channel == "v4_trades" && !IsTicker(id)) || Parse(channel, id, out _, out _) is not { } address)
        {
            return null;
        }

        return address with { Output = OutputKind.Contents, Id = channel == "v4_block_height" ? channel : address.Id };
    }

    /// <summary>Checks the form; whether a market exists the Indexer says. Null with <c>unknown-channel</c> or <c>bad-id</c>.</summary>
    public static TopicAddress? Parse(string channel, string? id, out string code, out string message)
    {
        (code, message) = ("", "");
        var address = channel switch
        {
            "v4_markets" => new TopicAddress(channel, "", new TopicKey(Indexer.Messages.Channel.Markets, ""), OutputKind.Markets, null),
            "v4_block_height" => new TopicAddress(channel, "", new TopicKey(Indexer.Messages.Channel.BlockHeight, ""), OutputKind.Blocks, null),
            "v4_orderbook" when IsTicker(id) => new TopicAddress(channel, id!, new TopicKey(Indexer.Messages.Channel.OrderBook, id!), OutputKind.Book, null),
            "v4_trades" when IsTicker(id) => new TopicAddress(channel, id!, new TopicKey(Indexer.Messages.Channel.Trades, id!), OutputKind.Tape, null),
            "v4_candles" when IsCandle(id) => new TopicAddress(channel, id!, new TopicKey(Indexer.Messages.Channel.Candles, id!), OutputKind.Candles, null),
            "v4_subaccounts" or "v4_parent_subaccounts" or "v4_orders" or "v4_trades" or "v4_transfers" => ParseAccount(channel, id),
            _ => null,
        };
        if (address is not null)
        {
            return address;
        }

        var known = channel is "v4_orderbook" or "v4_trades" or "v4_candles" or "v4_subaccounts" or "v4_parent_subaccounts" or "v4_orders" or "v4_transfers";
        code = known ? "bad-id" : "unknown-channel";
        message = known ? "the id does not have the form that the channel asks for" : "there is no such channel";
        return null;
    }

    /// <summary>Reads a subaccount number: canonical decimal below the limit.</summary>
    public static bool TryNumber(string text, int limit, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
        && number < limit
        && text == number.ToString(CultureInfo.InvariantCulture);

    private static TopicAddress? ParseAccount(string channel, string? id)
    {
        var parts = (id ?? "").Split('/');
        var virtualParent = parts.Length == 3 && parts[1] == "parent" && channel is "v4_orders" or "v4_trades" or "v4_transfers" && parts.Length == 3;
        if (parts.Length != (virtualParent ? 3 : 2) || !DydxAddress.IsValid(parts[0]))
        {
            return null;
        }

        var parent = virtualParent || channel == "v4_parent_subaccounts";
        if (!TryNumber(parts[^1], parent ? ParentLimit : SubaccountLimit, out var number))
        {
            return null;
        }

        var upstream = new TopicKey(
            parent ? Indexer.Messages.Channel.ParentSubaccounts : Indexer.Messages.Channel.Subaccounts,
            string.Create(CultureInfo.InvariantCulture, $"{parts[0]}/{number}"));
        var output = channel switch
        {
            "v4_orders" => OutputKind.Orders,
            "v4_trades" => OutputKind.Fills,
            "v4_transfers" => OutputKind.Transfers,
            "v4_parent_subaccounts" => OutputKind.ParentAccount,
            _ => OutputKind.Account,
        };
        return new TopicAddress(channel, id!, upstream, output, parts[0]);
    }

    private static bool IsTicker(string? id) =>
        id is { Length: > 0 and <= 200 } && id.IndexOf('/', StringComparison.Ordinal) < 0 && !id.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c > 126);

    private static bool IsCandle(string? id)
    {
        var slash = id?.LastIndexOf('/') ?? -1;
        return slash > 0 && IsTicker(id![..slash]) && Array.IndexOf(Resolutions, id[(slash + 1)..]) >= 0;
    }
}
