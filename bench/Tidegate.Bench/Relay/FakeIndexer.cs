using System.Buffers;
using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Tidegate.Bench.Relay;

/// <summary>
/// The source: as much of the Indexer as a gateway needs to follow some tapes, and a writer of trades with time markers in their ids. It does
/// nothing but write ready bytes to a socket, so that the time measured is the gateway's.
/// </summary>
internal sealed class FakeIndexer : IDisposable
{
    private const long FirstHeight = 1_000_000;

    // Ten thousand ids are remembered of a topic: what is older than the oldest of them, by its height, counts as seen.
    private const int TradesABlock = 1000;
    private readonly Socket listener = Wire.Listen(0);
    private readonly Socket?[] followers;
    private readonly byte[][] frames;
    private readonly int[] markers;
    private readonly int[] heights;
    private readonly Dictionary<Socket, ArrayBufferWriter<byte>> pending = [];
    private readonly Lock writing = new();
    private readonly Timer blocks;
    private Socket? blockFollower;
    private long height = FirstHeight;
    private byte[] burst = [];
    private long number;

    public FakeIndexer(int topics = Marker.Topics)
    {
        (followers, frames, markers, heights) = (new Socket?[topics], new byte[topics][], new int[topics], new int[topics]);
        for (var topic = 0; topic < topics; topic++)
        {
            frames[topic] = Wire.Frame(TradeFrame(topic));
            markers[topic] = frames[topic].AsSpan().IndexOf(Marker.Mark);
            heights[topic] = frames[topic].AsSpan().IndexOf("\"1000000\""u8) + 1;
        }

        Port = Wire.PortOf(listener);
        new Thread(AcceptAll) { IsBackground = true, Name = "indexer" }.Start();
        blocks = new Timer(_ => TellBlock(), null, 1000, 1000);
    }

    public int Port { get; }

    /// <summary>A frame with one trade, its marker still empty.</summary>
    public static string TradeFrame(int topic) =>
        $"{{\"type\":\"channel_data\",\"connection_id\":\"3d9a2f1c-8b7e-4c1d-9e52-6f0a1b2c3d4e\",\"message_id\":1000,\"id\":\"T{topic}-USD\",\"channel\":\"v4_trades\",\"version\":\"2.1.0\","
        + $"\"contents\":{{\"trades\":[{{\"id\":\"{Marker.Empty}\",\"size\":\"0.0125\",\"price\":\"43210.5\",\"side\":\"BUY\",\"createdAt\":\"2026-01-01T00:00:00.000Z\",\"createdAtHeight\":\"1000000\",\"type\":\"LIMIT\"}}]}}}}";

    /// <summary>Tapes that somebody has subscribed to.</summary>
    public int Followed => followers.Count(follower => follower is not null);

    /// <summary>Frames written so far.</summary>
    public long Written => number;

    /// <summary>One trade, on the next topic in turn.</summary>
    public void Trade()
    {
        var topic = (int)(number % frames.Length);
        var frame = frames[topic];
        lock (writing)
        {
            Stamp(frame, topic, Linux.Now());
            Send(followers[topic]!, frame);
        }
    }

    /// <summary>Many trades at once, all topics in turn, as a block brings them. All carry the time at which the write began.</summary>
    public void Burst(int count)
    {
        var size = Enumerable.Range(0, count).Sum(i => frames[(number + i) % frames.Length].Length);
        burst = burst.Length >= size ? burst : new byte[size];
        var at = 0;
        lock (writing)
        {
            var first = number;
            for (var i = 0; i < count; i++)
            {
                var frame = frames[(first + i) % frames.Length];
                frame.CopyTo(burst, at);
                at += frame.Length;
            }

            at = 0;
            var now = Linux.Now();
            for (var i = 0; i < count; i++)
            {
                var topic = (int)((first + i) % frames.Length);
                Stamp(burst.AsSpan(at), topic, now);
                at += frames[topic].Length;
            }

            Send(followers[0]!, burst.AsSpan(0, at));
        }
    }

    /// <summary>Trades that carry the markers of somebody else, by topic; one write to each upstream socket.</summary>
    public void Trades(IReadOnlyList<(int Topic, ReadOnlyMemory<byte> Marker)> trades)
    {
        lock (writing)
        {
            foreach (var (topic, marker) in trades)
            {
                if (followers[topic] is not { } follower)
                {
                    continue;
                }

                if (!pending.TryGetValue(follower, out var bytes))
                {
                    pending[follower] = bytes = new ArrayBufferWriter<byte>(64 * 1024);
                }

                var frame = bytes.GetSpan(frames[topic].Length)[..frames[topic].Length];
                frames[topic].CopyTo(frame);
                marker.Span.CopyTo(frame[markers[topic]..]);
                StampHeight(frame, topic);
                bytes.Advance(frame.Length);
            }

            foreach (var (follower, bytes) in pending)
            {
                Send(follower, bytes.WrittenSpan);
                bytes.ResetWrittenCount();
            }
        }
    }

    public void Dispose()
    {
        blocks.Dispose();
        listener.Dispose();
    }

    private void Stamp(Span<byte> frame, int topic, long time)
    {
        Marker.Write(frame[markers[topic]..], time, number);
        StampHeight(frame, topic);
    }

    private void StampHeight(Span<byte> frame, int topic) => Utf8Formatter.TryFormat(FirstHeight + (number++ / TradesABlock), frame[heights[topic]..], out _);

    private void AcceptAll()
    {
        try
        {
            while (true)
            {
                var socket = listener.Accept();
                socket.NoDelay = true;
                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The bench is over.
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            var head = Wire.ReadHead(socket);
            if (head.Contains("Upgrade: websocket", StringComparison.OrdinalIgnoreCase))
            {
                Wire.Accept(socket, head);
                Say(socket, "{\"type\":\"connected\",\"connection_id\":\"3d9a2f1c-8b7e-4c1d-9e52-6f0a1b2c3d4e\",\"message_id\":0}");
                Listen(socket);
            }
            else
            {
                Answer(socket, head.Split(' ').ElementAtOrDefault(1) ?? "");
            }
        }
        catch (SocketException)
        {
            // The peer left.
        }
        catch (ObjectDisposedException)
        {
            // The bench is over.
        }

        socket.Dispose();
    }

    private void Listen(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        for (int read; (read = socket.Receive(buffer.AsSpan(filled))) > 0;)
        {
            filled += read;
            var at = 0;
            while (Wire.TryFrame(buffer.AsSpan(at, filled - at), out var length, out var payload))
            {
                var data = buffer.AsSpan(at + payload, length - payload);
                var mask = buffer.AsSpan(at + payload - 4, 4);
                for (var i = 0; i < data.Length; i++)
                {
                    data[i] ^= mask[i % 4];
                }

                if ((buffer[at] & 15) == Wire.Text)
                {
                    Hear(socket, JsonDocument.Parse(data.ToArray()).RootElement);
                }

                at += length;
            }

            buffer.AsSpan(at, filled - at).CopyTo(buffer);
            filled -= at;
        }
    }

    private void Hear(Socket socket, JsonElement frame)
    {
        var channel = frame.GetProperty("channel").GetString()!;
        var id = frame.TryGetProperty("id", out var given) ? given.GetString()! : "";
        var about = id.Length > 0 ? $",\"channel\":\"{channel}\",\"id\":\"{id}\"" : $",\"channel\":\"{channel}\"";
        if (!string.Equals(frame.GetProperty("type").GetString(), "subscribe", StringComparison.Ordinal))
        {
            Say(socket, $"{{\"type\":\"unsubscribed\",\"connection_id\":\"c\",\"message_id\":1{about}}}");
            return;
        }

        Say(socket, $"{{\"type\":\"subscribed\",\"connection_id\":\"c\",\"message_id\":1{about},\"contents\":{Snapshot(channel)}}}");
        if (channel == "v4_trades")
        {
            Volatile.Write(ref followers[int.Parse(id.AsSpan(1, id.Length - 5), Report.Culture)], socket);
        }
        else if (channel == "v4_block_height")
        {
            blockFollower = socket;
        }
    }

    private string Snapshot(string channel) => channel switch
    {
        "v4_trades" => "{\"trades\":[]}",
        "v4_block_height" => $"{{\"height\":\"{height}\",\"time\":\"{Time()}\"}}",
        _ => "{\"markets\":{\"T0-USD\":{\"ticker\":\"T0-USD\",\"status\":\"ACTIVE\",\"oraclePrice\":\"43210.5\",\"clobPairId\":\"0\",\"atomicResolution\":-10,\"quantumConversionExponent\":-9,\"stepBaseQuantums\":1000000,\"subticksPerTick\":100000,\"tickSize\":\"1\",\"stepSize\":\"0.0001\",\"initialMarginFraction\":\"0.02\",\"maintenanceMarginFraction\":\"0.012\"}}}",
    };

    private void TellBlock()
    {
        height++;
        if (blockFollower is { } socket)
        {
            try
            {
                Say(socket, $"{{\"type\":\"channel_data\",\"connection_id\":\"c\",\"message_id\":1,\"channel\":\"v4_block_height\",\"version\":\"1.0.0\",\"contents\":{{\"blockHeight\":\"{height}\",\"time\":\"{Time()}\"}}}}");
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                blockFollower = null;
            }
        }
    }

    private void Answer(Socket socket, string path)
    {
        var body = path switch
        {
            _ when path.Contains("/height", StringComparison.Ordinal) => Snapshot("v4_block_height"),
            _ when path.Contains("/time", StringComparison.Ordinal) => $"{{\"iso\":\"{Time()}\",\"epoch\":{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0:0.000}}}",
            _ when path.Contains("/trades", StringComparison.Ordinal) => Snapshot("v4_trades"),
            _ => Snapshot("v4_markets"),
        };
        socket.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
    }

    private void Say(Socket socket, string text)
    {
        lock (writing)
        {
            Send(socket, Wire.Frame(text));
        }
    }

    private static string Time() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", Report.Culture);

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }
}
