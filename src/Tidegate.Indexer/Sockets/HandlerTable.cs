using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Tidegate.Indexer.Sockets;

/// <summary>The handlers of an <see cref="IndexerSocket"/>, by channel name.</summary>
/// <remarks>Thread-safe. The lists are replaced, never changed: a reader goes through the one it found.</remarks>
internal sealed class HandlerTable(ILogger logger)
{
    /// <summary>How many messages an asynchronous handler may be behind.</summary>
    public const int MostQueued = 1024;

    private readonly Lock gate = new();
    private volatile Dictionary<string, Handler[]> byChannel = new(StringComparer.Ordinal);
    private long failures;

    public long Failures => Interlocked.Read(ref failures);

    public int Count => byChannel.Values.Sum(h => h.Length);

    public IDisposable Add(string channel, Action<IndexerMessage> handle) => Add(new Handler(this, channel, handle, null));

    public IDisposable Add(string channel, Func<IndexerMessage, CancellationToken, ValueTask> handle)
    {
        var handler = new Handler(this, channel, null, handle);
        _ = handler.DrainAsync();
        return Add(handler);
    }

    public bool Wants(string channel) => byChannel.ContainsKey(channel);

    /// <summary>Hands a message to all handlers of its channel. Never waits for an asynchronous one.</summary>
    public void Deliver(IndexerMessage message)
    {
        foreach (var handler in byChannel.GetValueOrDefault(message.ChannelName) ?? [])
        {
            handler.Deliver(message);
        }
    }

    public void Clear()
    {
        foreach (var handler in byChannel.Values.SelectMany(h => h).ToArray())
        {
            handler.Dispose();
        }
    }

    private Handler Add(Handler handler)
    {
        lock (gate)
        {
            var list = byChannel.GetValueOrDefault(handler.Channel) ?? [];
            byChannel = new(byChannel, StringComparer.Ordinal) { [handler.Channel] = [.. list, handler] };
        }

        return handler;
    }

    private void Remove(Handler handler)
    {
        lock (gate)
        {
            var rest = (byChannel.GetValueOrDefault(handler.Channel) ?? []).Where(h => h != handler).ToArray();
            var next = new Dictionary<string, Handler[]>(byChannel, StringComparer.Ordinal) { [handler.Channel] = rest };
            if (rest.Length == 0)
            {
                next.Remove(handler.Channel);
            }

            byChannel = next;
        }
    }

    private void FellBehind(string channel) => SocketLog.HandlerRemoved(logger, channel, MostQueued);

    private void Failed(string channel, Exception error)
    {
        Interlocked.Increment(ref failures);
        SocketLog.HandlerFailed(logger, channel, error);
    }

    private sealed class Handler(
        HandlerTable table,
        string channel,
        Action<IndexerMessage>? now,
        Func<IndexerMessage, CancellationToken, ValueTask>? later) : IDisposable
    {
        private readonly Channel<IndexerMessage>? queue = later is null
            ? null
            : System.Threading.Channels.Channel.CreateBounded<IndexerMessage>(new BoundedChannelOptions(MostQueued) { SingleReader = true });

        private readonly CancellationTokenSource removed = new();
        private int gone;

        public string Channel { get; } = channel;

        public void Deliver(IndexerMessage message)
        {
            if (Volatile.Read(ref gone) != 0)
            {
                return;
            }

            if (queue is not null)
            {
                if (!queue.Writer.TryWrite(message) && Volatile.Read(ref gone) == 0)
                {
                    table.FellBehind(Channel);
                    Dispose();
                }

                return;
            }

            try
            {
                now!(message);
            }
#pragma warning disable CA1031 // the edge of a handler: contained here
            catch (Exception e)
            {
                table.Failed(Channel, e);
            }
#pragma warning restore CA1031
        }

        public async Task DrainAsync()
        {
            await foreach (var message in queue!.Reader.ReadAllAsync())
            {
                if (removed.IsCancellationRequested)
                {
                    return;
                }

                try
                {
                    await later!(message, removed.Token);
                }
#pragma warning disable CA1031 // the edge of a handler: contained here
                catch (Exception e)
                {
                    if (!removed.IsCancellationRequested)
                    {
                        table.Failed(Channel, e);
                    }
                }
#pragma warning restore CA1031
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref gone, 1) != 0)
            {
                return;
            }

            table.Remove(this);
            queue?.Writer.TryComplete();

            // On the pool: what a handler does when cancelled must not run on the reader thread.
            _ = removed.CancelAsync();
        }
    }
}
