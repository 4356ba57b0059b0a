namespace Tidegate.Bench.Fan;

/// <summary>A way to publish, as arguments of the load program.</summary>
/// <param name="Command">Its name on the command line.</param>
/// <param name="Name">Its name in tables.</param>
/// <param name="Arguments">For the load program.</param>
/// <param name="FloorSendsEach">Whether its floor sends each frame by itself; else all that is there in one send.</param>
internal sealed record Scenario(string Command, string Name, bool FloorSendsEach, params string[] Arguments)
{
    /// <summary>What the other servers' frames carry, so that they are as long as the gateway's (some 358 bytes with the header).</summary>
    public const int PayloadBytes = 354;

    public static readonly Scenario Singly = new("singly", "100 a second, singly", true, "-k", "1", "-s", "1", "-rate", "100", "-burst", "1");
    public static readonly Scenario Bursts = new("bursts", "bursts of 20, 200 a second", false, "-k", "1", "-s", "1", "-rate", "200", "-burst", "20");
    public static readonly Scenario Topics = new("topics", "10 of 100 topics each, bursts of 100, 2,000 a second", false, "-k", "100", "-s", "10", "-rate", "2000", "-burst", "100");
    public static readonly Scenario Saturation = new("saturation", "saturation", false, "-k", "1", "-s", "1", "-mode", "sat", "-burst", "20", "-win", "100");

    public static readonly Scenario[] All = [Singly, Bursts, Topics, Saturation];
}
