using System.Runtime.InteropServices;

namespace Tidegate.Commands;

/// <summary>Ctrl-C or SIGTERM as a token. The first asks for an orderly end, a second one ends the process at once.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private int seen;

    /// <summary>Listens from now on.</summary>
    public StopSignal() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnSignal),
    ];

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        // The source is left to the collector: a handler that runs already may still cancel it, and would bring the process down.
    }

    private void OnSignal(PosixSignalContext context)
    {
        if (Interlocked.Increment(ref seen) == 1)
        {
            context.Cancel = true;
            source.Cancel();
        }
    }
}
