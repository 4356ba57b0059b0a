using System.Net;
using Tidegate.Simulator.Control;

namespace Tidegate.Tests.EndToEnd;

/// <summary>A kind of fault. One that costs the journal is followed by a kill, for only a new start begins a new one.</summary>
internal sealed record ChaosFault(string Name, Func<ChaosRun, Task> Act, bool CostsJournal = false)
{
    // An address's topics may be asked for anew once in ten seconds.
    private static readonly TimeSpan UnblockPatience = TimeSpan.FromSeconds(60);
    private static readonly int[] Shifts = [-3600, -90, -5, 5, 90, 3600];

    public static readonly IReadOnlyList<ChaosFault> All =
    [
        Once("drop of every socket", faults => faults.Drop()),
        Once("drop of the active socket", faults => faults.DropOldest()),
        Once("half-open: the active socket's peer is gone without a word", faults => faults.StallOldest()),
        Once("stall: every socket goes mute", faults => faults.StallOpen()),
        Once("closed with 1012", faults => faults.Close(1012)),
        Once("closed with 1008", faults => faults.Close(1008, "policy")),
        While("upgrades refused", 900, faults => faults.RefuseUpgrades = 503),
        While("REST fails", 700, faults => faults.Rest = new RestFault(500)),
        While("REST has had enough", 600, faults => faults.Rest = new RestFault(429, RetryAfter: TimeSpan.FromMilliseconds(400))),
        While("REST is slow", 900, faults => faults.RestDelay = TimeSpan.FromMilliseconds(700)),
        new("REST refuses for good until asked anew", ForbidAsync),
        While("snapshots are slow", 700, faults => faults.SnapshotDelay = TimeSpan.FromMilliseconds(500)),
        While("snapshots fail", 300, faults => faults.FailSnapshots = 2),
        While("a window of lost updates", 500, faults => faults.LostWindow = TimeSpan.FromMilliseconds(350)),
        Once("frames twice", faults => faults.RepeatNext(40)),
        Once("garbage", faults => faults.Garbage("{\"type\":\"channel_data\",\"channel\":\"v4_subaccounts\",\"contents\":[1,")),
        new("the clock jumps", run =>
        {
            run.Clock.Shift(TimeSpan.FromSeconds(Shifts[run.Random.Next(Shifts.Length)]));
            return run.PassAsync(1100, 1300); // libfaketime looks once a second
        }),
        new("a slow disk", SlowDiskAsync),
        new("a disk that stands still", run => JournalDisk.HoldAsync(run.Account.Gateway, TimeSpan.FromMilliseconds(700)), CostsJournal: true),
        new("a full disk", FullDiskAsync, CostsJournal: true),
        new("a client goes and comes back", run =>
        {
            run.Flaky.Cut();
            return Task.CompletedTask;
        }),
        new("a client reads nothing", run =>
        {
            run.StallClient();
            return Task.CompletedTask;
        }),
        new("an orderly restart", async run =>
        {
            var code = await run.Account.Gateway.TerminateAsync(TimeSpan.FromSeconds(30));
            Assert.True(code == 0, $"ended with {code}: {string.Join('\n', run.Account.Gateway.Output.TakeLast(40))}");
            await run.Account.Gateway.StartAgainAsync();
        }),
    ];

    private static ChaosFault Once(string name, Action<Faults> act) => new(name, run =>
    {
        act(run.Account.Gateway.Indexer.Faults);
        return Task.CompletedTask;
    });

    // Most of these only bite where a socket is dialled anew meanwhile.
    private static ChaosFault While(string name, int milliseconds, Action<Faults> begin) => new(name, async run =>
    {
        var faults = run.Account.Gateway.Indexer.Faults;
        begin(faults);
        faults.Drop();
        await Task.Delay(run.Random.Next(milliseconds / 3, milliseconds), TestContext.Current.CancellationToken);
        faults.Clear();
    });

    private static async Task ForbidAsync(ChaosRun run)
    {
        var gateway = run.Account.Gateway;
        gateway.Indexer.Faults.Rest = new RestFault(403, "GEOBLOCKED");
        gateway.Indexer.Faults.Drop();
        await run.PassAsync(300, 800);
        gateway.Indexer.Faults.Clear();

        // What was refused a moment ago may still be on its way to the gateway.
        await run.PassAsync(300, 400);
        using var late = new CancellationTokenSource(UnblockPatience);
        while ((string?)(await gateway.StatusAsync())["mode"] == "blocked")
        {
            using var answer = await gateway.Http.PostAsync(new Uri("/ws/reconnect/" + gateway.Account, UriKind.Relative), null, late.Token);
            Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}");
            await Task.Delay(200, late.Token);
        }
    }

    private static async Task SlowDiskAsync(ChaosRun run)
    {
        for (var i = 0; i < 3; i++)
        {
            await JournalDisk.HoldAsync(run.Account.Gateway, TimeSpan.FromMilliseconds(run.Random.Next(20, 90)));
            await run.PassAsync(60, 120);
        }
    }

    private static async Task FullDiskAsync(ChaosRun run)
    {
        if (JournalDisk.CanFill)
        {
            await JournalDisk.FillAsync(run.Account.Gateway);
            await run.PassAsync(300, 900);
        }
    }
}
