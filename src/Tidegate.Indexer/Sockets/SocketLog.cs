using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>What the sockets log: event ids 1100–1199, stable.</summary>
internal static partial class SocketLog
{
    [LoggerMessage(1100, LogLevel.Information, "The road to the Indexer: {From} -> {To} ({Why})")]
    public static partial void RoadEntered(ILogger logger, SocketState from, SocketState to, string why);

    [LoggerMessage(1101, LogLevel.Debug, "{Socket}: {From} -> {To} ({Why})")]
    public static partial void ConnectionEntered(ILogger logger, string socket, ConnectionState from, ConnectionState to, string why);

    [LoggerMessage(1102, LogLevel.Warning, "{Socket} to {Url} was lost ({Code} {Reason}) with {Topics} topics; next attempt at {Next:O}")]
    public static partial void Lost(ILogger logger, string socket, Uri url, int? code, string? reason, int topics, DateTimeOffset next);

    [LoggerMessage(1103, LogLevel.Warning, "Dial of {Url} failed: {Cause}; {Attempt} failed since data last flowed, next attempt at {Next:O}")]
    public static partial void DialFailed(ILogger logger, Uri url, string cause, int attempt, DateTimeOffset next);

    [LoggerMessage(1104, LogLevel.Error, "{Url} refuses us: {Reason}. {Cause}. One probe at {Next:O}, nothing before unless asked")]
    public static partial void Blocked(ILogger logger, Uri url, string reason, string cause, DateTimeOffset next);

    [LoggerMessage(1105, LogLevel.Warning, "{Topic} refused: {Text}; it becomes {State}")]
    public static partial void Refused(ILogger logger, TopicKey topic, string text, LinkState state);

    [LoggerMessage(1106, LogLevel.Warning, "{Topic} on {Socket}: {Cause}; asked again at {Next:O} (failure {Retries})")]
    public static partial void SubscribeFailed(ILogger logger, TopicKey topic, string socket, string cause, DateTimeOffset next, int retries);

    [LoggerMessage(1107, LogLevel.Warning, "{Socket} sent a frame that cannot be used ({Fault}); dropped. {Total} dropped so far")]
    public static partial void BadFrame(ILogger logger, string socket, string fault, long total);

    [LoggerMessage(1108, LogLevel.Error, "The subscriber of {Topic} failed in {Call}; the frame is lost to it, all else goes on")]
    public static partial void SubscriberFailed(ILogger logger, TopicKey topic, string call, Exception error);

    [LoggerMessage(1109, LogLevel.Warning, "{Socket} brought no byte for {Silence}; given up")]
    public static partial void Silent(ILogger logger, string socket, TimeSpan silence);

    [LoggerMessage(1110, LogLevel.Debug, "{Socket}: our close was not answered in time")]
    public static partial void CloseUnanswered(ILogger logger, string socket);

    [LoggerMessage(1111, LogLevel.Debug, "{Socket}: a frame could not be sent: {Cause}")]
    public static partial void SendFailed(ILogger logger, string socket, string cause);

    [LoggerMessage(1112, LogLevel.Warning, "{Socket} says: {Text}")]
    public static partial void ErrorFrame(ILogger logger, string socket, string text);

    [LoggerMessage(1113, LogLevel.Error, "A handler of {Channel} failed; the message is lost to it, all else goes on")]
    public static partial void HandlerFailed(ILogger logger, string channel, Exception error);

    [LoggerMessage(1114, LogLevel.Error, "A handler of {Channel} fell {Queued} messages behind and was removed; the others go on")]
    public static partial void HandlerRemoved(ILogger logger, string channel, int queued);

    [LoggerMessage(1115, LogLevel.Information, "{Socket} relieves {Old}: {Topics} topics move")]
    public static partial void Relieving(ILogger logger, string socket, string old, int topics);

    [LoggerMessage(1116, LogLevel.Warning, "{Socket} holds no more than {Limit} of {Channel}; {Topic} goes to another")]
    public static partial void LimitReached(ILogger logger, string socket, int limit, Channel channel, TopicKey topic);

    [LoggerMessage(1117, LogLevel.Error, "A listener of Drained failed")]
    public static partial void DrainedFailed(ILogger logger, Exception error);

    [LoggerMessage(1118, LogLevel.Error, "A listener of the state failed at {State}")]
    public static partial void StateListenerFailed(ILogger logger, SocketState state, Exception error);

    [LoggerMessage(1119, LogLevel.Warning, "{Standby} took over from {Active} ({Cause}): {Topics} topics go on without a gap, {Left} are subscribed anew")]
    public static partial void TookOver(ILogger logger, string standby, string active, string cause, int topics, int left);

    [LoggerMessage(1120, LogLevel.Information, "Standby {Socket} to {Url} is gone ({Cause}); a new one at {Next:O}. No topic is touched")]
    public static partial void StandbyLost(ILogger logger, string socket, Uri url, string cause, DateTimeOffset next);
}
