using Microsoft.Data.Sqlite;

namespace Tidegate.Journal;

/// <summary>The journal's second connection: reads what is stored of a topic, and makes checkpoints, so that no commit waits for either.</summary>
/// <remarks>Thread-safe: one call at a time.</remarks>
internal sealed class JournalReader(string folder) : IDisposable
{
    // Beyond this the log is begun anew, for which the writer may wait a moment.
    private const long MostLogBytes = 16 << 20;
    private readonly Lock gate = new();
    private SqliteConnection? connection;

    /// <summary>Bytes of the file and its log.</summary>
    public long Bytes => LengthOf("") + LengthOf("-wal");

    /// <summary>What is stored of a topic; null when nothing is, or nothing that can be trusted: then <paramref name="damage"/> says what is wrong.</summary>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public TopicPast? Read(string channel, string id, out string? damage)
    {
        lock (gate)
        {
            damage = null;
            using var transaction = Connection().BeginTransaction(deferred: true);
            using var topic = Command(transaction, "SELECT t.id, t.epoch, t.seen, t.crc, s.seq, s.at, s.crc, s.body FROM topics t JOIN states s ON s.topic = t.id WHERE t.dropped = 0 AND t.channel = $channel AND t.name = $name");
            topic.Parameters.AddWithValue("$channel", channel);
            topic.Parameters.AddWithValue("$name", id);
            using var row = topic.ExecuteReader();
            if (!row.Read())
            {
                return null;
            }

            var (number, epoch, stateSeq, stateAt, state) = (row.GetInt64(0), row.GetString(1), row.GetInt64(4), row.GetInt64(5), row.GetFieldValue<byte[]>(7));
            if (JournalStore.NameChecksum(channel, id, epoch) != row.GetInt64(3) || JournalStore.Checksum(state, number, stateSeq, stateAt) != row.GetInt64(6))
            {
                damage = "its state does not fit its checksum";
                return null;
            }

            var frames = new List<StoredFrame>();
            var last = Math.Max(row.GetInt64(2), stateAt);
            damage = ReadFrames(transaction, number, frames, ref last);
            if (damage is null && frames.Count > 0 && (frames[0].Seq > stateSeq + 1 || frames[^1].Seq < stateSeq))
            {
                damage = "its frames and its state do not meet";
            }

            return damage is null ? new TopicPast(number, epoch, DateTimeOffset.FromUnixTimeMilliseconds(last), stateSeq, state, frames) : null;
        }
    }

    /// <summary>Brings the log into the file as far as readers and the writer let it; begins the log anew when it has become long.</summary>
    public void Checkpoint()
    {
        lock (gate)
        {
            using var command = Connection().CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
            command.ExecuteNonQuery();
            if (LengthOf("-wal") > MostLogBytes)
            {
                command.CommandText = "PRAGMA wal_checkpoint(RESTART)";
                command.ExecuteNonQuery();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            connection?.Dispose();
            connection = null;
        }
    }

    private static string? ReadFrames(SqliteTransaction transaction, long topic, List<StoredFrame> frames, ref long lastAt)
    {
        using var command = Command(transaction, "SELECT first, last, events, at, crc, frames FROM batches WHERE topic = $topic ORDER BY id");
        command.Parameters.AddWithValue("$topic", topic);
        using var row = command.ExecuteReader();
        while (row.Read())
        {
            var (first, last, events, at, blob) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetFieldValue<byte[]>(5));
            if (JournalStore.Checksum(blob, topic, first, last, events, at) != row.GetInt64(4) || !BatchBlob.TryRead(blob, first, frames) || frames.Count == 0 || frames[^1].Seq != last)
            {
                return "a batch does not fit its checksum";
            }

            if (frames[^1].Seq - frames[0].Seq != frames.Count - 1)
            {
                return "a batch is missing";
            }

            lastAt = Math.Max(lastAt, at);
        }

        return null;
    }

    private static SqliteCommand Command(SqliteTransaction transaction, string sql)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command;
    }

    private SqliteConnection Connection()
    {
        if (connection is null)
        {
            connection = JournalStore.Connect(folder);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=50;";
            command.ExecuteNonQuery();
        }

        return connection;
    }

    private long LengthOf(string suffix)
    {
        var file = new FileInfo(Path.Combine(folder, JournalStore.FileName + suffix));
        return file.Exists ? file.Length : 0;
    }
}
