using Tidegate.Indexer.Feeds;
using Tidegate.Operations;

namespace Tidegate.Endpoints;

/// <summary>Ready once the markets are known and while a source of data works (contract 5).</summary>
internal sealed class GatewayReadiness(IndexerFeeds feeds) : IReadiness
{
    /// <inheritdoc/>
    public bool Ready => Reasons.Count == 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            var reasons = new List<string>();
            if (feeds.Markets.Count == 0)
            {
                reasons.Add("markets");
            }

            if (feeds.MarketsFeed.Status is not { Mode: FeedMode.Streaming } and not { Mode: FeedMode.Polling, Complete: true })
            {
                reasons.Add("upstream");
            }

            return reasons;
        }
    }
}
