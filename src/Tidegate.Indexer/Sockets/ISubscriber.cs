using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>Where the road from the Indexer to one subscription stands.</summary>
public enum LinkState
{
    /// <summary>No socket has carried it yet, or its subscribe is unanswered.</summary>
    Waiting,

    /// <summary>Subscribed: frames flow.</summary>
    Live,

    /// <summary>Its socket was lost, or its subscribe failed for now; it comes back by itself.</summary>
    Reconnecting,

    /// <summary>As Reconnecting, after <c>AttemptsBeforePolling</c> failed attempts: time to poll.</summary>
    Exhausted,

    /// <summary>Refused for geographic or compliance reasons: left alone until asked, or one probe each 15 minutes.</summary>
    Blocked,

    /// <summary>The Indexer knows no such id; not retried.</summary>
    UnknownId,

    /// <summary>Refused for another reason; not retried.</summary>
    Refused,

    /// <summary>All sockets that may be opened are full.</summary>
    Full,
}

/// <summary>A link's state, why, and what comes next.</summary>
/// <param name="State">Where the link stands.</param>
/// <param name="Since">Since when.</param>
/// <param name="Attempt">Failed attempts of the address since data last flowed, 0 when live.</param>
/// <param name="NextAttemptAt">When the next attempt is made, null when none is scheduled.</param>
/// <param name="Reason">One of the documented reasons, such as <c>upstream-closed</c>, <c>upstream-silent</c>, <c>geo-blocked</c>; null when live.</param>
public sealed record LinkStatus(LinkState State, DateTimeOffset Since, int Attempt = 0, DateTimeOffset? NextAttemptAt = null, string? Reason = null);

/// <summary>What a feed hears of its subscription. All calls of one subscription come one after the other, frames on a socket's reader thread.</summary>
/// <remarks>An exception is logged, counted and contained: neither the connection nor another subscriber is touched. No call may wait.</remarks>
public interface ISubscriber
{
    /// <summary>The snapshot that answers a subscribe, the first or a later one.</summary>
    void OnSubscribed(in FrameEnvelope frame, DateTimeOffset at);

    /// <summary>An update; <see cref="FrameEnvelope.Type"/> tells single from batch.</summary>
    void OnData(in FrameEnvelope frame, DateTimeOffset at);

    /// <summary>
    /// The topic goes on over its standby socket, nothing is missing, and its link was live throughout. <paramref name="frames"/>: what that socket had
    /// brought and the old one had not, in order. <paramref name="lost"/>: the old socket is gone, rather than slow. By default
    /// <see cref="OnData"/> is called for each frame.
    /// </summary>
    void OnSwitched(IReadOnlyList<KeptFrame> frames, bool lost)
    {
        foreach (var frame in frames)
        {
            OnData(frame.Envelope, frame.At);
        }
    }

    /// <summary>The link's state, attempt or reason changed.</summary>
    void OnLink(LinkStatus status);
}
