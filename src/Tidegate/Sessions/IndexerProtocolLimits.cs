namespace Tidegate.Sessions;

/// <summary>The Indexer's own limits on a connection, as far as they are kept here (contract 1, <c>DropIn</c>); 0 lifts one.</summary>
internal sealed record IndexerProtocolLimits(IReadOnlyDictionary<string, int> MaxSubscriptions, int SubscribesPerSecond, int BadMessagesPerSecond);
