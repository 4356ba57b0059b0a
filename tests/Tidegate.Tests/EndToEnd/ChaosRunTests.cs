namespace Tidegate.Tests.EndToEnd;

/// <summary>
/// Faults of every kind at random moments and kills of the gateway, while an account trades: every event is told once, in order, in one epoch as long
/// as the journal lives. The long form (<c>TIDEGATE_LONG_RUNS=1</c>) has a thousand faults and a hundred kills, and takes some twenty minutes.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class ChaosRunTests
{
    [Fact]
    public async Task Faults_of_every_kind_and_kills_lose_nothing_and_double_nothing()
    {
        await using var run = await ChaosRun.StartAsync(LongRuns.Wanted ? 37 : 31);
        await (LongRuns.Wanted ? run.FaultsAsync(faults: 1000, kills: 100) : run.FaultsAsync(faults: 60, kills: 5));
    }
}
