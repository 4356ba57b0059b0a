using System.Collections.Frozen;
using Microsoft.Data.Sqlite;
using Tidegate.Configuration;

namespace Tidegate.Access;

/// <summary>The ids of revoked tokens, at most half a second behind the store: <c>token revoke</c> writes there from another process.</summary>
/// <remarks>Thread-safe. Reading is a set look-up. When the store fails, the last known set stays in force and the next round tries anew.</remarks>
public sealed partial class Revocations : IHostedService, IDisposable
{
    /// <summary>From one look into the store to the next; contract 1 allows a second until a revocation holds.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly DataFolder data;
    private readonly TimeProvider time;
    private readonly ILogger<Revocations> logger;
    private readonly CancellationTokenSource stopping = new();
    private volatile FrozenSet<string> revoked = [];
    private TokenStore? store;
    private long version = -1;
    private bool failing;
    private Task polling = Task.CompletedTask;

    /// <summary>Makes it; nothing is read before the start.</summary>
    public Revocations(DataFolder data, TimeProvider time, ILogger<Revocations> logger)
    {
        (this.data, this.time, this.logger) = (data, time, logger);
    }

    /// <summary>Whether the id is revoked by now; no I/O.</summary>
    public bool Contains(string id) => revoked.Contains(id);

    /// <summary>Reads the store once, then follows it.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        Look();
        polling = PollAsync();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await polling.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stopping.Dispose();
        store?.Dispose();
    }

    private async Task PollAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
    }

    private void Look()
    {
        try
        {
            store ??= new TokenStore(data);
            if (store.DataVersion() is var now && now != version)
            {
                revoked = store.RevokedIds(time.GetUtcNow()).ToFrozenSet(StringComparer.Ordinal);
                version = now;
            }

            failing = false;
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            if (!failing)
            {
                Log.StoreFailed(logger, data.TokenFile, e.Message, Interval);
            }

            failing = true;
            store?.Dispose();
            (store, version) = (null, -1);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "Revocations cannot be read from {File} ({Reason}); those known so far hold, next look in {Interval}")]
        public static partial void StoreFailed(ILogger logger, string file, string reason, TimeSpan interval);
    }
}
