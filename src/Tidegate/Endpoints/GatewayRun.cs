using Tidegate.Configuration;
using Tidegate.Indexer;
using Tidegate.Indexer.Feeds;
using Tidegate.Journal;
using Tidegate.Operations;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary>Starts the feeds with the host, and ends in order: clients first, flushed and told 1012, then the upstream, then the journal.</summary>
internal sealed class GatewayRun(IndexerFeeds feeds, TopicHub topics, EventJournal journal, SessionHub sessions, TidegateOptions options, GatewayMetrics metrics, SteadyTime time, IHostApplicationLifetime lifetime) : IHostedService
{
    private readonly QuietCollection collection = new(time);
    private Task closing = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        GatewayGauges.Add(metrics, feeds, topics, journal, time);

        // After the sessions, which hear of it first and write.
        feeds.Drained += () => collection.AfterBurst();
        lifetime.ApplicationStopping.Register(() => closing = sessions.StopAsync(options.Sessions.ShutdownTimeout));

        // Not before the port is ours: a second gateway asks the Indexer for nothing, and says nothing of a journal.
        lifetime.ApplicationStarted.Register(journal.Open);
        lifetime.ApplicationStarted.Register(feeds.Start);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
#pragma warning disable VSTHRD003 // our own task, begun when the host announced its end
        await closing.ConfigureAwait(false);
#pragma warning restore VSTHRD003
        await feeds.DisposeAsync().ConfigureAwait(false);
        await journal.DisposeAsync().ConfigureAwait(false);
    }
}
