using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Tests.Sockets;

public sealed class IndexerSocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_subscribe_listen_in_this_order_brings_snapshot_and_updates_to_the_handlers()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        await using var socket = Socket(indexer);
        var (first, second) = (new TaskCompletionSource<IndexerMessage>(), new TaskCompletionSource<IndexerMessage>());
        using var _ = socket.RegisterHandler(Channel.Trades, m => (m.Type == FrameType.Subscribed ? first : second).TrySetResult(m));
        await socket.ConnectAsync(Stop);
        await socket.SubscribeAsync(Channel.Trades, "BTC-USD", Stop);
        var listening = socket.ListenAsync(Stop);
        await indexer.SayAsync("""{"type":"channel_data","id":"BTC-USD","channel":"v4_trades","message_id":7,"version":"2.1.0","contents":{"trades":[{"id":"a","new_field":1}]}}""");
        var snapshot = await first.Task.WaitAsync(Stop);
        Assert.Equal("BTC-USD", snapshot.Contents.GetProperty("of").GetString());
        var update = await second.Task.WaitAsync(Stop);
        Assert.Equal((Channel.Trades, "v4_trades", "BTC-USD", 7L, "2.1.0"), (update.Channel, update.ChannelName, update.Id, update.MessageId, update.Version));
        Assert.Equal(1, update.Contents.GetProperty("trades")[0].GetProperty("new_field").GetInt32());
        Assert.True(socket.IsHealthy);
        var status = socket.GetStatus();
        Assert.Equal((SocketState.Streaming, 1, LinkState.Live), (status.State, status.HandlersRegistered, status.Subscriptions.Values.Single().State));
        await socket.DisconnectAsync();
        await socket.DisconnectAsync();
        await listening.WaitAsync(Patience, TimeProvider.System, Stop);
        Assert.False(socket.IsHealthy);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => socket.ConnectAsync(Stop));
    }

    [Fact]
    public async Task Connect_tries_until_the_server_is_there()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        indexer.Refusal = (502, "bad gateway");
        await using var socket = Socket(indexer);
        var tried = new TaskCompletionSource();
        socket.StateChanged += s => _ = s is SocketState.Reconnecting or SocketState.Exhausted && tried.TrySetResult();
        var connecting = socket.ConnectAsync(Stop);
        await tried.Task.WaitAsync(Stop);
        Assert.False(connecting.IsCompleted);
        indexer.Refusal = null;
        await connecting.WaitAsync(Patience, TimeProvider.System, Stop);
    }

    [Fact]
    public async Task A_refused_subscribe_throws_with_the_servers_words_and_the_connection_goes_on()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        var healthy = indexer.Answer;
        indexer.Answer = (c, id) => id == "NOPE-USD" ? $$"""{"type":"error","message":"Invalid subscription id for channel: ({{c}}-{{id}})","message_id":1}""" : healthy(c, id);
        await using var socket = Socket(indexer);
        await socket.ConnectAsync(Stop);
        var refused = await Assert.ThrowsAsync<SubscriptionRefusedException>(() => socket.SubscribeAsync(Channel.Trades, "NOPE-USD", Stop));
        Assert.Equal(LinkState.UnknownId, refused.State);
        Assert.Contains("Invalid subscription id", refused.Message, StringComparison.Ordinal);
        await socket.SubscribeAsync(Channel.Trades, "BTC-USD", Stop);
    }

    [Fact]
    public async Task A_block_ends_listening_with_its_reason()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        indexer.Refusal = (403, "Because you appear to be a resident of");
        await using var socket = Socket(indexer);
        Assert.Equal("compliance-blocked", (await Assert.ThrowsAsync<UpstreamBlockedException>(() => socket.ConnectAsync(Stop))).Reason);
        await Assert.ThrowsAsync<UpstreamBlockedException>(() => socket.ListenAsync(Stop));
    }

    [Fact]
    public async Task Cancelling_listen_ends_it_without_an_exception()
    {
        await using var indexer = await LoopbackIndexer.StartAsync();
        await using var socket = Socket(indexer);
        await socket.ConnectAsync(Stop);
        using var cancel = new CancellationTokenSource();
        var listening = socket.ListenAsync(cancel.Token);
        await cancel.CancelAsync();
        await listening.WaitAsync(Patience, TimeProvider.System, Stop);
        Assert.Equal(SocketState.Closed, socket.GetStatus().State);
    }

    [Fact]
    public async Task A_handler_that_throws_is_counted_and_the_others_and_the_connection_go_on()
    {
        await using var world = new SocketWorld();
        var heard = 0;
        world.Socket.RegisterHandler(Channel.OrderBook, _ => throw new InvalidOperationException("mine"));
        world.Socket.RegisterHandler(Channel.OrderBook, _ => heard++);
        await world.SubscribeBtcAsync();
        world.Net.Last.Data(PoolWorld.Btc);
        Assert.Equal(2, heard);
        Assert.Equal(2, world.Socket.GetStatus().HandlerFailures);
        Assert.False(world.Net.Last.IsOver);
    }

    [Fact]
    public async Task An_asynchronous_handler_hears_in_order_and_is_removed_when_it_falls_behind_the_others_go_on()
    {
        await using var world = new SocketWorld();
        var (door, removed, sync, all) = (new TaskCompletionSource(), new TaskCompletionSource(), 0, new TaskCompletionSource());
        var order = new List<int>();
        world.Socket.RegisterHandler(Channel.OrderBook, async (_, token) =>
        {
            await using var gone = token.Register(removed.SetResult);
            await door.Task;
        });
        world.Socket.RegisterHandler(Channel.OrderBook, async (m, _) =>
        {
            await Task.Yield();
            if (m.Contents.TryGetProperty("n", out var n))
            {
                order.Add(n.GetInt32());
                if (order.Count == 500)
                {
                    all.SetResult();
                }
            }
        });
        world.Socket.RegisterHandler(Channel.OrderBook, _ => sync++);
        await world.SubscribeBtcAsync();
        for (var i = 0; i < 500; i++)
        {
            world.Net.Last.Data(PoolWorld.Btc, $$"""{"n":{{i}}}""");
        }

        await all.Task.WaitAsync(Patience, TimeProvider.System, Stop);
        Assert.Equal(Enumerable.Range(0, 500), order);
        Assert.Equal(3, world.Socket.GetStatus().HandlersRegistered);
        for (var i = 0; i < 600; i++)
        {
            world.Net.Last.Data(PoolWorld.Btc);
        }

        await removed.Task.WaitAsync(Patience, TimeProvider.System, Stop);
        Assert.Equal(2, world.Socket.GetStatus().HandlersRegistered);
        Assert.Equal(1101, sync);
        door.SetResult();
    }

    [Fact]
    public async Task Unsubscribe_waits_for_the_pending_answer()
    {
        await using var world = new SocketWorld();
        world.Net.OnSent = (_, _) => { };
        await world.Socket.ConnectAsync(Stop);
        var subscribing = world.Socket.SubscribeAsync(Channel.OrderBook, "BTC-USD", Stop);
        var leaving = world.Socket.UnsubscribeAsync(Channel.OrderBook, "BTC-USD", Stop);
        Assert.Equal(["subscribe v4_orderbook BTC-USD"], world.Net.Last.Sent);
        Assert.False(leaving.IsCompleted);
        world.Net.Last.Subscribed(PoolWorld.Btc);
        await subscribing.WaitAsync(Stop);
        await leaving.WaitAsync(Stop);
        Assert.Equal("unsubscribe v4_orderbook BTC-USD", world.Net.Last.Sent[^1]);
    }

    [Fact]
    public async Task The_state_tells_when_it_is_time_to_poll()
    {
        await using var world = new SocketWorld();
        world.Net.OnOpen = FakeNet.Refuse;
        var exhausted = new TaskCompletionSource();
        world.Socket.StateChanged += s =>
        {
            if (s == SocketState.Exhausted)
            {
                exhausted.TrySetResult();
            }
        };
        var connecting = world.Socket.ConnectAsync(Stop);
        for (var i = 0; i < 40; i++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await exhausted.Task.WaitAsync(Patience, TimeProvider.System, Stop);
        Assert.Equal(5, world.Socket.GetStatus().Attempt);
        world.Net.OnOpen = _ => Task.CompletedTask;
        world.Time.Advance(TimeSpan.FromSeconds(20));
        await connecting.WaitAsync(Patience, TimeProvider.System, Stop);
    }

    [Fact]
    public async Task Frames_of_channels_that_we_do_not_know_reach_handlers_by_name()
    {
        await using var world = new SocketWorld();
        IndexerMessage? heard = null;
        world.Socket.RegisterHandler("v4_orders", m => heard = m);
        await world.SubscribeBtcAsync();
        world.Net.Last.Say("""{"type":"channel_data","channel":"v4_orders","id":"a/0","contents":{"orders":[]}}""");
        Assert.Equal(("v4_orders", "a/0", (Channel?)null), (heard!.ChannelName, heard.Id, heard.Channel));
    }

    private static IndexerSocket Socket(LoopbackIndexer indexer) => new(indexer.Options, TimeProvider.System, NullLoggerFactory.Instance);

    private sealed class SocketWorld : IAsyncDisposable
    {
        public SocketWorld()
        {
            Net = new FakeNet(Time);
            Net.AnswerAll();
            Socket = new IndexerSocket(new UpstreamOptions { Endpoints = [PoolWorld.Endpoint("one")] }, Time, NullLogger.Instance, Net.Dial, () => 0.5);
        }

        public Microsoft.Extensions.Time.Testing.FakeTimeProvider Time { get; } = new();

        public FakeNet Net { get; }

        public IndexerSocket Socket { get; }

        public async Task SubscribeBtcAsync()
        {
            await Socket.ConnectAsync(Stop);
            await Socket.SubscribeAsync(Channel.OrderBook, "BTC-USD", Stop);
        }

        public ValueTask DisposeAsync() => Socket.DisposeAsync();
    }
}
