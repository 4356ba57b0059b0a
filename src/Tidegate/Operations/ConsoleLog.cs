using Microsoft.Extensions.Logging.Console;

namespace Tidegate.Operations;

/// <summary>The log on standard output: plain lines, or one JSON object a line.</summary>
/// <remarks>
/// The web server's and the HTTP client's own logs hold paths and queries, and with them tokens (cases.md 69): they stay at Warning whatever level
/// is asked for, and scopes, which hold paths too, are never written.
/// </remarks>
internal sealed class ConsoleLog(string format, LogLevel level)
{
    /// <summary>What <c>--log-format</c> takes.</summary>
    public static readonly string[] Formats = ["text", "json"];

    // It tells of each request, at Information, and makes an activity and a scope for it as soon as anything of it could be written.
    private const string Requests = "Microsoft.AspNetCore.Hosting.Diagnostics";

    private volatile bool started;

    /// <summary>From now on the web server's own warnings are written; before, a failed start is told by its one line alone.</summary>
    public void Started() => started = true;

    /// <summary>Adds it to a host or a factory.</summary>
    public void AddTo(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Trace);
        logging.AddFilter(Passes);
        if (format == "json")
        {
            logging.AddJsonConsole(o => (o.UseUtcTimestamp, o.TimestampFormat, o.IncludeScopes) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ", false));
        }
        else
        {
            logging.AddSimpleConsole(o =>
            {
                (o.UseUtcTimestamp, o.TimestampFormat, o.IncludeScopes, o.SingleLine) = (true, "yyyy-MM-ddTHH:mm:ss.fffZ ", false, true);
                o.ColorBehavior = Console.IsOutputRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
            });
        }
    }

    /// <summary>Whether an entry is written.</summary>
    internal bool Passes(string? category, LogLevel entry)
    {
        var foreign = category is not null
            && (category.StartsWith("Microsoft.", StringComparison.Ordinal) || category.StartsWith("System.", StringComparison.Ordinal));
        return foreign ? started && entry >= LogLevel.Warning && entry >= level && category != Requests : entry >= level;
    }
}
