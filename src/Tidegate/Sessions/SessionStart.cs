using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>What a session begins with: its <c>connected</c> frame and the topics subscribed without asking.</summary>
internal sealed record SessionStart(byte[] Connected, IReadOnlyList<TopicAddress> Subscribe);
