using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>One upstream socket as the status endpoint tells it.</summary>
public sealed record SocketInfo(string Id, string State, DateTimeOffset Since, int Subscriptions, DateTimeOffset? LastByteAt, bool Standby);

/// <summary>
/// Spreads subscriptions over as many sockets as the server's per-connection limits need, keeps them through losses, and tells each subscriber
/// where its link stands. Back-off is counted per address, with one dial at a time while no socket is up (protocol.md 1, contract 3).
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class SocketPool : IAsyncDisposable
{
    /// <summary>Makes a pool that connects when first followed, or on <see cref="Start"/>.</summary>
    public SocketPool(UpstreamOptions options, TimeProvider time, ILoggerFactory loggers) => throw new NotImplementedException();

    /// <summary>Called on a reader thread each time it has handled all bytes that had arrived, before it waits for more: time to write out what is due.</summary>
    public event Action? Drained { add => throw new NotImplementedException(); remove => throw new NotImplementedException(); }

    /// <summary>The upstream address in use.</summary>
    public Uri CurrentUrl => throw new NotImplementedException();

    /// <summary>The last byte from any socket.</summary>
    public DateTimeOffset? LastByteAt => throw new NotImplementedException();

    /// <summary>Whether a socket is up.</summary>
    public bool IsConnected => throw new NotImplementedException();

    /// <summary>Losses from which a socket came back.</summary>
    public long ReconnectCount => throw new NotImplementedException();

    /// <summary>Frames that could not be used, by cause.</summary>
    public long DroppedFrames => throw new NotImplementedException();

    /// <summary>The sockets.</summary>
    public IReadOnlyList<SocketInfo> Sockets() => throw new NotImplementedException();

    /// <summary>Subscribes, and keeps subscribed until disposed; disposal unsubscribes (after the pending answer) and no call follows it.</summary>
    public IDisposable Follow(TopicKey topic, ISubscriber subscriber) => throw new NotImplementedException();

    /// <summary>The number of the socket that carries the topic, null when none does.</summary>
    public string? CarrierOf(TopicKey topic) => throw new NotImplementedException();

    /// <summary>Drops the subscription's state and subscribes it again, after a refusal or to get a fresh snapshot.</summary>
    public void Resubscribe(TopicKey topic) => throw new NotImplementedException();

    /// <summary>Starts dialling.</summary>
    public void Start() => throw new NotImplementedException();

    /// <summary>Makes the waiting attempt now; when sockets are up, opens a new one, moves to it all topics of the one that carries <paramref name="topic"/>, then closes that one.</summary>
    public void ReconnectNow(TopicKey? topic) => throw new NotImplementedException();

    /// <summary>Gives up a socket that brings nothing useful: <c>upstream-silent</c>.</summary>
    public void Abandon(TopicKey topic, string reason) => throw new NotImplementedException();

    /// <summary>A path or channel was refused for geographic or compliance reasons: all links (<paramref name="topic"/> null) or one are blocked.</summary>
    public void Block(TopicKey? topic, string reason) => throw new NotImplementedException();

    /// <summary>Closes all sockets gracefully.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
