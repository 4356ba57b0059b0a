using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;
using static Tidegate.Indexer.Tests.Sockets.PoolWorld;

namespace Tidegate.Indexer.Tests.Sockets;

/// <summary>Over real sockets on loopback.</summary>
[Collection(AloneCollection.Name)]
public sealed class LoopbackTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private const string Update = """{"type":"channel_data","connection_id":"c","message_id":3,"id":"BTC-USD","channel":"v4_orderbook","version":"1.0.0","contents":{"bids":[["1","2"]]}}""";

    public static TheoryData<string, byte[]> BadFrames => new()
    {
        { "garbage", "hello"u8.ToArray() },
        { "an array", "[]"u8.ToArray() },
        { "null", "null"u8.ToArray() },
        { "a number", "42"u8.ToArray() },
        { "cut off", Encoding.UTF8.GetBytes(Update[..^9]) },
        { "1000 levels", Encoding.UTF8.GetBytes("{\"type\":\"channel_data\",\"contents\":" + new string('[', 1000) + new string(']', 1000) + "}") },
        { "10 MB", Encoding.UTF8.GetBytes(new string('x', 10_000_000)) },
        { "17 MB", Encoding.UTF8.GetBytes(new string(' ', 17_000_000) + "{}") },
        { "an unknown channel", """{"type":"channel_data","channel":"v4_new","id":"x","contents":{}}"""u8.ToArray() },
        { "an unknown type", """{"type":"news","channel":"v4_orderbook","id":"BTC-USD","contents":{}}"""u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(BadFrames))]
    public async Task A_frame_that_cannot_be_used_is_counted_and_the_connection_goes_on(string what, byte[] frame)
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        await using var pool = new SocketPool(indexer.Options, TimeProvider.System, NullLoggerFactory.Instance);
        var btc = new Recorder();
        pool.Follow(Btc, btc);
        await btc.UntilState(LinkState.Live);
        await indexer.SayAsync(frame);
        await indexer.SayAsync(Update);
        await btc.Until(r => r.Calls.Contains("data {\"bids\":[[\"1\",\"2\"]]}"));
        Assert.True(pool.DroppedFrames == 1, what);
        Assert.Equal(1, indexer.Accepted);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_counted_too()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        await using var pool = new SocketPool(indexer.Options, TimeProvider.System, NullLoggerFactory.Instance);
        var btc = new Recorder();
        pool.Follow(Btc, btc);
        await btc.UntilState(LinkState.Live);
        await indexer.SayAsync([(byte)'{', 0xC3, 0x28, (byte)'}']);
        await indexer.SayAsync(Update);
        await btc.Until(r => r.Calls.Contains("data {\"bids\":[[\"1\",\"2\"]]}"));
        Assert.Equal(1, pool.DroppedFrames);
        Assert.Equal(1, indexer.Accepted);
    }

    [Fact]
    public async Task Pings_are_answered_while_a_handler_is_stuck()
    {
        // cases.md 59: a reader that waited for its handlers would answer no ping, and be cut off after three seconds; a busy machine is not that late
        await using var indexer = await LoopbackIndexer.StartAsync(TimeSpan.FromMilliseconds(250), pongWithin: TimeSpan.FromSeconds(3));
        await using var socket = new IndexerSocket(indexer.Options, TimeProvider.System, NullLoggerFactory.Instance);
        var (stuck, heard) = (new TaskCompletionSource(), new SemaphoreSlim(0));
        using var first = socket.RegisterHandler(Channel.OrderBook, async (_, _) => await stuck.Task);
        using var second = socket.RegisterHandler(Channel.OrderBook, _ => heard.Release());
        await socket.ConnectAsync(TestContext.Current.CancellationToken);
        await socket.SubscribeAsync(Channel.OrderBook, "BTC-USD", TestContext.Current.CancellationToken);
        for (var round = 0; round < 45; round++)
        {
            await indexer.SayAsync(Update);
            Assert.True(await heard.WaitAsync(Patience, TestContext.Current.CancellationToken), $"not heard in round {round}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, indexer.Accepted);
        stuck.SetResult();
    }

    [Fact]
    public async Task Drained_is_raised_after_the_last_frame_that_had_arrived_on_the_reader_thread()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        await using var pool = new SocketPool(indexer.Options, TimeProvider.System, NullLoggerFactory.Instance);
        var btc = new Recorder();
        var (seen, drainedAt, threads) = (0, new TaskCompletionSource<int>(), new HashSet<int>());
        pool.Drained += () =>
        {
            if (seen > 0)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                drainedAt.TrySetResult(seen);
            }
        };
        btc.OnCall = call =>
        {
            if (call.StartsWith("data", StringComparison.Ordinal))
            {
                seen++;
                threads.Add(Environment.CurrentManagedThreadId);
            }
        };
        pool.Follow(Btc, btc);
        await btc.UntilState(LinkState.Live);
        await indexer.SayAsync(Update);
        Assert.Equal(1, await drainedAt.Task.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken));
        Assert.Single(threads);
    }

    [Fact]
    public async Task A_403_at_the_upgrade_blocks_and_is_not_retried()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        indexer.Refusal = (403, """{"errors":[{"msg":"no","code":"GEOBLOCKED"}]}""");
        await using var pool = new SocketPool(indexer.Options, TimeProvider.System, NullLoggerFactory.Instance);
        var btc = new Recorder();
        pool.Follow(Btc, btc);
        await btc.UntilState(LinkState.Blocked);
        Assert.Equal("geo-blocked", btc.Links[^1].Reason);
        Assert.Equal(15, (btc.Links[^1].NextAttemptAt!.Value - btc.Links[^1].Since).TotalMinutes, 0.1);
        indexer.Refusal = null;
        pool.ReconnectNow(null);
        await btc.UntilState(LinkState.Live);
    }

    [Theory]
    [InlineData(1012, "Service restarting")]
    [InlineData(1008, "Rate limited")]
    [InlineData(4000, "send failure")]
    public async Task A_close_by_the_server_is_followed_by_a_new_socket(int code, string reason)
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        await using var pool = new SocketPool(indexer.Options, TimeProvider.System, NullLoggerFactory.Instance);
        var btc = new Recorder();
        pool.Follow(Btc, btc);
        await btc.UntilState(LinkState.Live);
        await indexer.CloseAllAsync(code, reason);
        await btc.Until(r => r.Links.Count(l => l.State == LinkState.Live) == 2);
        Assert.Equal(1, pool.ReconnectCount);
        Assert.True(pool.IsConnected);
    }

    [Fact]
    public async Task A_stalled_server_is_left_after_StaleAfter()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        await using var pool = new SocketPool(indexer.Options with { StaleAfter = TimeSpan.FromMilliseconds(300) }, TimeProvider.System, NullLoggerFactory.Instance);
        var btc = new Recorder();
        pool.Follow(Btc, btc);
        await btc.Until(r => r.Links.Any(l => l.Reason == "upstream-silent"));
        await btc.Until(r => r.Links.Count(l => l.State == LinkState.Live) >= 2);
    }

    [Fact]
    public async Task Pings_of_the_server_count_as_bytes()
    {
        await using var indexer = await LoopbackIndexer.StartAsync(pingEvery: TimeSpan.FromMilliseconds(100));
        var options = indexer.Options with { StaleAfter = TimeSpan.FromSeconds(3) };
        await using var pool = new SocketPool(options, TimeProvider.System, NullLoggerFactory.Instance);
        var btc = new Recorder();
        pool.Follow(Btc, btc);
        await btc.UntilState(LinkState.Live);
        var first = pool.LastByteAt;
        await PoolReconnectTests.Eventually(() => pool.LastByteAt > first + TimeSpan.FromSeconds(4));
        Assert.Equal(1, indexer.Accepted);
        Assert.Single(btc.Links);
    }

    [Fact]
    public async Task Over_TLS_frames_and_drained_come_from_the_one_reader_thread()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var indexer = await LoopbackIndexer.StartAsync(certificate: certificate);
        var tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true };
        var options = indexer.Options;
        await using var pool = new SocketPool(
            options,
            TimeProvider.System,
            NullLogger.Instance,
            (url, name) => new WebSocketWire(url, name, TimeProvider.System, NullLogger.Instance, tls),
            () => 0.5);
        var (btc, threads, drained) = (new Recorder(), new System.Collections.Concurrent.ConcurrentDictionary<string, bool>(), new TaskCompletionSource());
        btc.OnCall = call => threads.TryAdd($"{call.Split(' ')[0]} on {Thread.CurrentThread.Name}", true);
        pool.Drained += () =>
        {
            threads.TryAdd($"drained on {Thread.CurrentThread.Name}", true);
            if (threads.ContainsKey("data on tidegate s1"))
            {
                drained.TrySetResult();
            }
        };
        pool.Follow(Btc, btc);
        await btc.UntilState(LinkState.Live);
        await indexer.SayAsync(Update);
        await drained.Task.WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal("wss", indexer.Url.Scheme);
        Assert.All(threads.Keys, t => Assert.EndsWith("on tidegate s1", t, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Forty_books_take_a_second_socket()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        await using var pool = new SocketPool(indexer.Options, TimeProvider.System, NullLoggerFactory.Instance);
        var books = Enumerable.Range(0, 40).Select(i => new Recorder()).ToArray();
        for (var i = 0; i < books.Length; i++)
        {
            pool.Follow(new TopicKey(Channel.OrderBook, $"M{i}-USD"), books[i]);
        }

        for (var i = 0; i < books.Length; i++)
        {
            await books[i].UntilState(LinkState.Live);
            Assert.Contains($$"""subscribed {"of":"M{{i}}-USD"}""", books[i].Calls);
        }

        Assert.Equal(2, indexer.Accepted);
    }

    [Fact]
    public async Task Two_hundred_reconnects_leak_neither_memory_nor_threads_nor_handles()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        var options = indexer.Options with { InitialDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(2) };
        await using var pool = new SocketPool(options, TimeProvider.System, NullLoggerFactory.Instance);
        var btc = new Counter();
        pool.Follow(Btc, btc);
        var (heap, handles) = (new List<long>(), 0);
        for (var i = 0; i < 200; i++)
        {
            await btc.LiveAsync(i + 1);
            if (i % 20 == 19)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                GC.Collect();
                heap.Add(GC.GetTotalMemory(forceFullCollection: true));
                handles = i < 100 ? Handles() : handles;
            }

            indexer.DropAll();
        }

        Assert.True(heap[9] < heap[4] + 500_000, $"heap grew: {string.Join(' ', heap)}");
        await PoolReconnectTests.Eventually(() => Handles() <= handles + 8, $"handles grew from {handles}"); // the last sockets may be gone a little later
        Assert.True(pool.Sockets().Count <= 1);
    }

    private static int Handles() => Directory.GetFiles("/proc/self/fd").Length;

    private sealed class Counter : ISubscriber
    {
        private readonly SemaphoreSlim lives = new(0);
        private int seen;

        public async Task LiveAsync(int times)
        {
            while (seen < times)
            {
                Assert.True(await lives.WaitAsync(Patience));
                seen++;
            }
        }

        public void OnSubscribed(in FrameEnvelope frame, DateTimeOffset at)
        {
        }

        public void OnData(in FrameEnvelope frame, DateTimeOffset at)
        {
        }

        public void OnLink(LinkStatus status)
        {
            if (status.State == LinkState.Live)
            {
                lives.Release();
            }
        }
    }
}
