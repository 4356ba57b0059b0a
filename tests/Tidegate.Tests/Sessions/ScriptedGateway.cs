using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Sessions;

/// <summary>One built gateway in open mode in front of a scripted Indexer, shared by the tests of a class; each uses a market of its own.</summary>
public sealed class ScriptedGateway : IAsyncLifetime
{
    internal ScriptedIndexer Indexer { get; private set; } = null!;

    internal BuiltGateway Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Indexer = await ScriptedIndexer.StartAsync();
        Gateway = await BuiltGateway.StartOnAsync(Indexer.WebSocketUrl, Indexer.RestUrl, [], "Access:Mode=open", "Sessions:MaxSubscriptions=4");
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Indexer.DisposeAsync();
    }

    internal Task<DashboardClient> ConnectAsync(string more = "&subscribe=none") => Gateway.ConnectAsync(more);
}
