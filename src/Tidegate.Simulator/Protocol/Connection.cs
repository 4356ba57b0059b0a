using System.Buffers;
using System.Text;
using System.Threading.Channels;
using Tidegate.Simulator.Shapes;

namespace Tidegate.Simulator.Protocol;

/// <summary>One client's socket: numbers its messages, writes them from one queue, keeps it alive, and ends it.</summary>
/// <remarks>Any thread may send; one task reads, one writes. A client that reads too slowly for its queue is cut off.</remarks>
internal sealed class Connection : IDisposable
{
    private const int WriteAtOnce = 256 * 1024;
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly Stream stream;
    private readonly Action abort;
    private readonly TimeProvider time;
    private readonly SimulatorOptions options;
    private readonly Channel<Outgoing> queue;
    private readonly Lock gate = new();
    private readonly Heading connected, subscribed, unsubscribed, data, batch;
    private ITimer? heartbeat, deadline;
    private int number = -1;
    private bool closing;

    public Connection(Stream stream, Action abort, TimeProvider time, SimulatorOptions options, bool mute)
    {
        (this.stream, this.abort, this.time, this.options, Mute) = (stream, abort, time, options, mute);
        queue = Channel.CreateBounded<Outgoing>(new BoundedChannelOptions(options.QueueFrames) { SingleReader = true });
        Id = Guid.NewGuid().ToString("D");
        (connected, subscribed, unsubscribed) = (new("connected", Id), new("subscribed", Id), new("unsubscribed", Id));
        (data, batch) = (new("channel_data", Id), new("channel_batch_data", Id));
    }

    public string Id { get; }

    /// <summary>How many were accepted up to this one.</summary>
    public long Place { get; init; }

    /// <summary>Neither a frame nor a pong nor a close goes out any more, nor is anything noticed.</summary>
    public bool Mute { get; set; }

    /// <summary>Subscriptions and those still in flight, by topic.</summary>
    public Dictionary<(string Channel, string Id), int> Held { get; } = [];

    /// <summary>Subscribe attempts of the running second, by topic.</summary>
    public Dictionary<(string Channel, string Id), (DateTimeOffset From, int Count)> Attempts { get; } = [];

    /// <summary>Invalid messages of the running second.</summary>
    public (DateTimeOffset From, int Count) Invalid { get; set; }

    public bool Closing => closing;

    /// <summary>Reads until the peer or the server ends it; each message goes to the handler, in order.</summary>
    public async Task RunAsync(Action<Connection, byte[]> handle, CancellationToken ct)
    {
        Send(connected, "}"u8.ToArray());
        heartbeat = time.CreateTimer(_ => Beat(), null, options.HeartbeatInterval, options.HeartbeatInterval);
        var writing = WriteAsync(ct);
        try
        {
            await ReadAsync(handle, ct);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The peer vanished: what a client sees as 1006 has no more to it here.
        }
        finally
        {
            closing = true;
            queue.Writer.TryComplete();
            await writing;
            Dispose();
        }
    }

    /// <summary>The next number: taken when a subscribe arrives, and for each frame that is sent.</summary>
    public int TakeNumber()
    {
        lock (gate) return ++number;
    }

    public void SendUpdate(ReadOnlyMemory<byte> tail) => Send(data, tail);

    public void SendBatch(ReadOnlyMemory<byte> tail) => Send(batch, tail);

    public void SendUnsubscribed(ReadOnlyMemory<byte> tail) => Send(unsubscribed, tail);

    /// <summary>A snapshot, under the number that its request took.</summary>
    public void SendSubscribed(int taken, ReadOnlyMemory<byte> tail) => Enqueue(new Outgoing(FrameKind.Text, subscribed, taken, tail));

    /// <summary>An error: under the request's number, or repeating the current one.</summary>
    public void SendError(string message, int? taken = null, string? channel = null, string? id = null)
    {
        lock (gate)
        {
            var shown = taken ?? Math.Max(0, number);
            Enqueue(Outgoing.Raw(Json.Of(json =>
            {
                json.WriteStartObject();
                json.WriteString("type", "error");
                json.WriteString("message", message);
                json.WriteString("connection_id", Id);
                json.WriteNumber("message_id", shown);
                if (channel is not null) json.WriteString("channel", channel);
                if (id is not null) json.WriteString("id", id);
                json.WriteEndObject();
            })));
        }
    }

    public void SendRaw(string text) => Enqueue(Outgoing.Raw(Encoding.UTF8.GetBytes(text)));

    /// <summary>Closes after what is queued; the peer has two seconds to answer.</summary>
    public void Close(int code, string reason)
    {
        lock (gate)
        {
            if (closing || Mute) return;
            Enqueue(Outgoing.Close(code, reason));
            closing = true;
            deadline = time.CreateTimer(_ => abort(), null, CloseTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    public void Abort() => abort();

    public void Dispose()
    {
        heartbeat?.Dispose();
        deadline?.Dispose();
    }

    private void Send(Heading heading, ReadOnlyMemory<byte> tail)
    {
        lock (gate) Enqueue(new Outgoing(FrameKind.Text, heading, ++number, tail));
    }

    private void Enqueue(Outgoing frame)
    {
        if (closing || Mute) return;
        if (!queue.Writer.TryWrite(frame)) abort();
    }

    private async Task ReadAsync(Action<Connection, byte[]> handle, CancellationToken ct)
    {
        var reader = new FrameReader(stream);
        while (await reader.ReadAsync(ct) is { } frame)
        {
            if (Mute) continue;
            switch (frame.Kind)
            {
                case FrameKind.Text when !closing:
                    handle(this, frame.Payload);
                    break;
                case FrameKind.Ping:
                    Enqueue(new Outgoing(FrameKind.Pong, null, 0, frame.Payload));
                    break;
                case FrameKind.Pong when !closing:
                    deadline?.Dispose();
                    deadline = null;
                    break;
                case FrameKind.Close:
                    Enqueue(new Outgoing(FrameKind.Close, null, 0, frame.Payload.Length >= 2 ? frame.Payload.AsMemory(0, 2) : default));
                    return;
                default:
                    break;
            }
        }
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        try
        {
            while (await queue.Reader.WaitToReadAsync(ct))
            {
                buffer.ResetWrittenCount();
                while (buffer.WrittenCount < WriteAtOnce && queue.Reader.TryRead(out var frame)) frame.WriteTo(buffer);
                if (!Mute) await stream.WriteAsync(buffer.WrittenMemory, ct);
                if (buffer.Capacity > 4 * WriteAtOnce) buffer = new ArrayBufferWriter<byte>(4096);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            abort();
        }
    }

    private void Beat()
    {
        lock (gate)
        {
            if (closing || Mute) return;
            Enqueue(new Outgoing(FrameKind.Ping, null, 0, default));
            deadline?.Dispose();
            deadline = time.CreateTimer(_ => Close(1011, "Heartbeat timeout"), null, options.HeartbeatTimeout, Timeout.InfiniteTimeSpan);
        }
    }
}
