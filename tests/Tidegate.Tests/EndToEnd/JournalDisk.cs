using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Tidegate.Tests.EndToEnd;

/// <summary>Makes the disk under a running gateway's journal slow or full, from outside the process.</summary>
internal static class JournalDisk
{
    private static readonly Lazy<bool> HasLimits = new(() => OperatingSystem.IsLinux() && File.Exists("/usr/bin/prlimit"));

    /// <summary>Whether a full disk can be made here: by a limit of the process's file sizes.</summary>
    public static bool CanFill => HasLimits.Value;

    /// <summary>Holds the file's write lock for a while: whoever commits meanwhile waits. True when it was held.</summary>
    public static async Task<bool> HoldAsync(BuiltGateway gateway, TimeSpan span)
    {
        try
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = gateway.UpstreamFile("journal.db"), Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ToString());
            await connection.OpenAsync();
            await using var lockIt = connection.CreateCommand();
            lockIt.CommandText = "PRAGMA wal_autocheckpoint=0; BEGIN IMMEDIATE";
            await lockIt.ExecuteNonQueryAsync();
            await Task.Delay(span, TimeProvider.System);
            lockIt.CommandText = "ROLLBACK";
            await lockIt.ExecuteNonQueryAsync();
            return true;
        }
        catch (SqliteException)
        {
            // Put aside, or not there: the journal is lost already.
            return false;
        }
    }

    /// <summary>No file of the process may grow beyond a page from now on: a full disk.</summary>
    public static async Task FillAsync(BuiltGateway gateway)
    {
        using var limiting = Process.Start("/usr/bin/prlimit", ["--fsize=4096:unlimited", "--pid", gateway.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await limiting.WaitForExitAsync();
        Assert.Equal(0, limiting.ExitCode);
    }
}
