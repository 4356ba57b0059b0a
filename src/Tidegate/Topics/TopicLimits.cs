namespace Tidegate.Topics;

/// <summary>How far a reader may be behind, and how much is kept for resume, in frames and in bytes of a topic.</summary>
internal sealed record TopicLimits(int QueueFrames, int QueueBytes, int ResumeFrames, int ResumeBytes)
{
    /// <summary>What a ring holds at most: never less than a reader may be behind, so that one that is not slow finds all of it.</summary>
    public long RingBytes => Math.Max(QueueBytes, ResumeBytes);
}
