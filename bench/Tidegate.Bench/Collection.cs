using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Tidegate.Bench;

/// <summary>
/// Makes another .NET process collect its garbage, by the runtime's diagnostic port: an event session with the keyword that asks for a full collection
/// (https://github.com/dotnet/diagnostics/blob/main/documentation/design-docs/ipc-protocol.md).
/// </summary>
internal static class Collection
{
    private const long CollectKeyword = 0x800000;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    public static void Force(int process)
    {
        for (var times = 0; times < 2; times++)
        {
            using var port = Connect(process);
            port.Send(Request());
            var answer = new byte[28]; // header and the session's number
            port.Receive(answer);
            Thread.Sleep(Settling);
        }
    }

    private static Socket Connect(int process)
    {
        // Killed processes leave theirs behind, and numbers come again.
        var file = Directory.GetFiles(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"dotnet-diagnostic-{process}-*-socket")).MaxBy(File.GetLastWriteTimeUtc)!;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(file));
        return socket;
    }

    // CollectTracing: buffer in MB, format nettrace, one provider of (keywords, level, name, no arguments).
    private static byte[] Request()
    {
        var name = Encoding.Unicode.GetBytes("Microsoft-Windows-DotNETRuntime\0");
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("DOTNET_IPC_V1\0"u8);
        writer.Write((ushort)0);
        writer.Write((byte)2);
        writer.Write((byte)2);
        writer.Write((ushort)0);
        writer.Write(1);
        writer.Write(1);
        writer.Write(1);
        writer.Write(CollectKeyword);
        writer.Write(4);
        writer.Write(name.Length / 2);
        writer.Write(name);
        writer.Write(0);
        writer.Flush();
        var bytes = stream.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)bytes.Length);
        return bytes;
    }
}
