using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>A feed with the topics of its outputs; kept for the grace time after its last reader left.</summary>
/// <remarks>Used under the hub's lock.</remarks>
internal sealed class FollowedFeed(Feed feed)
{
    public Feed Feed { get; } = feed;

    public List<Topic> Topics { get; } = [];

    /// <summary>All of it in the Indexer's own shape, once a client asked for that.</summary>
    public ContentsTopic? Contents { get; set; }

    public IEnumerable<Topic> All => Contents is null ? Topics : Topics.Append(Contents);

    public int Readers { get; set; }

    public ITimer? Grace { get; set; }

    /// <summary>Topics that read their past; the feed asks nothing of the Indexer before they have it.</summary>
    public List<Task> Opening { get; } = [];

    /// <summary>Set when it was left or refused: nothing of it is opened any more.</summary>
    public bool IsOver { get; set; }
}
