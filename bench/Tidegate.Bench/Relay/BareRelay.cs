using System.Buffers.Text;
using System.Net.Sockets;

namespace Tidegate.Bench.Relay;

/// <summary>
/// The yardstick: the least that a relay can do. One thread blocks in the upstream's read, passes the frames on unchanged, and gives each client all
/// that is there for it in one send. It parses nothing, numbers nothing, keeps nothing and waits for whoever is slow.
/// </summary>
internal static class BareRelay
{
    private sealed class Client(Socket socket)
    {
        private byte[] pending = new byte[64 * 1024];
        private int length;

        public bool IsDue => length > 0;

        public void Add(ReadOnlySpan<byte> frame)
        {
            if (length + frame.Length > pending.Length)
            {
                Array.Resize(ref pending, (length + frame.Length) * 2);
            }

            frame.CopyTo(pending.AsSpan(length));
            length += frame.Length;
        }

        public void Flush()
        {
            for (var sent = 0; sent < length;)
            {
                sent += socket.Send(pending.AsSpan(sent, length - sent));
            }

            length = 0;
        }
    }

    public static int Run(int upstreamPort, int port)
    {
        var followers = new Client[Marker.Topics][];
        Array.Fill(followers, []);
        using var upstream = Wire.Connect(upstreamPort);
        Wire.Upgrade(upstream, "/v4/ws");
        for (var topic = 0; topic < Marker.Topics; topic++)
        {
            upstream.Send(Wire.Masked($"{{\"type\":\"subscribe\",\"channel\":\"v4_trades\",\"id\":\"T{topic}-USD\"}}"));
        }

        using var listener = Wire.Listen(port);
        new Thread(() => AcceptAll(listener, followers)) { IsBackground = true }.Start();
        try
        {
            Pump(upstream, followers);
        }
        catch (SocketException)
        {
            // A client or the source left: the bench is over.
        }

        return 0;
    }

    private static void AcceptAll(Socket listener, Client[][] followers)
    {
        while (true)
        {
            var socket = listener.Accept();
            socket.NoDelay = true;
            var head = Wire.ReadHead(socket);
            Wire.Accept(socket, head);
            var client = new Client(socket);
            foreach (var topic in head.Split(' ')[1].Split('=')[1].Split(',').Select(text => int.Parse(text, Report.Culture)))
            {
                Volatile.Write(ref followers[topic], [.. followers[topic], client]);
            }
        }
    }

    private static void Pump(Socket upstream, Client[][] followers)
    {
        var buffer = new byte[1024 * 1024];
        var due = new List<Client>();
        var filled = 0;
        for (int read; (read = upstream.Receive(buffer.AsSpan(filled))) > 0;)
        {
            filled += read;
            var at = 0;
            while (Wire.TryFrame(buffer.AsSpan(at, filled - at), out var length, out _))
            {
                var frame = buffer.AsSpan(at, length);
                at += length;
                if (frame[..Math.Min(40, length)].IndexOf("channel_data"u8) >= 0)
                {
                    foreach (var client in Volatile.Read(ref followers[TopicOf(frame)]))
                    {
                        if (!client.IsDue)
                        {
                            due.Add(client);
                        }

                        client.Add(frame);
                    }
                }
            }

            foreach (var client in due)
            {
                client.Flush();
            }

            due.Clear();
            buffer.AsSpan(at, filled - at).CopyTo(buffer);
            filled -= at;
        }
    }

    private static int TopicOf(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> before = "\"id\":\"T"u8;
        _ = Utf8Parser.TryParse(frame[(frame.IndexOf(before) + before.Length)..], out int topic, out _);
        return topic;
    }
}
