namespace Tidegate.Topics;

/// <summary>How far a reader may be behind, and how much is kept for resume.</summary>
internal sealed record TopicLimits(int QueueFrames, int ResumeFrames);
