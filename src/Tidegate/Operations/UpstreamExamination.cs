using System.Globalization;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Operations;

/// <summary>The checks of <c>doctor</c> that ask the Indexer: REST and its latency, the clock, the chain, the socket.</summary>
internal sealed class UpstreamExamination(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan OldBlock = TimeSpan.FromSeconds(30);

    private readonly HttpClient http = new() { Timeout = Patience };

    /// <summary>Runs them against one Indexer.</summary>
    public async IAsyncEnumerable<Finding> RunAsync(IndexerEndpoint endpoint, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DateTimeOffset? theirs = null;
        await foreach (var finding in RestAsync(endpoint.RestUrl, t => theirs = t, cancellationToken))
        {
            yield return finding;
        }

        yield return await HeightAsync(endpoint.RestUrl, theirs, cancellationToken);
        yield return await SocketAsync(endpoint.WebSocketUrl, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async IAsyncEnumerable<Finding> RestAsync(Uri rest, Action<DateTimeOffset> learn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var url = rest + "/time";
        // the first request pays for name and handshake; the second is the round trip
        var (_, refusal, _) = await GetAsync(url, cancellationToken);
        if (refusal is not null)
        {
            yield return refusal;
            yield break;
        }

        var before = time.GetUtcNow();
        var (body, again, trip) = await GetAsync(url, cancellationToken);
        yield return again ?? new Finding("REST", true, string.Create(CultureInfo.InvariantCulture, $"{rest} answers in {trip.TotalMilliseconds:0.0} ms"));
        if (body is not { } answer)
        {
            yield break;
        }

        if (!answer.TryGetProperty("iso", out var iso) || !iso.TryGetDateTimeOffset(out var theirs))
        {
            yield return new Finding("clock", false, $"{url} gave no time", "is this the REST base of an Indexer? It ends with /v4");
            yield break;
        }

        learn(theirs);
        yield return Clock(theirs - (before + (trip / 2)));
    }

    private static Finding Clock(TimeSpan ahead)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"skew {Math.Abs(ahead.TotalSeconds):0.0} s");
        return ahead.Duration() <= Skew
            ? new Finding("clock", true, text)
            : new Finding("clock", false, $"{text}: this machine is {(ahead > TimeSpan.Zero ? "behind" : "ahead of")} the Indexer", "set the clock (timedatectl set-ntp true): tokens begin and end by it");
    }

    private async Task<Finding> HeightAsync(Uri rest, DateTimeOffset? now, CancellationToken cancellationToken)
    {
        var (body, refusal, _) = await GetAsync(rest + "/height", cancellationToken);
        if (refusal is not null)
        {
            return refusal with { Check = "chain" };
        }

        if (body is not { } answer || !answer.TryGetProperty("height", out var height) || !answer.TryGetProperty("time", out var written) || !written.TryGetDateTimeOffset(out var block))
        {
            return new Finding("chain", false, rest + "/height gave no height", "is this the REST base of an Indexer? It ends with /v4");
        }

        // both by the Indexer's clock: this machine's may be wrong
        return now is { } asked && asked - block > OldBlock
            ? new Finding("chain", false, string.Create(CultureInfo.InvariantCulture, $"block {height} is {(asked - block).TotalSeconds:0} s old"), "the chain stands still or the Indexer trails; name another by Indexer:Fallbacks, or wait")
            : new Finding("chain", true, $"block {height}");
    }

    private async Task<(JsonElement? Body, Finding? Refusal, TimeSpan Trip)> GetAsync(string url, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        try
        {
            using var response = await http.GetAsync(new Uri(url), cancellationToken);
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                var advice = (int)response.StatusCode == 403 ? "the Indexer refuses this place or address; another network path (HTTPS_PROXY) may be allowed" : "try again later, or check --rest-url";
                return (null, new Finding("REST", false, $"{url} answers {(int)response.StatusCode}", advice), default);
            }

            using var document = await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken);
            return (document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null, null, time.GetElapsedTime(begin));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return (null, new Finding("REST", false, $"{url}: {e.GetBaseException().Message}", "check the network, the proxy variables (HTTPS_PROXY, NO_PROXY) and the address"), default);
        }
    }

    private async Task<Finding> SocketAsync(Uri url, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        var begin = time.GetTimestamp();
        try
        {
            await socket.ConnectAsync(url, both.Token);
            var handshake = time.GetElapsedTime(begin);
            var buffer = new byte[4096];
            var first = await socket.ReceiveAsync(buffer.AsMemory(), both.Token);
            var greeted = first.EndOfMessage && System.Text.Encoding.UTF8.GetString(buffer, 0, first.Count).Contains("\"connected\"", StringComparison.Ordinal);
            return greeted
                ? new Finding("socket", true, string.Create(CultureInfo.InvariantCulture, $"{url} opens in {handshake.TotalMilliseconds:0.0} ms and greets in {time.GetElapsedTime(begin).TotalMilliseconds:0.0} ms"))
                : new Finding("socket", false, $"{url} opens, but does not greet as an Indexer", "is this the Indexer's socket? Its path is /v4/ws");
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            var why = patience.IsCancellationRequested ? "no answer in time" : (int)socket.HttpStatusCode is > 0 and var status ? $"answers {status}" : e.GetBaseException().Message;
            return new Finding("socket", false, $"{url}: {why}", "check the address, the network and the proxy variables; 403 means that the Indexer refuses this place");
        }
    }
}
