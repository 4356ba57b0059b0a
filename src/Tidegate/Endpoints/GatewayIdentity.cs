namespace Tidegate.Endpoints;

/// <summary>What the gateway says of itself.</summary>
/// <param name="Network"><c>mainnet</c>, <c>testnet</c>, <c>custom</c> or <c>simulated</c>.</param>
/// <param name="Version">The product's version.</param>
/// <param name="StartedAt">When the process began to serve.</param>
internal sealed record GatewayIdentity(string Network, string Version, DateTimeOffset StartedAt);
