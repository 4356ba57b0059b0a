using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Sockets;

/// <summary>
/// One connection to the Indexer that keeps itself: it dials with back-off, subscribes anew after each loss, and hands every frame to the handlers of
/// its channel (protocol.md 1 and 2). For more subscriptions than one connection may hold there is <see cref="SocketPool"/>.
/// </summary>
/// <remarks>
/// Thread-safe. Synchronous handlers run on the reader thread and must not wait; asynchronous ones have a bounded queue of their own. Once it is over
/// (<see cref="ListenAsync"/> has completed) it is not opened again.
/// </remarks>
public sealed class IndexerSocket : IAsyncDisposable
{
    private readonly SocketPool pool;
    private readonly TimeProvider time;
    private readonly UpstreamOptions options;
    private readonly HandlerTable handlers;
    private readonly ConcurrentDictionary<TopicKey, Subscription> subscriptions = new();
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? closing;

    /// <summary>Makes a socket to the addresses of <paramref name="options"/>; nothing is dialled before <see cref="ConnectAsync"/>.</summary>
    public IndexerSocket(UpstreamOptions options, TimeProvider time, ILoggerFactory loggers)
        : this(options, time, loggers.CreateLogger<IndexerSocket>(), null, Random.Shared.NextDouble)
    {
    }

    internal IndexerSocket(UpstreamOptions options, TimeProvider time, ILogger logger, WireFactory? dial, Func<double> random)
    {
        (this.options, this.time) = (options, time);
        handlers = new HandlerTable(logger);
        pool = new SocketPool(options with { MaxSockets = 1 }, time, logger, dial, random) { Unclaimed = Deliver };
        pool.StateChanged += Changed;
    }

    /// <summary>Told of each change of state, in order. <see cref="SocketState.Exhausted"/> is the time to poll.</summary>
    public event Action<SocketState>? StateChanged;

    /// <summary>Whether bytes came from the Indexer within <see cref="UpstreamOptions.StaleAfter"/> over a socket that is up.</summary>
    public bool IsHealthy => pool.State is SocketState.Connected or SocketState.Streaming
        && pool.LastByteAt is { } last && time.GetUtcNow() - last < options.StaleAfter;

    /// <summary>Dials until a connection is up, with back-off and without end; the reader runs from then on.</summary>
    /// <exception cref="UpstreamBlockedException">Refused for good.</exception>
    /// <exception cref="ObjectDisposedException">It was disconnected.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        pool.Start();
        while (true)
        {
            var next = settled.Task; // taken before the look at the state: no change falls in between
            switch (pool.State)
            {
                case SocketState.Connected or SocketState.Streaming:
                    return;
                case SocketState.Blocked:
                    throw new UpstreamBlockedException(pool.RoadStatus.Reason ?? LinkReasons.Geo);
                case SocketState.Closed:
                    throw new ObjectDisposedException(nameof(IndexerSocket));
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Closes gracefully, for good. Idempotent: later calls await the same end.</summary>
    public Task DisconnectAsync()
    {
        lock (handlers)
        {
            return closing ??= CloseAsync();
        }
    }

    /// <summary>Subscribes, and stays subscribed through losses. Completes when the Indexer has answered with the snapshot.</summary>
    /// <exception cref="SubscriptionRefusedException">The Indexer refused.</exception>
    /// <exception cref="InvalidOperationException">It is subscribed already.</exception>
    public async Task SubscribeAsync(Channel channel, string id, CancellationToken cancellationToken)
    {
        var topic = new TopicKey(channel, channel.TakesId() ? id : "");
        var subscription = new Subscription(this, topic);
        if (!subscriptions.TryAdd(topic, subscription))
        {
            throw new InvalidOperationException($"{topic} is subscribed already");
        }

        try
        {
            subscription.Following = pool.Follow(topic, subscription);
            await subscription.Answer.WaitAsync(cancellationToken);
        }
        catch
        {
            subscriptions.TryRemove(topic, out _);
            subscription.Following?.Dispose();
            throw;
        }
    }

    /// <summary>Unsubscribes; waits first for the answer to a pending subscribe, for the Indexer would keep the subscription otherwise (protocol.md 1).</summary>
    public async Task UnsubscribeAsync(Channel channel, string id, CancellationToken cancellationToken)
    {
        var topic = new TopicKey(channel, channel.TakesId() ? id : "");
        if (!subscriptions.TryGetValue(topic, out var subscription))
        {
            return;
        }

        await subscription.Answer.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        subscriptions.TryRemove(new(topic, subscription));
        subscription.Following?.Dispose();
    }

    /// <summary>Completes when it is over for good: by <see cref="DisconnectAsync"/>, by a block, or by cancellation, which disconnects.</summary>
    /// <exception cref="UpstreamBlockedException">Refused for geographic or compliance reasons.</exception>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await over.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await DisconnectAsync();
        }
    }

    /// <summary>Registers a handler that runs on the reader thread; it must not wait. Disposing the result removes it.</summary>
    public IDisposable RegisterHandler(Channel channel, Action<IndexerMessage> handler) => handlers.Add(channel.WireName(), handler);

    /// <summary>As the other one, by the channel's name on the wire: for channels that this library does not know.</summary>
    public IDisposable RegisterHandler(string channel, Action<IndexerMessage> handler) => handlers.Add(channel, handler);

    /// <summary>
    /// Registers a handler with a queue of its own, drained in order. One that falls 1024 messages behind is removed with an error logged; the others
    /// go on. Its token is cancelled when it is removed.
    /// </summary>
    public IDisposable RegisterHandler(Channel channel, Func<IndexerMessage, CancellationToken, ValueTask> handler) => handlers.Add(channel.WireName(), handler);

    /// <summary>As the other one, by the channel's name on the wire.</summary>
    public IDisposable RegisterHandler(string channel, Func<IndexerMessage, CancellationToken, ValueTask> handler) => handlers.Add(channel, handler);

    /// <summary>Where it stands.</summary>
    public SocketStatus GetStatus()
    {
        var road = pool.RoadStatus;
        return new SocketStatus(
            road.State,
            road.Since,
            pool.CurrentUrl,
            road.Attempt,
            road.Next,
            road.Reason,
            pool.LastByteAt,
            pool.ReconnectCount,
            pool.DroppedFrames,
            handlers.Failures,
            handlers.Count,
            subscriptions.ToDictionary(s => s.Key, s => s.Value.Status));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await DisconnectAsync();

    private async Task CloseAsync()
    {
        await pool.DisposeAsync();
        handlers.Clear();
        foreach (var subscription in subscriptions.Values)
        {
            subscription.Over();
        }

        Settle();
        over.TrySetResult();
    }

    private void Changed(SocketState state)
    {
        if (state == SocketState.Blocked)
        {
            over.TrySetException(new UpstreamBlockedException(pool.RoadStatus.Reason ?? LinkReasons.Geo));
            _ = over.Task.Exception; // nobody may be listening: seen
        }

        Settle();
        StateChanged?.Invoke(state);
    }

    /// <summary>Wakes those who wait for a state, and makes a new thing to wait for.</summary>
    private void Settle() =>
        Interlocked.Exchange(ref settled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private void Deliver(in FrameEnvelope frame, DateTimeOffset at)
    {
        var channel = frame.Channel is { } known ? known.WireName() : System.Text.Encoding.UTF8.GetString(frame.ChannelName);
        if (handlers.Wants(channel))
        {
            handlers.Deliver(IndexerMessage.From(frame, at));
        }
    }

    private sealed class Subscription(IndexerSocket socket, TopicKey topic) : ISubscriber
    {
        private readonly TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IDisposable? Following { get; set; }

        public Task Answer => answer.Task;

        public LinkStatus Status { get; private set; } = new(LinkState.Waiting, socket.time.GetUtcNow());

        public void OnSubscribed(in FrameEnvelope frame, DateTimeOffset at) => socket.Deliver(frame, at);

        public void OnData(in FrameEnvelope frame, DateTimeOffset at) => socket.Deliver(frame, at);

        public void OnLink(LinkStatus status)
        {
            Status = status;
            if (status.State == LinkState.Live)
            {
                answer.TrySetResult();
            }
            else if (status.State is LinkState.Blocked or LinkState.UnknownId or LinkState.Refused or LinkState.Full)
            {
                var text = socket.pool.RefusalOf(topic) ?? status.Reason;
                answer.TrySetException(new SubscriptionRefusedException(topic, status.State, $"{topic}: {text}"));
                _ = answer.Task.Exception; // nobody may be waiting for it: seen
            }
        }

        public void Over()
        {
            answer.TrySetException(new ObjectDisposedException(nameof(IndexerSocket)));
            _ = answer.Task.Exception; // nobody may be waiting for it: seen
        }
    }
}
