using System.Net.Sockets;

namespace Tidegate.Bench.Relay;

/// <summary>
/// The clients, in a process of their own: 50 sockets, each following 4 of the 20 topics, one thread over epoll. Time is taken when the bytes have been
/// received, before they are looked at. Told by lines on standard input: <c>begin</c>, <c>end</c>; the input's end ends it.
/// </summary>
internal static class LoadClients
{
    public const int Count = 50;
    public const int TopicsEach = 4;

    private static readonly Socket[] Sockets = new Socket[Count];
    private static readonly byte[][] Buffers = new byte[Count][];
    private static readonly int[] Filled = new int[Count];
    private static readonly long[] Last = new long[Count * Marker.Topics];
    private static readonly long[] Samples = new long[4_000_000];
    private static int taken;
    private static long missed;

    public static int Run(string target, int port)
    {
        var poll = Linux.OpenPoll();
        Array.Fill(Last, -1);
        for (var client = 0; client < Count; client++)
        {
            Buffers[client] = new byte[256 * 1024];
            var topics = Enumerable.Range(0, TopicsEach).Select(i => (client + (i * Marker.Topics / TopicsEach)) % Marker.Topics).ToArray();
            var socket = Sockets[client] = Wire.Connect(port);
            if (target == "relay")
            {
                Wire.Upgrade(socket, "/?t=" + string.Join(',', topics));
            }
            else
            {
                Wire.Upgrade(socket, "/ws/dashboard?subscribe=none");
                foreach (var topic in topics)
                {
                    socket.Send(Wire.Masked($"{{\"type\":\"subscribe\",\"channel\":\"v4_trades\",\"id\":\"T{topic}-USD\"}}"));
                }
            }

            Linux.Watch(poll, (int)socket.Handle, client);
        }

        new Thread(() => ReceiveAll(poll)) { IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            if (line == "begin")
            {
                (taken, missed) = (0, 0);
                Console.WriteLine("begun");
            }
            else
            {
                Console.WriteLine(Summary());
            }
        }

        return 0;
    }

    private static string Summary()
    {
        var count = Volatile.Read(ref taken);
        var sorted = Samples.AsSpan(0, count).ToArray();
        Array.Sort(sorted);
        double At(double share) => count == 0 ? 0 : sorted[Math.Min(count - 1, (int)(count * share))] / 1e6;
        return string.Create(Report.Culture, $"{count} {missed} {At(0.5)} {At(0.99)} {At(0.999)} {At(1)}");
    }

    private static void ReceiveAll(int poll)
    {
        var ready = new int[64];
        while (true)
        {
            var count = Linux.Wait(poll, ready, -1);
            for (var i = 0; i < count; i++)
            {
                Receive(ready[i]);
            }
        }
    }

    private static void Receive(int client)
    {
        var buffer = Buffers[client];
        var read = Sockets[client].Receive(buffer.AsSpan(Filled[client]));
        var now = Linux.Now();
        if (read <= 0)
        {
            Console.Error.WriteLine($"client {client} was closed");
            Environment.Exit(1);
        }

        var filled = Filled[client] + read;
        var at = 0;
        while (Wire.TryFrame(buffer.AsSpan(at, filled - at), out var length, out var payload))
        {
            var data = buffer.AsSpan(at + payload, length - payload);
            if ((buffer[at] & 15) == Wire.Ping)
            {
                Sockets[client].Send(Wire.PongOf(data));
            }
            else if (Marker.TryRead(data, out var time, out var number))
            {
                Take(client, now - time, number);
            }

            at += length;
        }

        buffer.AsSpan(at, filled - at).CopyTo(buffer);
        Filled[client] = filled - at;
    }

    // Each topic's numbers rise by the number of topics.
    private static void Take(int client, long latency, long number)
    {
        ref var last = ref Last[(client * Marker.Topics) + (int)(number % Marker.Topics)];
        missed += last >= 0 && number != last + Marker.Topics ? 1 : 0;
        last = number;
        Samples[taken] = latency;
        Volatile.Write(ref taken, taken + 1);
    }
}
