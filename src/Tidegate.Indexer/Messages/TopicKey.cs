namespace Tidegate.Indexer.Messages;

/// <summary>One subscription of the Indexer: a channel and, where the channel takes one, an id (else the empty string).</summary>
public readonly record struct TopicKey(Channel Channel, string Id)
{
    /// <inheritdoc/>
    public override string ToString() => Id.Length == 0 ? Channel.WireName() : $"{Channel.WireName()} {Id}";
}
