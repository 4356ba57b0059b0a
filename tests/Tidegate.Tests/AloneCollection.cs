namespace Tidegate.Tests;

/// <summary>Tests that measure time, memory or handles of the process: they run when no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
