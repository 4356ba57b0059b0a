using Microsoft.Data.Sqlite;

namespace Tidegate.Journal;

/// <summary>The folder of one upstream's journal: opens what the last run left, or puts it aside and begins afresh, and says which.</summary>
/// <remarks>Held by the upstream's lock: no other process writes here. Opened and disposed by the journal's thread.</remarks>
internal sealed class JournalFolder(string path, JournalLimits limits) : IDisposable
{
    private static readonly string[] Suffixes = ["", "-wal", "-shm"];
    private JournalMark? mark;

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>How much is kept.</summary>
    public JournalLimits Limits { get; } = limits;

    /// <summary>Reads, and makes checkpoints.</summary>
    public JournalReader Reader { get; } = new(path);

    /// <summary>Stands for the kernel's boot id, for tests.</summary>
    public string? BootId { get; init; }

    /// <summary>Called on the journal's thread before each commit: a slow or failing disk, for tests.</summary>
    public Action? BeforeCommit { get; set; }

    /// <summary>Called with the store when it is open, for tests.</summary>
    public Action<JournalStore>? OnOpen { get; init; }

    /// <summary>Opens the store; <paramref name="finding"/> says what there was.</summary>
    /// <exception cref="SqliteException">Nothing can be written here.</exception>
    public JournalStore Open(out string finding)
    {
        mark = new JournalMark(System.IO.Path.Combine(Path, "journal.mark"), BootId);
        var there = File.Exists(FileOf(""));
        if (there && mark.LastRun is LastRun.PowerCut or LastRun.GaveUp or LastRun.None)
        {
            // The last commits may be lost although clients have them, or clients have later epochs: no number must be given again.
            PutAside();
            finding = (mark.LastRun == LastRun.GaveUp ? "the last run gave it up" : "the machine stopped under the last run") + ", so its epochs are not gone on with (kept as journal.damaged.db)";
        }
        else
        {
            finding = !there ? "begun" : mark.LastRun == LastRun.Clean ? "goes on after an orderly end" : "goes on after a kill";
        }

        var store = OpenOrBegin(ref finding);
        OnOpen?.Invoke(store);
        return store;
    }

    /// <summary>Notes that the run goes on without its journal, so that the next begins afresh. From any thread.</summary>
    public void GiveUp()
    {
        try
        {
            mark?.GaveUp();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Nothing can be written here: the next run finds out for itself.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reader.Dispose();
        mark?.Dispose();
    }

    private JournalStore OpenOrBegin(ref string finding)
    {
        try
        {
            return JournalStore.Open(Path, mark!, Limits);
        }
        catch (Exception e) when (e is SqliteException or JournalDamagedException or InvalidCastException && File.Exists(FileOf("")))
        {
            PutAside();
            finding = $"the file was damaged ({e.Message}) and is kept as journal.damaged.db; a new one is begun";
            return JournalStore.Open(Path, mark!, Limits);
        }
    }

    private void PutAside()
    {
        foreach (var suffix in Suffixes)
        {
            if (File.Exists(FileOf(suffix)))
            {
                File.Move(FileOf(suffix), System.IO.Path.Combine(Path, "journal.damaged.db" + suffix), overwrite: true);
            }
        }

        mark!.Forget();
    }

    private string FileOf(string suffix) => System.IO.Path.Combine(Path, JournalStore.FileName + suffix);
}
