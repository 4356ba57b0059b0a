using System.Buffers.Binary;
using System.Text;

namespace Tidegate.Journal;

/// <summary>What the last run left behind.</summary>
internal enum LastRun
{
    /// <summary>There was none.</summary>
    None,

    /// <summary>It ended in order.</summary>
    Clean,

    /// <summary>It was killed; the machine went on, and with it all that the run had written.</summary>
    Killed,

    /// <summary>It gave its journal up and went on without: clients have later epochs than the file knows.</summary>
    GaveUp,

    /// <summary>The machine stopped under it: the last commits may be lost although clients have them.</summary>
    PowerCut,
}

/// <summary>
/// A small file beside the journal that says how the last run ended and how far it had come: the boot it ran in, a clean mark, the last commit.
/// </summary>
/// <remarks>Used by the journal's thread. What is written survives the process; only the marks at start and end are flushed to the disk.</remarks>
internal sealed class JournalMark : IDisposable
{
    private const string BootFile = "/proc/sys/kernel/random/boot_id";
    private const ulong Magic = 0x314B52414D474954; // "TIGMARK1"
    private const int EndAt = 8;
    private const byte EndedClean = 1;
    private const byte EndedGivenUp = 2;
    private const int LastAt = 16;
    private const int BootAt = 24;
    private const int Size = BootAt + 36;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle file;
    private readonly byte[] number = new byte[sizeof(long)];

    /// <summary>Reads the mark of the last run and begins that of this one.</summary>
    public JournalMark(string path, string? bootId = null)
    {
        // Without a boot id nothing can be said of the machine: a stop that was not clean counts as a power cut.
        var boot = Encoding.ASCII.GetBytes((bootId ?? BootId() ?? Guid.NewGuid().ToString("D")).PadRight(36)[..36]);
        file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[Size];
        if (RandomAccess.Read(file, bytes, 0) == Size && BinaryPrimitives.ReadUInt64LittleEndian(bytes) == Magic)
        {
            LastCommit = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(LastAt));
            LastRun = bytes[EndAt] switch
            {
                EndedClean => LastRun.Clean,
                EndedGivenUp => LastRun.GaveUp,
                _ => bytes.AsSpan(BootAt).SequenceEqual(boot) ? LastRun.Killed : LastRun.PowerCut,
            };
        }

        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        bytes[EndAt] = 0;
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(LastAt), LastCommit);
        boot.CopyTo(bytes, BootAt);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>How the last run ended.</summary>
    public LastRun LastRun { get; }

    /// <summary>The last commit that the last run knew of: a store without it is torn.</summary>
    public long LastCommit { get; private set; }

    /// <summary>A commit is in the store.</summary>
    public void Committed(long id)
    {
        BinaryPrimitives.WriteInt64LittleEndian(number, id);
        RandomAccess.Write(file, number, LastAt);
    }

    /// <summary>The store of the last run is not gone on with.</summary>
    public void Forget()
    {
        LastCommit = 0;
        Committed(0);
    }

    /// <summary>The run ends in order, with everything on the disk.</summary>
    public void Clean()
    {
        RandomAccess.Write(file, [EndedClean], EndAt);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>The run goes on without its journal. From any thread.</summary>
    public void GaveUp() => RandomAccess.Write(file, [EndedGivenUp], EndAt);

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static string? BootId()
    {
        try
        {
            return File.ReadAllText(BootFile).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
