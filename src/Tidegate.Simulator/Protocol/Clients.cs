using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tidegate.Simulator.Control;

namespace Tidegate.Simulator.Protocol;

/// <summary>All open sockets: accepts upgrades, and does to the sockets what the faults say.</summary>
internal sealed class Clients
{
    private const string HandshakeKey = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private readonly ConcurrentDictionary<string, Connection> open = new(StringComparer.Ordinal);
    private readonly Subscriptions subscriptions;
    private readonly Faults faults;
    private readonly ClientLog log;
    private readonly SimulatorOptions options;
    private readonly TimeProvider time;
    private readonly CancellationToken stopping;
    private long accepted;

    public Clients(Subscriptions subscriptions, Faults faults, ClientLog log, SimulatorOptions options, TimeProvider time, CancellationToken stopping)
    {
        (this.subscriptions, this.faults, this.log, this.options, this.time, this.stopping) = (subscriptions, faults, log, options, time, stopping);
        faults.Dropping += (code, reason) => Each(c =>
        {
            if (code is { } close && !c.Mute) c.Close(close, reason);
            else c.Abort();
        });
        faults.Stalling += () => Each(c => c.Mute = true);
        faults.ActingOnOldest += mute =>
        {
            if (open.Values.Where(c => !c.Mute).MinBy(c => c.Place) is not { } oldest) return;
            if (mute) oldest.Mute = true;
            else oldest.Abort();
        };
        faults.RawText += text => Each(c => c.SendRaw(text));
    }

    public async Task AcceptAsync(HttpContext context)
    {
        if (faults.Down)
        {
            context.Abort();
            return;
        }
        if (faults.RefuseUpgrades is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        var key = context.Request.Headers.SecWebSocketKey.ToString();
        if (upgrade is not { IsUpgradableRequest: true } || key.Length == 0)
        {
            context.Response.StatusCode = 400;
            return;
        }
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Accept(key);
        await RunAsync(context, await upgrade.UpgradeAsync());
    }

    /// <summary>Waits until all sockets are gone, but not for long.</summary>
    public async Task GoneAsync(TimeSpan most)
    {
        var until = time.GetTimestamp();
        for (var i = 0; !open.IsEmpty && time.GetElapsedTime(until) < most && i < 100; i++) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, stopping);
        Each(c => c.Abort());
    }

    private async Task RunAsync(HttpContext context, Stream stream)
    {
        using var connection = new Connection(stream, context.Abort, time, options, faults.Stalled) { Place = Interlocked.Increment(ref accepted) };
        open[connection.Id] = connection;
        log.Add("connect", connection.Id, context.Connection.RemotePort.ToString(System.Globalization.CultureInfo.InvariantCulture));
        try
        {
            await connection.RunAsync(subscriptions.Handle, stopping);
        }
        finally
        {
            open.TryRemove(connection.Id, out _);
            subscriptions.Forget(connection);
            log.Add("disconnect", connection.Id, "");
        }
    }

    private void Each(Action<Connection> action)
    {
        foreach (var connection in open.Values) action(connection);
    }

    // The handshake of RFC 6455 is made with SHA-1; it protects nothing.
#pragma warning disable CA5350
    private static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + HandshakeKey)));
#pragma warning restore CA5350
}
