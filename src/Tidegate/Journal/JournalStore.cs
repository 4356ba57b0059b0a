using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Tidegate.Journal;

/// <summary>
/// The journal's file: SQLite in WAL mode, one row a batch and topic. A commit is in the system's page cache when it returns, so it survives the
/// process; it reaches the disk with the next checkpoint.
/// </summary>
/// <remarks>
/// Written by the journal's thread alone. Every row carries a checksum: SQLite guards its log by checksums, but not its pages. Checkpoints and
/// reads are made elsewhere (<see cref="JournalReader"/>), so that a commit waits for neither.
/// </remarks>
internal sealed partial class JournalStore : IDisposable
{
    /// <summary>The file's name in the upstream's folder.</summary>
    public const string FileName = "journal.db";

    private const int Version = 1;
    private readonly SqliteConnection connection;
    private readonly JournalMark mark;
    private readonly JournalLimits limits;
    private readonly sqlite3_stmt begin;
    private readonly sqlite3_stmt commit;
    private readonly sqlite3_stmt insert;
    private long nextBatch;

    private JournalStore(SqliteConnection connection, JournalMark mark, JournalLimits limits)
    {
        (this.connection, this.mark, this.limits) = (connection, mark, limits);
        nextBatch = Number("SELECT coalesce(max(id), 0) FROM batches") + 1;
        begin = Prepare("BEGIN IMMEDIATE");
        commit = Prepare("COMMIT");
        insert = Prepare("INSERT INTO batches (id, topic, first, last, events, at, crc, frames) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    }

    /// <summary>Bytes written since somebody asked, roughly: when to checkpoint.</summary>
    public long Written { get; set; }

    /// <summary>Opens the file, made when missing, and reads it through once.</summary>
    /// <exception cref="SqliteException">It cannot be used.</exception>
    /// <exception cref="JournalDamagedException">It holds something else than was written.</exception>
    public static JournalStore Open(string folder, JournalMark mark, JournalLimits limits)
    {
        var connection = Connect(folder);
        try
        {
            // Another program may hold the file (a backup, somebody who looks): waited for as long as an entry may wait.
            var patience = (int)EventJournal.Patience.TotalMilliseconds;
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout={patience};"));
            Check(connection);
            var store = new JournalStore(connection, mark, limits);
            if (store.nextBatch <= mark.LastCommit)
            {
                throw new JournalDamagedException(string.Create(CultureInfo.InvariantCulture, $"commit {mark.LastCommit} was made, the file ends with {store.nextBatch - 1}"));
            }

            return store;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A connection to the file in a folder.</summary>
    public static SqliteConnection Connect(string folder)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, FileName), Pooling = false, DefaultTimeout = 1 }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Begins a commit.</summary>
    public void Begin() => Step(begin);

    /// <summary>Everything since <see cref="Begin"/> is kept from here on.</summary>
    public void Commit()
    {
        Step(commit);
        mark.Committed(nextBatch - 1);
    }

    /// <summary>Adds a batch of a topic.</summary>
    public void Append(JournalSeat seat, BatchBlob batch, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        var frames = batch.Buffer.AsSpan(0, batch.Length);
        raw.sqlite3_bind_int64(insert, 1, nextBatch++);
        raw.sqlite3_bind_int64(insert, 2, seat.Row);
        raw.sqlite3_bind_int64(insert, 3, batch.First);
        raw.sqlite3_bind_int64(insert, 4, batch.Last);
        raw.sqlite3_bind_int64(insert, 5, batch.Rows);
        raw.sqlite3_bind_int64(insert, 6, at);
        raw.sqlite3_bind_int64(insert, 7, Checksum(frames, seat.Row, batch.First, batch.Last, batch.Rows, at));
        raw.sqlite3_bind_blob(insert, 8, frames);
        Step(insert);
        seat.Kept += batch.Rows;
        seat.SinceState += batch.Rows;
        Written += batch.Length;
    }

    /// <summary>Writes a topic's state anew; the first time it makes the topic known, in place of an older epoch.</summary>
    public void PutState(JournalSeat seat, long seq, byte[] body, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        if (seat.Row == 0)
        {
            Execute("UPDATE topics SET dropped = 1 WHERE channel = $channel AND name = $name", ("$channel", seat.Channel), ("$name", seat.Id));
            Execute("INSERT INTO topics (channel, name, epoch, seen, crc) VALUES ($channel, $name, $epoch, $seen, $crc)",
                ("$channel", seat.Channel), ("$name", seat.Id), ("$epoch", seat.Epoch), ("$seen", at), ("$crc", NameChecksum(seat.Channel, seat.Id, seat.Epoch)));
            seat.Row = Number("SELECT last_insert_rowid()");
        }

        Execute("INSERT OR REPLACE INTO states (topic, seq, at, crc, body) VALUES ($topic, $seq, $at, $crc, $body)",
            ("$topic", seat.Row), ("$seq", seq), ("$at", at), ("$crc", Checksum(body, seat.Row, seq, at)), ("$body", body));
        (seat.StateSeq, seat.SinceState, seat.StateAt) = (seq, 0, now);
        Written += body.Length;
    }

    /// <summary>The topic was followed until now.</summary>
    public void Seen(JournalSeat seat, DateTimeOffset now) =>
        Execute("UPDATE topics SET seen = $now WHERE id = $topic", ("$now", now.ToUnixTimeMilliseconds()), ("$topic", seat.Row));

    /// <summary>Brings all to the disk and says that the run ended in order.</summary>
    public void CloseClean()
    {
        Run(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        Dispose();
        mark.Clean();
    }

    /// <summary>The file may grow no further than so many pages of 4096 bytes: a full disk, for tests.</summary>
    public void LimitPages(int pages) => Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count={pages}"));

    /// <inheritdoc/>
    public void Dispose()
    {
        begin.Dispose();
        commit.Dispose();
        insert.Dispose();
        connection.Dispose();
    }

    /// <summary>The checksum of a row: its bytes and the numbers beside them.</summary>
    internal static long Checksum(ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> numbers)
    {
        var crc = new Crc32();
        crc.Append(bytes);
        Span<byte> number = stackalloc byte[sizeof(long)];
        foreach (var one in numbers)
        {
            BinaryPrimitives.WriteInt64LittleEndian(number, one);
            crc.Append(number);
        }

        return crc.GetCurrentHashAsUInt32();
    }

    /// <summary>The checksum of a topic's names.</summary>
    internal static long NameChecksum(string channel, string name, string epoch) => Checksum(Encoding.UTF8.GetBytes($"{channel} {name} {epoch}"));

    private static void Check(SqliteConnection connection)
    {
        var version = Number(connection, "PRAGMA user_version");
        if (version == 0)
        {
            Run(connection, $"""
                CREATE TABLE topics (id INTEGER PRIMARY KEY, channel TEXT NOT NULL, name TEXT NOT NULL, epoch TEXT NOT NULL, seen INTEGER NOT NULL,
                  dropped INTEGER NOT NULL DEFAULT 0, crc INTEGER NOT NULL) STRICT;
                CREATE TABLE states (topic INTEGER PRIMARY KEY, seq INTEGER NOT NULL, at INTEGER NOT NULL, crc INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
                CREATE TABLE batches (id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, events INTEGER NOT NULL,
                  at INTEGER NOT NULL, crc INTEGER NOT NULL, frames BLOB NOT NULL) STRICT;
                CREATE INDEX batches_by_topic ON batches (topic, id);
                PRAGMA user_version = {Version};
                """);
            return;
        }

        if (version != Version)
        {
            throw new JournalDamagedException(string.Create(CultureInfo.InvariantCulture, $"it has version {version}, this program knows {Version}"));
        }

        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        if (command.ExecuteScalar() is not "ok" and var trouble)
        {
            throw new JournalDamagedException(trouble?.ToString() ?? "it cannot be read");
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private long Number(string sql) => Number(connection, sql);

    // The three statements of every commit, past the provider: its reader and its parameters would be half of the time.
    private sqlite3_stmt Prepare(string sql)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection.Handle, sql, out var statement), connection.Handle);
        return statement;
    }

    private void Step(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        if (result != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(result, connection.Handle);
        }
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command.ExecuteNonQuery();
    }
}

/// <summary>The journal's file holds something else than was written.</summary>
internal sealed class JournalDamagedException(string message) : Exception(message);
