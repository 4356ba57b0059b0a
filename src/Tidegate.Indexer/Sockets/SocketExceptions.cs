using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>The Indexer refused a subscription.</summary>
public sealed class SubscriptionRefusedException(TopicKey topic, LinkState state, string message) : Exception(message)
{
    /// <summary>What was asked for.</summary>
    public TopicKey Topic { get; } = topic;

    /// <summary>What became of it: Blocked, UnknownId, Refused or Full.</summary>
    public LinkState State { get; } = state;
}

/// <summary>The Indexer refuses us for geographic or compliance reasons. Permanent: do not hammer.</summary>
public sealed class UpstreamBlockedException(string reason) : Exception($"the Indexer refuses connections: {reason}")
{
    /// <summary><c>geo-blocked</c> or <c>compliance-blocked</c>.</summary>
    public string Reason { get; } = reason;
}
