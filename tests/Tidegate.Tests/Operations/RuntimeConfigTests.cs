using System.Text.Json;

namespace Tidegate.Tests.Operations;

public sealed class RuntimeConfigTests
{
    [Fact]
    public void The_executable_runs_with_the_workstation_collector_and_invariant_culture()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "tidegate.runtimeconfig.json");
        using var config = JsonDocument.Parse(File.ReadAllText(file));
        var properties = config.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");
        Assert.False(properties.GetProperty("System.GC.Server").GetBoolean());
        Assert.True(properties.GetProperty("System.Globalization.Invariant").GetBoolean());
    }
}
