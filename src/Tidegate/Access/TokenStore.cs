using System.Globalization;
using Microsoft.Data.Sqlite;
using Tidegate.Configuration;

namespace Tidegate.Access;

/// <summary>What the store knows of a token; never the token itself.</summary>
public sealed record TokenRecord(string Id, string Name, IReadOnlyList<string> Addresses, DateTimeOffset Created, DateTimeOffset Expires, DateTimeOffset? RevokedAt);

/// <summary>The local tokens' table: SQLite in WAL mode, shared by a running gateway and by <c>tidegate token</c> beside it.</summary>
/// <remarks>Not thread-safe: one owner each.</remarks>
internal sealed class TokenStore : IDisposable
{
    private readonly SqliteConnection connection;

    /// <summary>Opens the store, and makes it if it is missing.</summary>
    /// <exception cref="SqliteException">The file cannot be used.</exception>
    public TokenStore(DataFolder data)
    {
        data.Ensure();
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = data.TokenFile, Pooling = false, DefaultTimeout = 5 }.ToString());
        connection.Open();
        Run("""
            PRAGMA journal_mode=WAL;
            CREATE TABLE IF NOT EXISTS tokens (jti TEXT PRIMARY KEY, name TEXT NOT NULL, addresses TEXT NOT NULL,
              created INTEGER NOT NULL, expires INTEGER NOT NULL, revoked_at INTEGER) STRICT;
            """);
    }

    /// <summary>Adds a token that was made.</summary>
    public void Add(TokenRecord token) =>
        Run("INSERT INTO tokens (jti, name, addresses, created, expires) VALUES ($jti, $name, $addresses, $created, $expires)",
            ("$jti", token.Id), ("$name", token.Name), ("$addresses", string.Join(' ', token.Addresses)),
            ("$created", token.Created.ToUnixTimeMilliseconds()), ("$expires", token.Expires.ToUnixTimeMilliseconds()));

    /// <summary>Revokes a token; false when the store does not know it. One revoked before keeps its time.</summary>
    public bool Revoke(string id, DateTimeOffset now) =>
        Run("UPDATE tokens SET revoked_at = coalesce(revoked_at, $now) WHERE jti = $jti", ("$now", now.ToUnixTimeMilliseconds()), ("$jti", id)) > 0;

    /// <summary>Revokes an id that was issued elsewhere, by an authority or with the same key.</summary>
    public void RevokeUnlisted(string id, DateTimeOffset now) =>
        Run("""
            INSERT INTO tokens (jti, name, addresses, created, expires, revoked_at) VALUES ($jti, '(issued elsewhere)', '', $now, $never, $now)
            ON CONFLICT(jti) DO UPDATE SET revoked_at = coalesce(revoked_at, $now)
            """, ("$jti", id), ("$now", now.ToUnixTimeMilliseconds()), ("$never", DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    /// <summary>All tokens, oldest first.</summary>
    public IReadOnlyList<TokenRecord> List()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT jti, name, addresses, created, expires, revoked_at FROM tokens ORDER BY created, jti";
        using var reader = command.ExecuteReader();
        var tokens = new List<TokenRecord>();
        while (reader.Read())
        {
            tokens.Add(new TokenRecord(reader.GetString(0), reader.GetString(1), reader.GetString(2).Split(' ', StringSplitOptions.RemoveEmptyEntries),
                Time(reader.GetInt64(3)), Time(reader.GetInt64(4)), reader.IsDBNull(5) ? null : Time(reader.GetInt64(5))));
        }

        return tokens;
    }

    /// <summary>The ids of revoked tokens that have not expired.</summary>
    public IReadOnlyList<string> RevokedIds(DateTimeOffset now)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT jti FROM tokens WHERE revoked_at IS NOT NULL AND expires > $now";
        command.Parameters.AddWithValue("$now", now.ToUnixTimeMilliseconds());
        using var reader = command.ExecuteReader();
        var ids = new List<string>();
        while (reader.Read())
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    /// <summary>A number that changes when another connection has written.</summary>
    public long DataVersion()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private int Run(string sql, params ReadOnlySpan<(string Name, object Value)> values)
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
