namespace Tidegate.Commands;

/// <summary>A command that cannot go on; its message is the one line the user gets, and the process ends with <paramref name="exitCode"/>.</summary>
internal sealed class CommandFailure(string message, int exitCode = 1, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>1 at run time, 2 for bad usage.</summary>
    public int ExitCode { get; } = exitCode;
}
