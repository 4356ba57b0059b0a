using Microsoft.Extensions.Time.Testing;

namespace Tidegate.Simulator.Tests;

public class ExchangeTests
{
    [Fact]
    public async Task It_starts_fast_and_answers()
    {
        var sw = System.Diagnostics.Stopwatch.StartNew();
        await using var sim = await SimulatedIndexer.StartAsync(new SimulatorOptions { Urls = ["http://127.0.0.1:0"], Control = true }, TimeProvider.System, null, TestContext.Current.CancellationToken);
        TestContext.Current.SendDiagnosticMessage("start {0} ms", sw.ElapsedMilliseconds);
        Console.WriteLine($"start {sw.ElapsedMilliseconds} ms {sim.RestUrl} {sim.WebSocketUrl}");
        using var http = new HttpClient();
        foreach (var p in new[] { "/perpetualMarkets?ticker=MEME-USD", "/orderbooks/perpetualMarket/BTC-USD", "/trades/perpetualMarket/BTC-USD?limit=2", "/candles/perpetualMarkets/BTC-USD?resolution=1MIN&limit=2", $"/addresses/{sim.Addresses[0]}/parentSubaccountNumber/0", $"/orders?address={sim.Addresses[0]}&subaccountNumber=0&limit=3", $"/fills?address={sim.Addresses[0]}&subaccountNumber=0&limit=2&page=1", $"/transfers?address={sim.Addresses[0]}&subaccountNumber=0&limit=2", "/height" })
        {
            var text = await http.GetStringAsync(sim.RestUrl + p, TestContext.Current.CancellationToken);
            Console.WriteLine($"{p} {text[..Math.Min(1500, text.Length)]}");
        }
        sw.Restart();
        var truth = sim.Truth();
        Console.WriteLine($"truth {truth.Length} bytes {sw.ElapsedMilliseconds} ms");
        sw.Restart();
        sim.Exchange.Step(TimeSpan.FromMinutes(10));
        Console.WriteLine($"10 minutes in {sw.ElapsedMilliseconds} ms");
    }
}
