namespace Tidegate.Journal;

internal static partial class JournalLog
{
    [LoggerMessage(1601, LogLevel.Information, "Journal in {Folder}: {Finding}")]
    public static partial void Opened(ILogger logger, string folder, string finding);

    [LoggerMessage(1602, LogLevel.Error, "Journal in {Folder} given up for this run ({Reason}): account topics go on in new epochs, and a restart will not know their past")]
    public static partial void GivenUp(ILogger logger, string folder, string reason);

    [LoggerMessage(1603, LogLevel.Warning, "Journal: what is stored of {Channel} {Id} cannot be used ({Reason}); it begins a new epoch")]
    public static partial void Unusable(ILogger logger, string channel, string id, string reason);

    [LoggerMessage(1604, LogLevel.Warning, "Journal: no checkpoint ({Reason}); the next is tried with the next megabytes")]
    public static partial void NoCheckpoint(ILogger logger, string reason);
}
