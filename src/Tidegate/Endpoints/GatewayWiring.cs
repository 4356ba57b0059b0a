using Tidegate.Configuration;
using Tidegate.Indexer.Sockets;

namespace Tidegate.Endpoints;

/// <summary>Where the host hands over to the gateway's rooms.</summary>
internal static class GatewayWiring
{
    /// <summary>Registers feeds, topics and sessions.</summary>
    public static void AddGateway(IServiceCollection services, TidegateOptions options, UpstreamOptions upstream, string network)
    {
    }

    /// <summary>Maps sockets, status and pages.</summary>
    public static void MapGateway(WebApplication app)
    {
    }
}
