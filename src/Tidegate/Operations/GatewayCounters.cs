namespace Tidegate.Operations;

/// <summary>Placeholder for the metrics of the sessions room.</summary>
internal static class GatewayCounters
{
    public static void BadClientFrame(string code)
    {
        _ = code;
    }
}
