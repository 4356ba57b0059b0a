using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Tidegate.Bench.Relay;

namespace Tidegate.Bench.Crowd;

/// <summary>
/// Many clients in a process of their own, one thread over epoll. Told by lines on standard input; each answered by one line:
/// <c>open COUNT PATH [FRAME]</c> connects so many at once and sends each the frame when its handshake is over; <c>upgraded</c> waits for that; <c>served TEXT N</c> waits until each
/// has had a frame with the text and N markers, in order; <c>stall N</c> lets the first N read no more; <c>begin</c> and <c>end</c> count deliveries;
/// <c>close</c> cuts all.
/// </summary>
internal static class CrowdClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly List<long> Latencies = [];
    private static Client[] clients = [];
    private static int poll;
    private static long lost;

    private sealed class Client(Socket socket)
    {
        public Socket Socket { get; } = socket;

        public byte[] Held { get; set; } = [];

        public bool Upgraded { get; set; }

        public bool Closed { get; set; }

        public long Last { get; set; } = -1;

        public int Markers { get; set; }

        public bool Told { get; set; }
    }

    public static int Run(int port)
    {
        var buffer = new byte[1 << 20];
        Console.WriteLine("ready");
        var said = ReadLines();
        var ready = new int[64];
        poll = Linux.OpenPoll();
        byte[] frame = [];
        byte[] awaited = [];
        (int Markers, long Until) wait = (0, 0);
        while (true)
        {
            if (said.TryDequeue(out var line))
            {
                var words = line.Split(' ', 4);
                switch (words[0])
                {
                    case "open":
                        frame = words.Length > 3 ? Wire.Masked(words[3]) : [];
                        Open(port, int.Parse(words[1], CultureInfo.InvariantCulture), words[2]);
                        continue; // answered by "served"
                    case "served":
                        awaited = Encoding.ASCII.GetBytes(words[1]);
                        wait = (int.Parse(words[2], CultureInfo.InvariantCulture), Linux.Now() + (long)Patience.TotalNanoseconds);
                        break;
                    case "upgraded":
                        wait = (-1, Linux.Now() + (long)Patience.TotalNanoseconds);
                        break;
                    case "stall":
                        Array.ForEach(clients[..int.Parse(words[1], CultureInfo.InvariantCulture)], client => Linux.Unwatch(poll, (int)client.Socket.Handle));
                        Console.WriteLine("stalled");
                        break;
                    case "begin":
                        Latencies.Clear();
                        lost = 0;
                        Console.WriteLine("begun");
                        break;
                    case "end":
                        Console.WriteLine(Summary());
                        break;
                    case "close":
                        Array.ForEach(clients, client => client.Socket.Dispose());
                        clients = [];
                        Console.WriteLine("closed");
                        break;
                    default:
                        return 0;
                }
            }

            var count = Linux.Wait(poll, ready, 20);
            for (var i = 0; i < count; i++)
            {
                Receive(clients[ready[i]], buffer, frame, awaited);
            }

            if (wait.Until > 0 && (Linux.Now() > wait.Until || Array.TrueForAll(clients, client => IsServed(client, wait.Markers))))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clients.Count(client => IsServed(client, wait.Markers))} {lost} {clients.Count(client => client.Closed)}"));
                wait = default;
            }
        }
    }

    private static bool IsServed(Client client, int markers) => markers < 0 ? client.Upgraded : client.Told && client.Markers >= markers;

    private static System.Collections.Concurrent.ConcurrentQueue<string> ReadLines()
    {
        var said = new System.Collections.Concurrent.ConcurrentQueue<string>();
        new Thread(() =>
        {
            while (Console.ReadLine() is { } line)
            {
                said.Enqueue(line);
            }

            said.Enqueue("quit");
        })
        { IsBackground = true }.Start();
        return said;
    }

    private static void Open(int port, int count, string path)
    {
        var request = Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        clients = new Client[count];
        lost = 0;
        for (var i = 0; i < count; i++)
        {
            clients[i] = new Client(Wire.Connect(port));
            clients[i].Socket.Send(request);
            Linux.Watch(poll, (int)clients[i].Socket.Handle, i);
        }
    }

    private static void Receive(Client client, byte[] buffer, byte[] frame, byte[] awaited)
    {
        client.Held.CopyTo(buffer, 0);
        var read = client.Socket.Receive(buffer.AsSpan(client.Held.Length), SocketFlags.None, out _);
        var now = Linux.Now();
        if (read <= 0)
        {
            client.Closed = true;
            Linux.Unwatch(poll, (int)client.Socket.Handle);
            return;
        }

        var filled = client.Held.Length + read;
        var at = 0;
        if (!client.Upgraded)
        {
            var end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            client.Upgraded = end >= 0 && buffer.AsSpan(0, filled).StartsWith("HTTP/1.1 101"u8);
            at = end < 0 ? 0 : end + 4;
            if (client.Upgraded && frame.Length > 0)
            {
                client.Socket.Send(frame);
            }
        }

        while (client.Upgraded && Wire.TryFrame(buffer.AsSpan(at, filled - at), out var length, out var payload))
        {
            var data = buffer.AsSpan(at + payload, length - payload);
            if ((buffer[at] & 15) == Wire.Ping)
            {
                client.Socket.Send(Wire.PongOf(data));
            }
            else
            {
                Take(client, data, awaited, now);
            }

            at += length;
        }

        client.Held = at == filled ? [] : buffer[at..filled];
    }

    private static void Take(Client client, ReadOnlySpan<byte> data, ReadOnlySpan<byte> awaited, long now)
    {
        client.Told |= !awaited.IsEmpty && data.IndexOf(awaited) >= 0;
        if (!data.StartsWith("{\"type\":\"trade_update\""u8) || !Marker.TryRead(data, out var time, out var number))
        {
            return;
        }

        lost += client.Last >= 0 ? number - client.Last - 1 : 0;
        client.Last = number;
        client.Markers++;
        Latencies.Add(now - time);
    }

    private static string Summary()
    {
        Latencies.Sort();
        double At(double share) => Latencies.Count == 0 ? 0 : Latencies[Math.Min(Latencies.Count - 1, (int)(Latencies.Count * share))] / 1e6;
        return string.Create(CultureInfo.InvariantCulture, $"{Latencies.Count} {lost} {At(0.5)} {At(0.99)} {clients.Count(client => client.Closed)}");
    }
}
