using System.Collections;
using System.CommandLine;
using Tidegate.Configuration;
using Tidegate.Operations;

namespace Tidegate.Commands;

/// <summary>The options that every command takes, and what they amount to.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string> urls = new("--urls") { Description = "Where to listen, such as http://127.0.0.1:8000; several separated by a semicolon", HelpName = "URL", Recursive = true };
    private readonly Option<string> config = new("--config") { Description = "A JSON file with settings below \"Tidegate\"", HelpName = "FILE", Recursive = true };
    private readonly Option<string[]> set = new("--set") { Description = "One setting, such as Sessions:QueueFrames=10; may be repeated", HelpName = "KEY=VALUE", Recursive = true, Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> logFormat = new("--log-format") { Description = "text or json", HelpName = "FORMAT", Recursive = true };
    private readonly Option<string> logLevel = new("--log-level") { Description = "debug, information, warning or error", HelpName = "LEVEL", Recursive = true };

    /// <summary>Adds them to the root and so to all commands.</summary>
    public void AddTo(RootCommand root)
    {
        root.Add(urls);
        root.Add(config);
        root.Add(set);
        root.Add(logFormat);
        root.Add(logLevel);
    }

    /// <summary>All settings; <paramref name="more"/> are those that a command's own options stand for.</summary>
    /// <exception cref="SettingsException">One is not allowed.</exception>
    public TidegateOptions Settings(ParseResult parsed, params IEnumerable<SettingValue> more) =>
        SettingsReader.Load(parsed.GetValue(config), Environment(), [.. (parsed.GetValue(set) ?? []).Select(SettingValue.FromAssignment), .. more]);

    /// <summary>Where to listen.</summary>
    public IReadOnlyList<string> Urls(ParseResult parsed, string otherwise) => ListenAddresses.Parse(parsed.GetValue(urls) ?? otherwise);

    /// <summary>Whether <c>--urls</c> was given.</summary>
    public bool HasUrls(ParseResult parsed) => parsed.GetValue(urls) is not null;

    /// <summary>The log that was asked for.</summary>
    public ConsoleLog Log(ParseResult parsed, LogLevel otherwise = LogLevel.Information)
    {
        var format = parsed.GetValue(logFormat) ?? "text";
        if (!ConsoleLog.Formats.Contains(format, StringComparer.Ordinal))
        {
            throw new SettingsException($"--log-format \"{format}\": {string.Join(" or ", ConsoleLog.Formats)} is allowed{Spelling.Hint(format, ConsoleLog.Formats)}");
        }

        return new ConsoleLog(format, Level(parsed.GetValue(logLevel), otherwise));
    }

    private static LogLevel Level(string? text, LogLevel otherwise)
    {
        LogLevel[] levels = [LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Error];
        if (text is null)
        {
            return otherwise;
        }

        var at = Array.FindIndex(levels, l => string.Equals(l.ToString(), text, StringComparison.OrdinalIgnoreCase));
        return at >= 0
            ? levels[at]
            : throw new SettingsException($"--log-level \"{text}\": trace, debug, information, warning or error is allowed{Spelling.Hint(text, levels.Select(l => l.ToString().ToLowerInvariant()))}");
    }

    private static IEnumerable<KeyValuePair<string, string>> Environment() =>
        System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => KeyValuePair.Create((string)e.Key, (string?)e.Value ?? ""));
}
