using Tidegate.Simulator.Ledger;

namespace Tidegate.Tests.EndToEnd;

/// <summary>
/// Runs with the distortions of the upstream. Each second what a client keeps from frames is compared with the exchange's ledger: nothing may differ once a
/// distortion's time is over, and until then nothing that it does not touch.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class TruthRunTests
{
    private static readonly string[] Settings =
    [
        "Reconnect:InitialDelay=00:00:00.2", "Audit:BookInterval=00:00:03", "Audit:AccountInterval=00:00:03", "Audit:RestShare=0.9", "Health:StaleAfter=00:00:05",

        // A client that a busy machine keeps from reading for some seconds is not what is looked at here.
        "Sessions:QueueFrames=100000", "Sessions:QueueBytes=67108864",
    ];

    // What shows on the wire is right within 3 s. What leaves no trace, within an audit period: here 3 s, and as levels that the stream changed within the
    // last 3 s are left alone, two of them; after a subscribe the comparisons are 4 s apart and more.
    private static readonly TimeSpan Wire = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1); // for a machine that does other things too
    private static readonly TimeSpan Audit = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Subscribe = TimeSpan.FromSeconds(11);

    // A level whose removal was lost may be hidden by a cross, where no comparison takes it away, and come back for ten seconds (protocol.md 3).
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(10);

    private sealed record Distortion(string Name, Touches Touches, TimeSpan Within, Func<TruthRun, Task> Act)
    {
        public Distortion(string name, Touches touches, TimeSpan within, Action<TruthRun> act)
            : this(name, touches, within, run =>
            {
                act(run);
                return Task.CompletedTask;
            })
        {
        }

        /// <summary>How long after <see cref="Within"/> its books may differ again.</summary>
        public TimeSpan Afterwards { get; init; }

        /// <summary>What may differ so long after its act ended; null: it goes on.</summary>
        public Touches TouchesAfter(TimeSpan? passed) =>
            !(passed >= Within) ? Touches : passed < Within + Afterwards ? Touches & Touches.Books : Touches.Nothing;
    }

    private static readonly Distortion Rest = new("rest", Touches.Nothing, TimeSpan.Zero, _ => { });

    private static readonly Distortion[] Distortions =
    [
        new("the first subscribe", Touches.Everything, Subscribe, _ => { }),
        Rest,
        new("a window of lost updates around a resubscribe", Touches.Everything, Subscribe, async run =>
        {
            run.Faults.LostWindow = TimeSpan.FromMilliseconds(600);
            run.Faults.Close(1012);
            await PassAsync(2);
            run.Faults.LostWindow = null;
        }),
        new("a move of five percent", Touches.Nothing, Wire, run => run.Exchange.MovePrice("BTC-USD", 0.05m)),
        new("a move of five percent down", Touches.Nothing, Wire, run => run.Exchange.MovePrice("ETH-USD", -0.05m)),
        new("a cross that ends", Touches.Books, Audit, async run =>
        {
            run.Exchange.Cross("ETH-USD", TimeSpan.FromSeconds(3));
            await PassAsync(3);
        }),
        new("levels forgotten and frames lost at the source", Touches.Everything, Audit, async run =>
        {
            run.Exchange.SetLevelSilently("ISO-USD", Side.Buy, run.Mirror.Books["ISO-USD"].PriceAt(bids: true, 20), 0);
            run.Faults.LoseNext(60, "v4_orderbook");
            run.Faults.LoseNext(4, "v4_subaccounts");
            run.Faults.LoseNext(4, "v4_parent_subaccounts");
            await PassAsync(1);
        })
        {
            Afterwards = Hidden,
        },
        new("frames repeated, the older size of a level among them", Touches.Books, Audit, async run =>
        {
            run.Faults.RepeatNext(100);
            await PassAsync(1);
        }),
        new("a drop of every socket", Touches.Everything, Subscribe, run => run.Faults.Drop()),
        new("funding without a frame", Touches.Accounts, Audit, run => run.Exchange.FundingHour()),
        new("a deposit without a frame", Touches.Accounts, Audit, run => run.Exchange.Deposit(run.Gateway.Account, 0, 12.5m, silent: true)),
        new("a deposit to a child without a frame", Touches.Accounts, Audit, run => run.Exchange.Deposit(run.Gateway.Account, 128, 3.25m, silent: true)),
        new("statuses that come late", Touches.Accounts, Audit, async run =>
        {
            run.Faults.StatusDelay = TimeSpan.FromSeconds(2);
            await PassAsync(4);
            run.Faults.StatusDelay = TimeSpan.Zero;
            await PassAsync(2);
        }),
        new("a silent socket", Touches.Everything, TimeSpan.FromSeconds(5) + Subscribe, run => run.Faults.StallOpen()),
        new("REST two seconds behind", Touches.Everything, Audit, async run =>
        {
            run.Faults.RestLag = TimeSpan.FromSeconds(2);
            await PassAsync(4);
            run.Faults.RestLag = null;
        }),
        new("a restart", Touches.Everything, Subscribe, run => run.RestartAsync(kill: false)),
        new("a kill", Touches.Everything, Subscribe, run => run.RestartAsync(kill: true)),
    ];

    // Only in the long form: they take their time.
    private static readonly Distortion[] Slow =
    [
        new("a move of five percent within a minute", Touches.Nothing, Wire, async run =>
        {
            for (var step = 0; step < 60; step++)
            {
                var fraction = step % 2 == 0 ? 0.0005m : 0.0011m;
                await run.BetweenAsync(() =>
                {
                    run.Exchange.MovePrice("BTC-USD", fraction);
                    return Task.CompletedTask;
                });
                await PassAsync(1);
            }
        }),
        new("a cross of thirty seconds", Touches.Books, Audit, async run =>
        {
            run.Exchange.Cross("BTC-USD", TimeSpan.FromSeconds(30));
            await PassAsync(30);
        }),
        new("a cross that nobody takes back", Touches.Books, TimeSpan.FromSeconds(25) + Audit, run => run.Exchange.Cross("MEME-USD", null)),
    ];

    // What was gone on from, early or not, and may still show within its time.
    private readonly List<(Distortion Distortion, DateTimeOffset Ended)> past = [];

    private Touches Lingering => past.Aggregate(Touches.Nothing, (all, one) => all | one.Distortion.TouchesAfter(Now - one.Ended));

    [Fact]
    public async Task What_clients_keep_equals_the_ledger_each_second_through_every_distortion()
    {
        await using var run = await TruthRun.StartAsync(seed: 11, Settings);
        foreach (var distortion in Distortions)
        {
            await CompareAsync(run, distortion, calm: 2, early: distortion.Touches != Touches.Nothing);
        }

        while (Lingering != Touches.Nothing)
        {
            await PassAsync(1);
        }

        await CompareAsync(run, Rest, calm: 3, early: false);

        // The long form: ten minutes more, in an order that the seed gives, and each waited for to its end.
        var random = new Random(4711);
        Distortion[] all = [.. Distortions, .. Slow];
        for (var until = Now + TimeSpan.FromMinutes(10); LongRuns.Wanted && Now < until;)
        {
            await CompareAsync(run, all[random.Next(all.Length)], calm: 5, early: false);
        }

        TestContext.Current.SendDiagnosticMessage($"{run.Figures}");
    }

    // Right for so many seconds on end: after the distortion's time, or early, when all is right before.
    private async Task CompareAsync(TruthRun run, Distortion distortion, int calm, bool early)
    {
        var from = Now;
        var acting = distortion.Act(run);
        var repaired = new HashSet<string>();
        DateTimeOffset? ended = null;
        for (var right = 0; right < calm;)
        {
            await PassAsync(1);
            ended ??= acting.IsCompleted ? Now : null;
            var over = ended + distortion.Within <= Now;
            var touched = Lingering | distortion.TouchesAfter(Now - ended);
            var wrong = await run.CompareAsync(touched);
            var told = wrong.Where(one => (one.What & ~touched) != 0).Select(one => one.Text).Concat(run.NeverRight()).ToList();
            if (over || (distortion.Touches & Touches.Books) == 0)
            {
                told.AddRange(run.Shallow(Wire + Slack));
            }

            // Where nothing is wrong there is nothing to repair but what REST says a moment before the stream does: never twice the same level.
            told.AddRange(run.TakeRepairs().Where(level => right > 0 && over && !repaired.Add(level)).Select(level => level + " is repaired again and again"));
            var story = told.Count == 0 ? "" : await run.StoryAsync();
            Assert.True(told.Count == 0, $"{(Now - from).TotalSeconds:0.0} s after {distortion.Name}: {string.Join('\n', told.Take(12))}\n({run.Figures})\n{story}");
            right = wrong.Count == 0 && (over || (early && ended is not null)) ? right + 1 : 0;
        }

        await acting;
        past.Add((distortion, ended!.Value));
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static Task PassAsync(int seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);
}
