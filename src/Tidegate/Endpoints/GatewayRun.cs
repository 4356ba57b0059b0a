using Tidegate.Configuration;
using Tidegate.Indexer.Feeds;
using Tidegate.Operations;
using Tidegate.Sessions;
using Tidegate.Topics;

namespace Tidegate.Endpoints;

/// <summary>Starts the feeds with the host, and ends in order: clients first, flushed and told 1012, then the upstream.</summary>
internal sealed class GatewayRun(IndexerFeeds feeds, TopicHub topics, SessionHub sessions, TidegateOptions options, GatewayMetrics metrics, IHostApplicationLifetime lifetime) : IHostedService
{
    private Task closing = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        GatewayGauges.Add(metrics, feeds, topics);
        lifetime.ApplicationStopping.Register(() => closing = sessions.StopAsync(options.Sessions.ShutdownTimeout));
        lifetime.ApplicationStarted.Register(feeds.Start); // not before the port is ours: a second gateway asks the Indexer for nothing
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
#pragma warning disable VSTHRD003 // our own task, begun when the host announced its end
        await closing.ConfigureAwait(false);
#pragma warning restore VSTHRD003
        await feeds.DisposeAsync().ConfigureAwait(false);
    }
}
