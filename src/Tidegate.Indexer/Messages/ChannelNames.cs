namespace Tidegate.Indexer.Messages;

/// <summary>The names of the channels on the wire.</summary>
public static class ChannelNames
{
    private static readonly string[] Names =
        ["v4_subaccounts", "v4_parent_subaccounts", "v4_orderbook", "v4_trades", "v4_candles", "v4_markets", "v4_block_height"];

    private static readonly byte[][] Utf8Names = [.. Names.Select(System.Text.Encoding.UTF8.GetBytes)];

    /// <summary>The channel's name as it stands in frames, such as <c>v4_orderbook</c>.</summary>
    public static string WireName(this Channel channel) => Names[(int)channel];

    /// <summary>Finds the channel of a wire name; names are case-sensitive.</summary>
    public static bool TryParse(string? name, out Channel channel)
    {
        var at = Array.IndexOf(Names, name);
        channel = (Channel)Math.Max(at, 0);
        return at >= 0;
    }

    /// <summary>Finds the channel of a wire name in UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> name, out Channel channel)
    {
        for (var i = 0; i < Utf8Names.Length; i++)
        {
            if (name.SequenceEqual(Utf8Names[i]))
            {
                channel = (Channel)i;
                return true;
            }
        }

        channel = default;
        return false;
    }

    /// <summary>Whether frames of the channel name a topic by id; markets and block height do not (protocol.md 2).</summary>
    public static bool TakesId(this Channel channel) => channel is not (Channel.Markets or Channel.BlockHeight);
}
