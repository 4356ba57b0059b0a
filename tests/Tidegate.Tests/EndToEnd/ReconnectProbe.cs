using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Indexer.Feeds;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Rest;
using Tidegate.Indexer.Sockets;
using Tidegate.Simulator;

namespace Tidegate.Tests.EndToEnd;

/// <summary>The library's feeds on a simulated Indexer that drops them again and again; tells what the process holds.</summary>
internal sealed class ReconnectProbe : IAsyncDisposable
{
    private readonly SimulatedIndexer indexer;
    private readonly IndexerFeeds feeds;
    private readonly Feed book;

    public ReconnectProbe(SimulatedIndexer indexer)
    {
        this.indexer = indexer;
        var options = new UpstreamOptions
        {
            Endpoints = [new IndexerEndpoint(indexer.WebSocketUrl, indexer.RestUrl)],
            InitialDelay = TimeSpan.FromMilliseconds(5),
            MaxDelay = TimeSpan.FromMilliseconds(20),
        };
        var pool = new SocketPool(options, TimeProvider.System, NullLoggerFactory.Instance);
        var rest = new IndexerRestClient(indexer.RestUrl, TimeProvider.System, NullLogger<IndexerRestClient>.Instance);
        feeds = new IndexerFeeds(pool, rest, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), AuditPolicy.Default, TimeProvider.System, NullLoggerFactory.Instance);
        feeds.Start();
        book = feeds.Follow(new TopicKey(Channel.OrderBook, "BTC-USD"), _ => { });
        feeds.Follow(new TopicKey(Channel.Candles, "BTC-USD/1MIN"), _ => { });
    }

    /// <summary>Drops all sockets so many times, each time waiting until the book streams again.</summary>
    public async Task ReconnectAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            await UntilAsync(() => book.Status.Mode == FeedMode.Streaming && feeds.BlockFeed.Status.Mode == FeedMode.Streaming);
            var before = book.ReconnectCount;
            indexer.Faults.Drop();
            await UntilAsync(() => book.ReconnectCount > before);
        }
    }

    /// <summary>Managed bytes and open handles after a forced collection.</summary>
    public static (long Heap, int Handles) Measure()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using var self = Process.GetCurrentProcess();
        var handles = Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : self.HandleCount;
        return (GC.GetTotalMemory(forceFullCollection: true), handles);
    }

    public async ValueTask DisposeAsync()
    {
        await feeds.DisposeAsync();
        feeds.Rest.Dispose();
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            await Task.Delay(2, late.Token);
        }
    }
}
