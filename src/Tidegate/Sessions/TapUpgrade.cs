using Microsoft.AspNetCore.Http.Features;

namespace Tidegate.Sessions;

/// <summary>Puts a <see cref="TapStream"/> between the framework's handshake and its WebSocket, and keeps the raw stream for the session's writer.</summary>
internal sealed class TapUpgrade(IHttpUpgradeFeature inner) : IHttpUpgradeFeature
{
    /// <summary>Takes what the framework's WebSocket writes; set before the handshake.</summary>
    public Action<ReadOnlyMemory<byte>> Write { get; set; } = _ => { };

    /// <summary>The upgraded stream, once the handshake is over.</summary>
    public Stream? Raw { get; private set; }

    public bool IsUpgradableRequest => inner.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync()
    {
        Raw = await inner.UpgradeAsync().ConfigureAwait(false);
        return new TapStream(Raw, Write);
    }
}
