using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Tidegate.Simulator.Control;
using Tidegate.Simulator.Ledger;
using Tidegate.Simulator.Shapes;

namespace Tidegate.Simulator.Operator;

/// <summary>The loopback endpoint <c>/ctl/*</c>: faults and the exchange's levers, all by query (GET or POST).</summary>
/// <remarks>Spans are <c>…Ms</c> in milliseconds. An unknown path or a bad value is answered 400 with a line of text.</remarks>
internal sealed class ControlEndpoint(SimulatedIndexer simulator)
{
    public async Task HandleAsync(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } remote && !IPAddress.IsLoopback(remote))
        {
            context.Response.StatusCode = 403;
            return;
        }
        byte[] body;
        try
        {
            body = Do((context.Request.Path.Value ?? "")["/ctl".Length..].Trim('/'), new Lever(context.Request.Query));
            context.Response.ContentType = "application/json; charset=utf-8";
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            context.Response.StatusCode = 400;
            body = System.Text.Encoding.UTF8.GetBytes(e.Message + "\n");
        }
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    private byte[] Do(string path, Lever lever)
    {
        var (exchange, faults) = (simulator.Exchange, simulator.Faults);
        switch (path)
        {
            case "truth": return simulator.Truth(lever.Text("parts")?.Split(',') ?? []);
            case "log": return Log(lever);
            case "log/clear": simulator.Log.Clear(); break;
            case "drop" when lever.Flag("oldest"): faults.DropOldest(); break;
            case "stall" when lever.Flag("oldest"): faults.StallOldest(); break;
            case "drop" when lever.Number("code") is { } code: faults.Close(code, lever.Text("reason") ?? ""); break;
            case "drop": faults.Drop(); break;
            case "stall" when lever.Text("on") is not null: faults.Stalled = lever.Flag("on"); break;
            case "stall": faults.StallOpen(); break;
            case "refuse": faults.RefuseUpgrades = lever.Flag("on", true) ? lever.Number("status") ?? 503 : null; break;
            case "down": Down(lever.Flag("on", true)); break;
            case "rest": Rest(lever); break;
            case "snapshots": Snapshots(lever); break;
            case "lose": faults.LoseNext(lever.Number("count") ?? 1, lever.Text("channel")); break;
            case "repeat": faults.RepeatNext(lever.Number("count") ?? 1, lever.Text("channel")); break;
            case "late": faults.StatusDelay = lever.Span("ms"); break;
            case "raw": faults.Garbage(lever.Text("text") ?? ""); break;
            case "clear": faults.Clear(); (exchange.Halted, exchange.Held) = (false, false); break;
            case "halt": exchange.Halted = lever.Flag("on", true); break;
            case "hold": exchange.Held = lever.Flag("on", true); break;
            case "step": exchange.Step(lever.Span("ms")); break;
            case "block": exchange.AdvanceBlock(); break;
            case "trade":
                exchange.Trade(lever.Ticker(), lever.Text("id"), lever.Decimal("price"), lever.Text("size") is null ? 1 : lever.Decimal("size"), lever.Side());
                break;
            case "level" when lever.Flag("silent"): exchange.SetLevelSilently(lever.Ticker(), lever.Side(), lever.Decimal("price"), lever.Decimal("size")); break;
            case "level": exchange.SetLevel(lever.Ticker(), lever.Side(), lever.Decimal("price"), lever.Decimal("size")); break;
            case "move": exchange.MovePrice(lever.Ticker(), lever.Decimal("fraction")); break;
            case "cross": exchange.Cross(lever.Ticker(), lever.Text("ms") is null ? null : lever.Span("ms")); break;
            case "funding": exchange.FundingHour(); break;
            case "deposit": exchange.Deposit(lever.Need("address"), lever.Number("number") ?? 0, lever.Decimal("usdc"), lever.Flag("silent")); break;
            case "fill": exchange.FillSoon(lever.Text("address") ?? simulator.Addresses[0], lever.Number("number") ?? 0, lever.Ticker()); break;
            case "market": exchange.ListMarket(lever.Need("ticker"), lever.Text("price") is null ? 10 : lever.Decimal("price")); break;
            default: throw new ArgumentException($"no lever /ctl/{path}");
        }
        return Json.Of(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("ok", true);
            json.WriteNumber("height", exchange.Height);
            json.WriteEndObject();
        });
    }

    private void Down(bool on)
    {
        simulator.Faults.Down = on;
        if (on) simulator.Faults.Drop();
    }

    private void Rest(Lever lever)
    {
        simulator.Faults.RestDelay = lever.Span("delayMs");
        simulator.Faults.RestLag = lever.Text("lagMs") is null ? null : lever.Span("lagMs");
        simulator.Faults.Rest = lever.Number("status") is { } status
            ? new RestFault(status, lever.Text("code"), lever.Text("retryMs") is null ? null : lever.Span("retryMs"), lever.Text("path"))
            : null;
    }

    private void Snapshots(Lever lever)
    {
        simulator.Faults.SnapshotDelay = lever.Text("delayMs") is null ? null : lever.Span("delayMs");
        simulator.Faults.LostWindow = lever.Text("windowMs") is null ? null : lever.Span("windowMs");
        simulator.Faults.FailSnapshots = lever.Number("fail") ?? 0;
        simulator.Faults.IgnoreSubscribes = lever.Number("ignore") ?? 0;
    }

    private byte[] Log(Lever lever) => Json.Of(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("open", simulator.Log.Open);
        json.WriteNumber("lost", simulator.Faults.Lost);
        json.WriteStartArray("acts");
        foreach (var act in lever.Text("kind") is { } kind ? simulator.Log.Of(kind) : simulator.Log.All())
        {
            json.WriteStartObject();
            json.Time("at", act.At);
            json.WriteString("kind", act.Kind);
            json.WriteString("connection", act.Connection);
            json.WriteString("what", act.What);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>The query of one call.</summary>
    private sealed class Lever(IQueryCollection query)
    {
        public string? Text(string name) => query.TryGetValue(name, out var value) ? value.ToString() : null;

        public string Need(string name) => Text(name) ?? throw new ArgumentException($"{name} is needed");

        public string Ticker() => Text("ticker") ?? "BTC-USD";

        public Side Side() => Text("side") is "sell" or "SELL" or "asks" or "ask" ? Ledger.Side.Sell : Ledger.Side.Buy;

        public bool Flag(string name, bool otherwise = false) => Text(name) is { } text ? text is "1" or "true" or "" : otherwise;

        public int? Number(string name) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

        public decimal Decimal(string name) => decimal.Parse(Need(name), NumberStyles.Float, CultureInfo.InvariantCulture);

        public TimeSpan Span(string name) => TimeSpan.FromMilliseconds(double.Parse(Text(name) ?? "0", CultureInfo.InvariantCulture));
    }
}
