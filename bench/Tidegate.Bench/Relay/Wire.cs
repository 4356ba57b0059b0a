using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Tidegate.Bench.Relay;

/// <summary>The little of WebSocket (RFC 6455) that both ends of the bench need, on blocking sockets. Shares nothing with the gateway.</summary>
internal static class Wire
{
    public const int Text = 1;
    public const int Ping = 9;
    private const int Pong = 10;

    public static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    public static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen(512);
        return socket;
    }

    public static int PortOf(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port;

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var socket = Listen(0);
        return PortOf(socket);
    }

    /// <summary>Reads up to the blank line; what follows it stays in the socket.</summary>
    public static string ReadHead(Socket socket)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!EndsHead(head) && socket.Receive(one) == 1)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>The client's side of the upgrade.</summary>
    public static void Upgrade(Socket socket, string path)
    {
        socket.Send(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
        var head = ReadHead(socket);
        if (!head.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
        {
            throw new IOException($"the upgrade of {path} was answered: {head.Split('\r')[0]}");
        }
    }

    /// <summary>The server's side of it.</summary>
    public static void Accept(Socket socket, string head)
    {
        var key = head.Split("\r\n").First(line => line.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase)).Split(':')[1].Trim();
#pragma warning disable CA5350 // the handshake of RFC 6455 is what it is
        var answer = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        socket.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {answer}\r\n\r\n"));
    }

    /// <summary>A whole text frame as a server sends it.</summary>
    public static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        var header = payload.Length < 126 ? 2 : payload.Length <= ushort.MaxValue ? 4 : 10;
        var frame = new byte[header + payload.Length];
        frame[0] = 0x80 | Text;
        frame[1] = (byte)(header == 2 ? payload.Length : header == 4 ? 126 : 127);
        if (header == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }
        else if (header == 10)
        {
            BinaryPrimitives.WriteInt64BigEndian(frame.AsSpan(2), payload.Length);
        }

        payload.CopyTo(frame, header);
        return frame;
    }

    /// <summary>A short text frame as a client sends it: the mask is zero, so nothing changes.</summary>
    public static byte[] Masked(string text) => Masked(0x80 | Text, Encoding.UTF8.GetBytes(text));

    public static byte[] PongOf(ReadOnlySpan<byte> ping) => Masked(0x80 | Pong, ping);

    /// <summary>Whether the buffer begins with a whole frame; then its length in all and where its payload is.</summary>
    public static bool TryFrame(ReadOnlySpan<byte> buffer, out int length, out int payload)
    {
        (length, payload) = (0, 2);
        if (buffer.Length < 2)
        {
            return false;
        }

        long size = buffer[1] & 0x7F;
        if (size >= 126)
        {
            payload = size == 126 ? 4 : 10;
            if (buffer.Length < payload)
            {
                return false;
            }

            size = payload == 4 ? BinaryPrimitives.ReadUInt16BigEndian(buffer[2..]) : BinaryPrimitives.ReadInt64BigEndian(buffer[2..]);
        }

        payload += (buffer[1] & 0x80) != 0 ? 4 : 0;
        length = (int)(payload + size);
        return buffer.Length >= length;
    }

    private static byte[] Masked(int head, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[payload.Length + (payload.Length < 126 ? 6 : 8)];
        frame[0] = (byte)head;
        frame[1] = (byte)(0x80 | (payload.Length < 126 ? payload.Length : 126));
        if (payload.Length >= 126)
        {
            BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)payload.Length);
        }

        payload.CopyTo(frame.AsSpan(frame.Length - payload.Length));
        return frame;
    }

    private static bool EndsHead(StringBuilder head) =>
        head.Length >= 4 && head[^1] == '\n' && head[^2] == '\r' && head[^3] == '\n' && head[^4] == '\r';
}
