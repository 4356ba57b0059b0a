using Microsoft.Extensions.Logging;
using Tidegate.Operations;

namespace Tidegate.Tests.Operations;

public sealed class ConsoleLogTests
{
    [Theory]
    [InlineData("Microsoft.AspNetCore.Server.Kestrel")]
    [InlineData("Microsoft.AspNetCore.Routing.EndpointMiddleware")]
    [InlineData("System.Net.Http.HttpClient.Default.LogicalHandler")]
    public void Logs_that_hold_paths_and_queries_stay_off_at_every_level(string category)
    {
        var log = new ConsoleLog("text", LogLevel.Trace);
        log.Started();
        Assert.False(log.Passes(category, LogLevel.Information));
        Assert.True(log.Passes(category, LogLevel.Warning));
        Assert.True(log.Passes("Tidegate.Access.TokenGate", LogLevel.Trace));
    }

    [Fact]
    public void What_would_cost_each_request_an_activity_and_a_scope_is_off_altogether()
    {
        var log = new ConsoleLog("text", LogLevel.Trace);
        log.Started();
        Assert.False(log.Passes("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Critical));
    }

    [Fact]
    public void Before_the_start_only_own_entries_are_written() =>
        Assert.False(new ConsoleLog("text", LogLevel.Trace).Passes("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical));
}
