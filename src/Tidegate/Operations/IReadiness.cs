namespace Tidegate.Operations;

/// <summary>Whether the gateway can serve, as <c>/readyz</c> tells it (contract 5).</summary>
public interface IReadiness
{
    /// <summary>Markets are known and a source of data works.</summary>
    bool Ready { get; }

    /// <summary>Why it is not ready or what it serves without, in stable words such as <c>markets</c>, <c>upstream</c>, <c>journal</c>; empty when all is well.</summary>
    IReadOnlyList<string> Reasons { get; }
}
