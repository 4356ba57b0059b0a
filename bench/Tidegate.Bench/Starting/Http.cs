using System.Net.Sockets;
using System.Text;
using Tidegate.Bench.Relay;

namespace Tidegate.Bench.Starting;

/// <summary>Plain requests on plain sockets: a client that costs nothing to start.</summary>
internal static class Http
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Asks until the answer is 200; returns its body's length.</summary>
    public static int WaitForOk(int port, string path)
    {
        var until = Linux.Now() + (long)Patience.TotalNanoseconds;
        while (true)
        {
            if (TryGet(port, path, out var length))
            {
                return length;
            }

            if (Linux.Now() > until)
            {
                throw new TimeoutException($"{path} was not served");
            }

            Thread.Sleep(2);
        }
    }

    private static bool TryGet(int port, string path, out int length)
    {
        length = 0;
        try
        {
            using var socket = Wire.Connect(port);
            socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html,*/*\r\nConnection: close\r\n\r\n"));
            var head = Wire.ReadHead(socket);
            var buffer = new byte[16 * 1024];
            for (int read; (read = socket.Receive(buffer)) > 0;)
            {
                length += read;
            }

            return head.StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
