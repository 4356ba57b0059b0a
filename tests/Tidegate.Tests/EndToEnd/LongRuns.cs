namespace Tidegate.Tests.EndToEnd;

/// <summary>Whether the long forms of the runs against the ledger are wanted: <c>TIDEGATE_LONG_RUNS=1</c>.</summary>
internal static class LongRuns
{
    public static bool Wanted => Environment.GetEnvironmentVariable("TIDEGATE_LONG_RUNS") == "1";
}
