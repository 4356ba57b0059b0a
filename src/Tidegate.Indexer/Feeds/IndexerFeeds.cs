using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Markets;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Feeds;

/// <summary>
/// The true state of what is followed, of one Indexer: makes a feed per topic, keeps it through losses, polls while streaming fails. Markets and
/// height are always followed.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class IndexerFeeds : IAsyncDisposable
{
    private readonly ConcurrentDictionary<TopicKey, Feed> feeds = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly FeedContext context;
    private readonly Poller poller;
    private readonly Auditor auditor;
    private readonly Lock making = new();
    private Task polling = Task.CompletedTask;
    private Task auditing = Task.CompletedTask;
    private ChainState chainTold;
    private int disposed;

    /// <summary>Makes the set; nothing is followed before <see cref="Start"/>.</summary>
    public IndexerFeeds(SocketPool pool, IndexerRestClient rest, TimeSpan pollInterval, TimeSpan backfillHold, AuditPolicy audits, TimeProvider time, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(pool);
        Pool = pool;
        Rest = rest;
        context = new FeedContext(pool, rest, time, loggers) { BackfillHold = backfillHold, Audits = audits, Stopping = stopping.Token };
        poller = new Poller(() => (IReadOnlyCollection<Feed>)feeds.Values, pollInterval, time, context.Logger);
        auditor = new Auditor(() => (IReadOnlyCollection<Feed>)feeds.Values, audits, time);
        pool.Drained += context.RaiseDrained;
        context.Drained += TellChain;
        context.PollWanted += poller.Wake;
        MarketsFeed = new MarketsFeed(context);
        BlockFeed = new BlockFeed(context);
    }

    /// <summary>Raised when a burst of changes is over: time to write out what is due. On the thread that learned them.</summary>
    public event Action? Drained
    {
        add => context.Drained += value;
        remove => context.Drained -= value;
    }

    /// <summary>As <see cref="SocketPool.LongBurst"/>: a long burst goes on, and what is due of it may be written out already.</summary>
    public event Action? LongBurst
    {
        add => Pool.LongBurst += value;
        remove => Pool.LongBurst -= value;
    }

    /// <summary>The sockets.</summary>
    public SocketPool Pool { get; }

    /// <summary>The REST side.</summary>
    public IndexerRestClient Rest { get; }

    /// <summary>All markets.</summary>
    public MarketsFeed MarketsFeed { get; }

    /// <summary>The chain's height.</summary>
    public BlockFeed BlockFeed { get; }

    /// <summary>The markets' terms.</summary>
    public MarketTable Markets => context.Markets;

    /// <summary>The chain's clock.</summary>
    public ChainClock Chain => context.Chain;

    /// <summary>All feeds.</summary>
    public IReadOnlyCollection<Feed> All => (IReadOnlyCollection<Feed>)feeds.Values;

    /// <summary>The feed of a topic that is followed; null for another.</summary>
    public Feed? Find(TopicKey key) => feeds.GetValueOrDefault(key);

    /// <summary>When the last poll round ended.</summary>
    public DateTimeOffset? LastRoundAt => poller.LastGoodAt;

    /// <summary>Starts to follow markets and height, and to poll where needed.</summary>
    public void Start()
    {
        Pool.Start();
        feeds[MarketsFeed.Key] = MarketsFeed;
        feeds[BlockFeed.Key] = BlockFeed;
        MarketsFeed.Start();
        BlockFeed.Start();
        polling = Task.Run(() => poller.RunAsync(stopping.Token), CancellationToken.None);
        auditing = Task.Run(() => auditor.RunAsync(stopping.Token), CancellationToken.None);
    }

    /// <summary>The feed of a topic, made and started when new. The caller attaches its listeners before anything is told: see <paramref name="prepare"/>.</summary>
    public Feed Follow(TopicKey key, Action<Feed> prepare)
    {
        var feed = Prepare(key, prepare);
        Begin(feed);
        return feed;
    }

    /// <summary>As <see cref="Follow"/>, but nothing is asked of the Indexer before <see cref="Begin"/>: time to restore what is known.</summary>
    public Feed Prepare(TopicKey key, Action<Feed> prepare)
    {
        ArgumentNullException.ThrowIfNull(prepare);
        lock (making)
        {
            if (!feeds.TryGetValue(key, out var feed))
            {
                feeds[key] = feed = Make(key);
            }

            prepare(feed);
            return feed;
        }
    }

    /// <summary>Starts a prepared feed; does nothing for one that was left or began before.</summary>
    public void Begin(Feed feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        lock (making)
        {
            if (feeds.TryGetValue(feed.Key, out var known) && known == feed)
            {
                feed.Start();
            }
        }
    }

    /// <summary>Ends a feed. Markets and height are kept.</summary>
    public void Leave(Feed feed)
    {
        ArgumentNullException.ThrowIfNull(feed);
        lock (making)
        {
            if (feed != MarketsFeed && feed != BlockFeed && feeds.TryRemove(new KeyValuePair<TopicKey, Feed>(feed.Key, feed)))
            {
                feed.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await stopping.CancelAsync().ConfigureAwait(false);
        foreach (var feed in feeds.Values)
        {
            feed.Dispose();
        }

        await polling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await auditing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Pool.DisposeAsync().ConfigureAwait(false);
        poller.Dispose();
        stopping.Dispose();
    }

    private Feed Make(TopicKey key) => key.Channel switch
    {
        Channel.OrderBook => new BookFeed(key.Id, context),
        Channel.Trades => new TapeFeed(key.Id, context),
        Channel.Candles => new CandleFeed(key.Id, context),
        Channel.Subaccounts or Channel.ParentSubaccounts => new AccountFeed(key, context),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "markets and height are always followed"),
    };

    private void TellChain()
    {
        if (chainTold != Chain.State)
        {
            chainTold = Chain.State;
            foreach (var feed in feeds.Values)
            {
                lock (feed.Gate)
                {
                    feed.RestateChain();
                }
            }
        }
    }
}
