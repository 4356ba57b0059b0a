using System.Diagnostics;

namespace Tidegate.Tests.EndToEnd;

/// <summary>
/// A run of faults and kills while an account trades, with three clients: one that stays, one that comes and goes, one that now and then reads nothing.
/// Each is compared with the ledger as the run goes on.
/// </summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    private const int CompareEvery = 100;
    private const double MostLate = 0.05;
    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];
    private readonly Dictionary<string, int> counts = [];
    private readonly Dictionary<string, TimeSpan> spans = [];
    private readonly long started = TimeProvider.System.GetTimestamp();
    private Task stalling = Task.CompletedTask;
    private int kills;

    private ChaosRun(AccountRun account, FakedClock clock, int seed)
    {
        (Account, Clock, Random) = (account, clock, new Random(seed));
        (Flaky, Stalling) = (account.AddClient(), account.AddClient());
        running.AddRange(account.Clients.Select(client => client.StayAsync(stop.Token)));
        running.Add(ComeAndGoAsync(new Random(seed + 1)));
    }

    public AccountRun Account { get; }

    public FakedClock Clock { get; }

    public Random Random { get; }

    /// <summary>The client that comes and goes.</summary>
    public ResumingClient Flaky { get; }

    /// <summary>The client that now and then reads nothing.</summary>
    public ResumingClient Stalling { get; }

    public static async Task<ChaosRun> StartAsync(int seed)
    {
        var clock = new FakedClock();
        return new ChaosRun(await AccountRun.StartAsync(clock.Environment, ["Health:StaleAfter=00:00:05", "Sessions:QueueFrames=16"]), clock, seed);
    }

    public Task PassAsync(int from, int to) => Task.Delay(Random.Next(from, to), TestContext.Current.CancellationToken);

    /// <summary>Lets so many faults happen, kinds in shuffled rounds, and so many kills among them: after each fault that costs the journal, the rest evenly.</summary>
    public async Task FaultsAsync(int faults, int kills)
    {
        var kinds = ChaosFault.All.Where(kind => FakedClock.Library is not null || kind.Name != "the clock jumps").ToArray();
        for (var fault = 0; fault < faults; fault++)
        {
            if (fault % kinds.Length == 0)
            {
                Random.Shuffle(kinds);
            }

            var kind = kinds[fault % kinds.Length];
            var at = TimeProvider.System.GetTimestamp();
            await kind.Act(this);
            spans[kind.Name] = spans.GetValueOrDefault(kind.Name) + TimeProvider.System.GetElapsedTime(at);
            counts[kind.Name] = counts.GetValueOrDefault(kind.Name) + 1;

            // Mostly the next one comes while the last is being mended; sometimes there is peace.
            await (Random.Next(12) == 0 ? PassAsync(1500, 2200) : PassAsync(20, 320));
            if (kind.CostsJournal || this.kills < (fault + 1) * kills / faults)
            {
                await KillAsync();
            }

            Check();
            if (fault % CompareEvery == CompareEvery - 1)
            {
                Tell(fault + 1);
                await Account.CompareAsync();
            }
        }

        Tell(faults);
        await Account.CompareAsync();
        Account.AssertEpochsKept();
        var (late, placed) = (Account.Clients.Sum(client => client.Late), Account.Clients.Sum(client => client.Placed));
        Assert.True(late < MostLate * placed, $"{late} of {placed} events came out of the chain's order, if by contract");
    }

    /// <summary>Lets the one client read nothing for some seconds, while the run goes on.</summary>
    public void StallClient()
    {
        if (stalling.IsCompleted)
        {
            stalling = Stalling.StallAsync(TimeSpan.FromMilliseconds(Random.Next(1000, 9000)), stop.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        Flaky.Cut();
        Stalling.Cut();
        await Task.WhenAll([.. running, stalling]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Account.DisposeAsync();
        Clock.Dispose();
        stop.Dispose();
    }

    private async Task KillAsync()
    {
        var at = TimeProvider.System.GetTimestamp();
        await Account.Gateway.KillAsync();
        await PassAsync(0, 400);
        await Account.Gateway.StartAgainAsync();
        kills++;
        spans["kills"] = spans.GetValueOrDefault("kills") + TimeProvider.System.GetElapsedTime(at);
    }

    private async Task ComeAndGoAsync(Random own)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(own.Next(100, 1200), stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Flaky.Cut();
        }
    }

    // A client that gave up is a failure at once, not at the end.
    private void Check()
    {
        if (running.Find(task => task.IsFaulted) is { } failed)
        {
            throw new UnreachableException("a client ended", failed.Exception);
        }
    }

    private void Tell(int faults) => TestContext.Current.SendDiagnosticMessage(
        $"{TimeProvider.System.GetElapsedTime(started):mm\\:ss}: {faults} faults of {counts.Count} kinds, {kills} kills, {Account.Clients.Sum(client => client.Connects)} connects, {Stalling.SlowCloses} closed as slow; told "
        + string.Join(", ", Account.Clients.Select(client => $"{client.Fills.Told.Count} fills, {client.Transfers.Told.Count} transfers, {client.Orders.Told.Count} orders, {client.Tape.Told.Count} trades"))
        + $"; late {Account.Clients.Sum(client => client.Late)}; took " + string.Join(", ", spans.OrderByDescending(one => one.Value).Take(6).Select(one => $"{one.Key} {one.Value.TotalSeconds:0} s")));
}
