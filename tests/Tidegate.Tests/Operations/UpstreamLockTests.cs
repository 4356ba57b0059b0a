using Tidegate.Configuration;
using Tidegate.Operations;

namespace Tidegate.Tests.Operations;

public sealed class UpstreamLockTests : IDisposable
{
    private readonly DataFolder data = new(Directory.CreateTempSubdirectory("tidegate-test-").FullName);

    public void Dispose() => Directory.Delete(data.Path, recursive: true);

    [Fact]
    public void One_upstream_has_one_gateway_at_a_time_and_another_upstream_its_own()
    {
        var (x, y) = (data.EnsureUpstream(new Uri("ws://127.0.0.1:1/v4/ws")), data.EnsureUpstream(new Uri("ws://127.0.0.1:2/v4/ws")));
        Assert.NotEqual(x, y);
        using (UpstreamLock.TryTake(x))
        {
            Assert.Null(UpstreamLock.TryTake(x));
            using var other = UpstreamLock.TryTake(y);
            Assert.NotNull(other);
        }

        using var again = UpstreamLock.TryTake(x);
        Assert.NotNull(again);
    }

    [Fact]
    public void The_folder_of_an_upstream_keeps_its_name_and_names_the_host() =>
        Assert.StartsWith("indexer.dydx.trade-", Path.GetFileName(data.EnsureUpstream(new Uri("wss://indexer.dydx.trade/v4/ws"))), StringComparison.Ordinal);
}
