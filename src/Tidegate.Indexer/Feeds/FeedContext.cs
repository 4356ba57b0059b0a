using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Feeds;

/// <summary>What all feeds of one Indexer share.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class FeedContext(SocketPool pool, IndexerRestClient rest, TimeProvider time, ILoggerFactory loggers)
{
    private Action? drained;

    public SocketPool Pool { get; } = pool;

    public IndexerRestClient Rest { get; } = rest;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = loggers.CreateLogger("Tidegate.Indexer.Feeds");

    public MarketTable Markets { get; } = new();

    public ChainClock Chain { get; } = new(time);

    /// <summary>How long new events wait for a backfill.</summary>
    public TimeSpan BackfillHold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often topics are compared.</summary>
    public AuditPolicy Audits { get; init; } = AuditPolicy.Default;

    /// <summary>Cancelled when all feeds stop.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Raised when a burst of changes is over: time to write out what is due.</summary>
    public event Action? Drained
    {
        add => drained += value;
        remove => drained -= value;
    }

    /// <summary>Raised, outside any gate, when an oracle price or margin fraction moved.</summary>
    public event Action? TermsMoved;

    /// <summary>Raised, outside any gate, with each new height.</summary>
    public event Action<long>? HeightRose;

    /// <summary>Raised when a feed's link is exhausted: time to poll.</summary>
    public event Action? PollWanted;

    public void RaisePollWanted() => PollWanted?.Invoke();

    public void RaiseDrained() => drained?.Invoke();

    public void RaiseTermsMoved() => TermsMoved?.Invoke();

    public void RaiseHeightRose(long height) => HeightRose?.Invoke(height);
}
