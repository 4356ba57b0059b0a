using System.Net;
using System.Net.Sockets;

namespace Tidegate.Tests;

/// <summary>Ports for programs that have to be told one before they start.</summary>
internal static class FreePort
{
    // Below the range from which systems give ports to outgoing connections: the tests make thousands of those, and one could take a port that was free
    // when it was looked for.
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int tried = Environment.ProcessId;

    /// <summary>One on which nothing listens, and which no other test of this process is given.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref tried) % Count);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // taken: the next one
            }
        }
    }
}
