using Microsoft.Extensions.Logging;

namespace Tidegate.Indexer.Rest;

/// <summary>What the REST client logs: event ids 1200–1299, stable. Paths are logged without their query, which names accounts.</summary>
internal static partial class RestLog
{
    [LoggerMessage(1200, LogLevel.Warning, "REST {Path} failed ({Cause}); try {Attempt} of 3 in {Delay}")]
    public static partial void Retrying(ILogger logger, string path, string cause, int attempt, TimeSpan delay);

    [LoggerMessage(1201, LogLevel.Warning, "REST bucket {Bucket} was limited by the Indexer (429); nothing of it leaves for {Wait}")]
    public static partial void Limited(ILogger logger, string bucket, TimeSpan wait);

    [LoggerMessage(1202, LogLevel.Error, "REST {Path} is refused for good: {Reason}")]
    public static partial void Blocked(ILogger logger, string path, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "REST at {Address} failed ({Cause}); the next address is asked, this one again in {Wait}")]
    public static partial void LeftAlone(ILogger logger, string address, string cause, TimeSpan wait);

    [LoggerMessage(1204, LogLevel.Information, "REST at {Address} answers again")]
    public static partial void Returned(ILogger logger, string address);
}
