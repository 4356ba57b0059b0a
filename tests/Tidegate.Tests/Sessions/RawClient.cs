using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Tidegate.Tests.Sessions;

/// <summary>A client of the dashboard socket by bytes (RFC 6455, 5.2): sees each frame, control frames too, and reads only when it is told to.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    public const int Text = 1;
    public const int Close = 8;
    public const int Ping = 9;
    public const int Pong = 10;
    private readonly NetworkStream stream;

    private RawClient(Socket socket) => stream = new NetworkStream(socket, ownsSocket: true);

    public static async Task<RawClient> ConnectAsync(Uri address, int receiveBuffer)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = receiveBuffer };
        await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        var client = new RawClient(socket);
        await client.UpgradeAsync(address);
        return client;
    }

    public Task SendAsync(byte[] bytes) => stream.WriteAsync(bytes, TestContext.Current.CancellationToken).AsTask();

    // The mask is zero.
    public static byte[] Masked(int opcode, string payload, Encoding? encoding = null)
    {
        var bytes = (encoding ?? Encoding.UTF8).GetBytes(payload);
        Assert.InRange(bytes.Length, 0, 125);
        return [(byte)(0x80 | opcode), (byte)(0x80 | bytes.Length), 0, 0, 0, 0, .. bytes];
    }

    public async Task<(int Opcode, int Length)> HeaderAsync(TimeSpan? patience = null)
    {
        var first = await PayloadAsync(2, patience);
        Assert.Equal(0x80, first[0] & 0xF0);
        var length = first[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await PayloadAsync(2)),
            127 => (int)BinaryPrimitives.ReadUInt64BigEndian(await PayloadAsync(8)),
            var small => small,
        };
        return (first[0] & 0x0F, length);
    }

    public async Task<byte[]> PayloadAsync(int length, TimeSpan? patience = null)
    {
        var bytes = new byte[length];
        using var late = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(60));
        await stream.ReadExactlyAsync(bytes, late.Token);
        return bytes;
    }

    /// <summary>Whether the server has let the connection go.</summary>
    public async Task<bool> IsOverAsync() => await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken) == 0;

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task UpgradeAsync(Uri address)
    {
        var request = $"GET /ws/dashboard?subscribe=none HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        await SendAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            answer.Append((char)(await PayloadAsync(1))[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", answer.ToString(), StringComparison.Ordinal);
    }
}
