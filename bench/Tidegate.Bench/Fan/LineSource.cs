using System.Buffers.Text;
using System.Net.Sockets;
using Tidegate.Bench.Relay;

namespace Tidegate.Bench.Fan;

/// <summary>
/// Turns the lines of the load program, <c>topic payload-with-marker</c>, into trades of a simulated Indexer: what comes in one read goes out in one
/// write to each of the gateway's upstream sockets.
/// </summary>
internal sealed class LineSource : IDisposable
{
    private const int MarkerLength = 33;
    private readonly Socket listener = Wire.Listen(0);
    private readonly List<(int Topic, ReadOnlyMemory<byte> Marker)> trades = [];

    public LineSource(int topics)
    {
        Indexer = new FakeIndexer(topics);
        new Thread(AcceptAll) { IsBackground = true, Name = "lines" }.Start();
    }

    public FakeIndexer Indexer { get; }

    /// <summary>By itself, for profiling by hand: prints the Indexer's port and its own, and runs until its input ends.</summary>
    public static int Run(int topics)
    {
        using var source = new LineSource(topics);
        Console.WriteLine(string.Create(Report.Culture, $"{source.Indexer.Port} {source.Port}"));
        Console.ReadLine();
        return 0;
    }

    /// <summary>Where lines are taken.</summary>
    public int Port => Wire.PortOf(listener);

    public void Dispose()
    {
        listener.Dispose();
        Indexer.Dispose();
    }

    private void AcceptAll()
    {
        var buffer = new byte[1 << 20];
        try
        {
            while (true)
            {
                using var publisher = listener.Accept();
                ReadAll(publisher, buffer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The bench is over.
        }
    }

    private void ReadAll(Socket publisher, byte[] buffer)
    {
        var filled = 0;
        try
        {
            for (int read; (read = publisher.Receive(buffer.AsSpan(filled))) > 0;)
            {
                filled += read;
                var taken = Take(buffer.AsMemory(0, filled));
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }
        }
        catch (SocketException)
        {
            // The load program ends by cutting its connection.
        }
    }

    private int Take(ReadOnlyMemory<byte> lines)
    {
        trades.Clear();
        var at = 0;
        for (int end; (end = lines.Span[at..].IndexOf((byte)'\n')) >= 0; at += end + 1)
        {
            var line = lines.Slice(at, end);
            if (Utf8Parser.TryParse(line.Span, out int topic, out _) && line.Span.IndexOf(Marker.Mark) is >= 0 and var mark)
            {
                trades.Add((topic, line.Slice(mark, MarkerLength)));
            }
        }

        Indexer.Trades(trades);
        return at;
    }
}
