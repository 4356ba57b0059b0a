namespace Tidegate.Sessions;

/// <summary>Limits on clients (contract 1, <c>Sessions</c>).</summary>
internal sealed record SessionLimits(int MaxConnections, int MaxConnectionsPerToken, int MaxConnectionsPerIp, int MaxSubscriptions, int QueueFrames, int QueueBytes);
