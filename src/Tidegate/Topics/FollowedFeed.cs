using Tidegate.Indexer.Feeds;

namespace Tidegate.Topics;

/// <summary>A feed with the topics of its outputs; kept for the grace time after its last reader left.</summary>
/// <remarks>Used under the hub's lock.</remarks>
internal sealed class FollowedFeed(Feed feed)
{
    public Feed Feed { get; } = feed;

    public List<Topic> Topics { get; } = [];

    public int Readers { get; set; }

    public ITimer? Grace { get; set; }
}
