using Tidegate.Indexer.Feeds;
using Tidegate.Journal;
using Tidegate.Operations;

namespace Tidegate.Endpoints;

/// <summary>Ready once the markets are known and while a source of data works; a lost journal is a reason to say so, not to refuse (contract 5).</summary>
internal sealed class GatewayReadiness(IndexerFeeds feeds, EventJournal journal) : IReadiness
{
    /// <inheritdoc/>
    public bool Ready => Missing().Count == 0;

    /// <inheritdoc/>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            var reasons = Missing();
            if (journal.State == JournalState.Lost)
            {
                // Served without: ready, but a restart will not go on where this run ends.
                reasons.Add("journal");
            }

            return reasons;
        }
    }

    private List<string> Missing()
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
