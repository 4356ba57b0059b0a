using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;
using Tidegate.Journal;

namespace Tidegate.Topics;

/// <summary>
/// All topics: one upstream subscription each, however many readers. The last one's leaving ends it after the grace time (contract 1,
/// <c>Indexer:GraceTime</c>).
/// </summary>
/// <remarks>Thread-safe. A topic's gate is never taken while the hub's lock is waited for: the hub locks first.</remarks>
internal sealed partial class TopicHub
{
    private static readonly TimeSpan RefusalLife = TimeSpan.FromSeconds(30);
    private readonly Dictionary<TopicKey, FollowedFeed> followed = [];
    private readonly Dictionary<TopicKey, (DateTimeOffset Until, FeedRefusal Refusal, string Message)> refused = [];
    private readonly Lock gate = new();
    private readonly IndexerFeeds feeds;
    private readonly EventJournal journal;
    private readonly TopicLimits limits;
    private readonly TimeSpan graceTime;
    private readonly SteadyTime time;
    private readonly ILogger<TopicHub> logger;

    public TopicHub(IndexerFeeds feeds, EventJournal journal, TopicLimits limits, TimeSpan graceTime, SteadyTime time, ILogger<TopicHub> logger)
    {
        (this.feeds, this.journal, this.limits, this.graceTime, this.time, this.logger) = (feeds, journal, limits, graceTime, time, logger);
        journal.Published += () => Published?.Invoke();
        Keep(feeds.MarketsFeed, "v4_markets");
        Keep(feeds.BlockFeed, "v4_block_height");
    }

    /// <summary>A reader left alone by a refusal: the session tells its client. Raised outside all locks.</summary>
    public event Action<Reader, FeedRefusal, string>? Refused;

    /// <summary>Raised when the journal let changes through, or a topic was opened: time to write out what is due. Outside all locks.</summary>
    public event Action? Published;

    /// <summary>Joins a topic, following it upstream when it is new. Null when it was refused lately.</summary>
    public Reader? Join(TopicAddress address, IReaderOwner owner, int depth, TimeSpan conflate, ResumePoint? resume, out FeedRefusal refusal, out string message)
    {
        lock (gate)
        {
            (refusal, message) = (default, "");
            if (refused.TryGetValue(address.Upstream, out var known))
            {
                if (time.GetUtcNow() < known.Until)
                {
                    (refusal, message) = (known.Refusal, known.Message);
                    return null;
                }

                refused.Remove(address.Upstream);
            }

            var entry = EntryOf(address);
            var topic = TopicOf(entry, address);
            entry.Readers++;
            entry.Grace?.Dispose();
            entry.Grace = null;
            var reader = new Reader(topic, owner, depth, conflate);
            topic.Join(reader, resume);
            return reader;
        }
    }

    /// <summary>Leaves; nothing of the topic is read after it.</summary>
    public void Leave(Reader reader)
    {
        lock (gate)
        {
            reader.End();
            reader.Topic.Leave(reader);
            if (followed.TryGetValue(reader.Topic.Address.Upstream, out var entry) && entry.Feed == reader.Topic.Output.Feed && --entry.Readers == 0)
            {
                entry.Grace = time.CreateTimer(_ => End(entry), null, graceTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>All topics, for the status endpoint.</summary>
    public IReadOnlyList<Topic> All()
    {
        lock (gate)
        {
            return [.. followed.Values.SelectMany(entry => entry.Topics)];
        }
    }

    /// <summary>The topics of an account's address.</summary>
    public IReadOnlyList<Topic> OfAccount(string address) => [.. All().Where(topic => topic.Address.Account == address)];

    /// <summary>Who follows an account, on either socket; each once for each topic.</summary>
    public IReadOnlyList<IReaderOwner> FollowersOf(string address)
    {
        lock (gate)
        {
            return [.. followed.Values.SelectMany(entry => entry.All).Where(topic => topic.Address.Account == address).SelectMany(topic => topic.ReaderOwners)];
        }
    }

    private void Keep(Feed feed, string channel)
    {
        var entry = new FollowedFeed(feed) { Readers = 1 };
        followed[feed.Key] = entry;
        TopicOf(entry, TopicAddress.Parse(channel, null, out _, out _)!);
    }

    private FollowedFeed EntryOf(TopicAddress address)
    {
        if (followed.TryGetValue(address.Upstream, out var entry))
        {
            return entry;
        }

        FollowedFeed? made = null;
        var feed = feeds.Prepare(address.Upstream, feed =>
        {
            made = new FollowedFeed(feed);
            foreach (var output in feed.Outputs.Where(output => output.Kind != OutputKind.Transfers))
            {
                TopicOf(made, TopicAddress.Parse(output.Channel, output.Id, out _, out _)!);
            }
        });
        followed[address.Upstream] = made!;
        if (made!.Opening.Count == 0)
        {
            feeds.Begin(feed);
        }
        else
        {
            _ = Task.WhenAll(made.Opening).ContinueWith(_ => feeds.Begin(feed), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        Log.Followed(logger, address.Upstream);
        return made;
    }

    private Topic TopicOf(FollowedFeed entry, TopicAddress address)
    {
        if (address.Output == OutputKind.Contents)
        {
            return entry.Contents ?? ContentsOf(entry, address);
        }

        var topic = entry.Topics.Find(known => known.Address.Output == address.Output);
        if (topic is null)
        {
            var output = entry.Feed.Outputs.First(candidate => candidate.Kind == address.Output);
            topic = new Topic(address, output, limits, time);
            topic.Refused += OnRefused;
            entry.Topics.Add(topic);
            if (journal.IsUsable && output.Kind is OutputKind.Orders or OutputKind.Fills or OutputKind.Transfers)
            {
                entry.Opening.Add(Task.Run(() => OpenAsync(entry, topic)));
            }
            else
            {
                topic.Open();
            }
        }

        return topic;
    }

    private ContentsTopic ContentsOf(FollowedFeed entry, TopicAddress address)
    {
        var topic = new ContentsTopic(address, entry.Feed.Contents, limits, time);
        topic.Refused += OnRefused;
        entry.Contents = topic;
        topic.Open();
        return topic;
    }

    /// <summary>Lets a topic of account events go on where the journal has it, or begin there. Apart from the hub's lock: reading takes a while.</summary>
    private async Task OpenAsync(FollowedFeed entry, Topic topic)
    {
        TopicPast? past = null;
        try
        {
            past = await journal.ReadAsync(topic.Address.Channel, topic.Address.Id).ConfigureAwait(false);
            if (past is not null && !topic.Output.Restore(new FeedPast(past.State, past.Earlier, past.Later, past.SeenAt)))
            {
                past = null;
            }
        }
        catch (Exception e)
        {
            // Contained: without its past the topic begins a new epoch.
            Log.PastFailed(logger, topic.Address.Channel, topic.Address.Id, e);
        }

        lock (gate)
        {
            if (!entry.IsOver)
            {
                topic.Open(journal, past);
            }
        }

        Published?.Invoke();
    }

    private void End(FollowedFeed entry)
    {
        lock (gate)
        {
            if (entry.Readers > 0 || !followed.TryGetValue(entry.Feed.Key, out var current) || current != entry)
            {
                return;
            }

            followed.Remove(entry.Feed.Key);
            entry.IsOver = true;
            entry.Grace?.Dispose();
            foreach (var topic in entry.All)
            {
                topic.Close();
            }
        }

        feeds.Leave(entry.Feed);
        Log.Left(logger, entry.Feed.Key);
    }

    // Comes under the feed's gate: what follows is done apart from it.
    private void OnRefused(Topic topic, FeedRefusal refusal, string message) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => Drop(topic, refusal, message), null);

    private void Drop(Topic topic, FeedRefusal refusal, string message)
    {
        FollowedFeed? entry;
        var readers = new List<Reader>();
        lock (gate)
        {
            if (!followed.TryGetValue(topic.Address.Upstream, out entry) || entry.Feed != topic.Output.Feed)
            {
                return;
            }

            if (refusal == FeedRefusal.UnknownId)
            {
                refused[topic.Address.Upstream] = (time.GetUtcNow() + RefusalLife, refusal, message);
            }

            followed.Remove(topic.Address.Upstream);
            entry.IsOver = true;
            foreach (var each in entry.All)
            {
                each.Close();
                readers.AddRange(each.TakeReaders());
            }
        }

        feeds.Leave(entry.Feed);
        foreach (var reader in readers)
        {
            reader.End();
            Refused?.Invoke(reader, refusal, message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1401, LogLevel.Information, "{Topic}: followed")]
        public static partial void Followed(ILogger logger, TopicKey topic);

        [LoggerMessage(1403, LogLevel.Error, "{Channel} {Id}: what the journal has of it could not be gone on with; it begins a new epoch")]
        public static partial void PastFailed(ILogger logger, string channel, string id, Exception trouble);

        [LoggerMessage(1402, LogLevel.Information, "{Topic}: left, no client for the grace time")]
        public static partial void Left(ILogger logger, TopicKey topic);
    }
}
