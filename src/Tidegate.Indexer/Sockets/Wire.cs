namespace Tidegate.Indexer.Sockets;

/// <summary>Makes the wire to an address. The real one is <see cref="WebSocketWire"/>; tests put their own in.</summary>
internal delegate IWire WireFactory(Uri url, string name);

/// <summary>One text-frame connection, dialled once. What it carries is not its concern.</summary>
internal interface IWire : IDisposable
{
    /// <summary>When the last byte came, pings included; null before the first.</summary>
    DateTimeOffset? LastByteAt { get; }

    /// <summary>Whether bytes have come that its reader has not taken yet. Any thread.</summary>
    bool HasUnread { get; }

    /// <summary>Dials. Throws <see cref="WireRefusedException"/> when refused for good, anything else when it failed for now.</summary>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Starts the reader; the listener hears of each frame and, last of all and once, of the end.</summary>
    void Read(IWireListener listener);

    /// <summary>Sends one text frame; one sender at a time goes on the wire.</summary>
    Task SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken);

    /// <summary>Closes with the closing handshake, waiting a short time for the peer's half.</summary>
    Task CloseAsync(CancellationToken cancellationToken);

    /// <summary>Ends it at once; the reader tells the end. Safe from any thread, idempotent.</summary>
    void Abort();
}

/// <summary>What a wire's reader thread tells.</summary>
internal interface IWireListener
{
    void OnFrame(ReadOnlySpan<byte> frame);

    /// <summary>A frame longer than the bound was passed over.</summary>
    void OnOversize(long bytes);

    /// <summary>All bytes that had arrived are handled; the reader is about to wait.</summary>
    void OnDrained();

    /// <summary>The wire is over: with the peer's close code, or null when it just vanished.</summary>
    void OnEnded(int? code, string? reason);
}

/// <summary>403 or the compliance text at the upgrade: permanent (protocol.md 4).</summary>
internal sealed class WireRefusedException(string reason, string message) : Exception(message)
{
    public string Reason { get; } = reason;
}
