using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>Where an <see cref="IndexerSocket"/> stands.</summary>
/// <param name="State">Its state.</param>
/// <param name="Since">Since when.</param>
/// <param name="Url">The address in use.</param>
/// <param name="Attempt">Failed attempts since data last flowed.</param>
/// <param name="NextAttemptAt">When the next attempt is made, null when none is scheduled.</param>
/// <param name="Reason">Why it is not streaming, null when it is.</param>
/// <param name="LastByteAt">The last byte, pings included.</param>
/// <param name="ReconnectCount">Losses from which it came back.</param>
/// <param name="DroppedFrames">Frames that could not be used.</param>
/// <param name="HandlerFailures">Exceptions of handlers that were contained.</param>
/// <param name="HandlersRegistered">Handlers now registered.</param>
/// <param name="Subscriptions">What is subscribed, and where each stands.</param>
public sealed record SocketStatus(
    SocketState State,
    DateTimeOffset Since,
    Uri Url,
    int Attempt,
    DateTimeOffset? NextAttemptAt,
    string? Reason,
    DateTimeOffset? LastByteAt,
    long ReconnectCount,
    long DroppedFrames,
    long HandlerFailures,
    int HandlersRegistered,
    IReadOnlyDictionary<TopicKey, LinkStatus> Subscriptions);
