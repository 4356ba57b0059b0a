namespace Tidegate.Operations;

/// <summary>What one check of <c>doctor</c> found, and what to do about it.</summary>
/// <param name="Check">What was checked.</param>
/// <param name="Ok">Whether the gateway can live with it.</param>
/// <param name="Detail">What was found, with figures.</param>
/// <param name="Advice">What to do; may stand beside an ok as a hint.</param>
public sealed record Finding(string Check, bool Ok, string Detail, string? Advice = null);
