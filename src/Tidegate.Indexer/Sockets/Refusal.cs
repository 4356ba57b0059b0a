using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>What an error frame means for a subscribe.</summary>
internal enum RefusalKind
{
    /// <summary>Nothing that a subscription could learn from; a closing of the socket may follow.</summary>
    General,

    /// <summary>A REST read behind the snapshot failed: try again later.</summary>
    FetchFailed,

    /// <summary>This connection holds as many of the channel as it may.</summary>
    Limit,

    /// <summary>The server thinks it subscribed already.</summary>
    AlreadySubscribed,

    /// <summary>Refused for geographic or compliance reasons.</summary>
    Compliance,

    /// <summary>No such id.</summary>
    UnknownId,

    /// <summary>Refused for another reason.</summary>
    Other,
}

/// <summary>Reads the Indexer's error texts (protocol.md 1, error frames): only some frames carry channel and id, so the text has to tell.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Channel">The channel that the text or the frame names.</param>
/// <param name="Id">The id that the text or the frame names; null when none.</param>
/// <param name="Text">The text itself.</param>
internal sealed record Refusal(RefusalKind Kind, Channel? Channel, string? Id, string Text)
{
    // Matched by their beginning: older deployments leave out the final dot (cases.md 13).
    private const string Fetch = "Internal error, could not fetch data for subscription: ";
    private const string Limit = "Per-connection subscription limit reached for ";
    private const string Already = "Invalid subscribe message: already subscribed";
    private const string Unknown = "Invalid subscription id for channel: ";
    private const string BadId = "Invalid id: ";
    private const string BadChannel = "Invalid channel: ";

    private static readonly string[] GeneralTexts =
        ["Invalid message", "Too many", "Invalid subscribe message: channel is required"];

    /// <summary>Whether the refusal can be about this topic.</summary>
    public bool CanConcern(TopicKey topic) => Kind switch
    {
        RefusalKind.General => false,
        RefusalKind.Compliance when Channel is null => topic.Channel is Messages.Channel.Subaccounts or Messages.Channel.ParentSubaccounts,
        _ => (Channel is null || Channel == topic.Channel) && (Id is null || Id == topic.Id),
    };

    /// <summary>Whether the refusal names one topic, wholly.</summary>
    public bool NamesTopic => Channel is { } channel && (Id is not null || !channel.TakesId());

    public static Refusal Read(string text, Channel? channel, string? id)
    {
        var kind = KindOf(text);
        if (text.StartsWith(BadId, StringComparison.Ordinal))
        {
            id ??= text[BadId.Length..];
        }
        else if (channel is null)
        {
            (channel, id) = Named(text, kind);
        }

        return new Refusal(kind, channel, channel is { } c && !c.TakesId() ? null : id, text);
    }

    /// <summary><c>geo-blocked</c> or <c>compliance-blocked</c> when an HTTP answer refuses for good; null else.</summary>
    public static string? BlockReason(int status, string text)
    {
        if (text.Contains("COMPLIANCE_BLOCKED", StringComparison.Ordinal) || IsCompliance(text))
        {
            return LinkReasons.Compliance;
        }

        return status is 403 or 451 || text.Contains("GEOBLOCKED", StringComparison.Ordinal) ? LinkReasons.Geo : null;
    }

    private static bool IsCompliance(string text) =>
        text.Contains("Because this address appears", StringComparison.Ordinal) || text.Contains("Because you appear", StringComparison.Ordinal);

    private static RefusalKind KindOf(string text)
    {
        if (text.StartsWith(Fetch.TrimEnd(' ', ':'), StringComparison.Ordinal))
        {
            return RefusalKind.FetchFailed;
        }

        if (text.StartsWith(Limit, StringComparison.Ordinal))
        {
            return RefusalKind.Limit;
        }

        if (text.StartsWith(Already, StringComparison.Ordinal))
        {
            return RefusalKind.AlreadySubscribed;
        }

        if (text.StartsWith(Unknown, StringComparison.Ordinal) || text.StartsWith(BadId, StringComparison.Ordinal))
        {
            return RefusalKind.UnknownId;
        }

        if (IsCompliance(text))
        {
            return RefusalKind.Compliance;
        }

        // "Internal error" alone answers the JSON text null, which we never send.
        return text == "Internal error" || GeneralTexts.Any(t => text.StartsWith(t, StringComparison.Ordinal)) ? RefusalKind.General : RefusalKind.Other;
    }

    private static (Channel? Channel, string? Id) Named(string text, RefusalKind kind)
    {
        switch (kind)
        {
            case RefusalKind.FetchFailed:
                return (ChannelNames.TryParse(text[Math.Min(Fetch.Length, text.Length)..].TrimEnd('.'), out var fetched) ? fetched : null, null);
            case RefusalKind.Limit:
                var name = text[Limit.Length..].Split(' ', 2)[0];
                return (ChannelNames.TryParse(name, out var limited) ? limited : null, null);
            case RefusalKind.AlreadySubscribed or RefusalKind.UnknownId:
                return InParentheses(text);
            default:
                return text.StartsWith(BadChannel, StringComparison.Ordinal) && ChannelNames.TryParse(text[BadChannel.Length..], out var bad) ? (bad, null) : (null, null);
        }
    }

    /// <summary>Reads <c>(v4_trades-BTC-USD)</c>; channel names hold no hyphen.</summary>
    private static (Channel? Channel, string? Id) InParentheses(string text)
    {
        var (open, close) = (text.IndexOf('(', StringComparison.Ordinal), text.LastIndexOf(')'));
        var inside = open >= 0 && close > open ? text[(open + 1)..close] : "";
        var hyphen = inside.IndexOf('-', StringComparison.Ordinal);
        return hyphen > 0 && ChannelNames.TryParse(inside[..hyphen], out var channel) ? (channel, inside[(hyphen + 1)..]) : (null, null);
    }
}
