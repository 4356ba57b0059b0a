using System.Globalization;
using System.Text;

namespace Tidegate.Operations;

/// <summary>Keeps a second gateway off one upstream's folder, whose journal has one writer. Held as long as the process lives, even through SIGKILL.</summary>
internal sealed class UpstreamLock : IDisposable
{
    private readonly FileStream file;

    private UpstreamLock(FileStream file) => this.file = file;

    /// <summary>Takes the folder, or returns null while another process has it.</summary>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static UpstreamLock? TryTake(string folder)
    {
        var path = Path.Combine(folder, "lock");
        try
        {
            // an flock on Unix: the system gives it back when the process ends, however it ends
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.Flush();
            return new UpstreamLock(file);
        }
        catch (IOException) when (File.Exists(path))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
