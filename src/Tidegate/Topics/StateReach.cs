namespace Tidegate.Topics;

/// <summary>How far back a state of the newest rows reaches: a client whose last number is before that has missed rows for good.</summary>
/// <remarks>Used under the topic's gate.</remarks>
/// <param name="rowsHeld">Rows that a state holds.</param>
/// <param name="before">The number of the last frame that is not known here.</param>
internal sealed class StateReach(int rowsHeld, long before = 0)
{
    private readonly Queue<(long Seq, int Rows)> frames = new();
    private long rows;
    private long fallenOut = before;

    /// <summary>A frame with so many rows was told.</summary>
    public void Add(long seq, int rowsTold)
    {
        frames.Enqueue((seq, rowsTold));
        rows += rowsTold;
        while (rows > rowsHeld && frames.TryDequeue(out var oldest))
        {
            // Some of its rows may still be held, but not all: it no longer counts.
            rows -= oldest.Rows;
            fallenOut = oldest.Seq;
        }
    }

    /// <summary>Whether every row told after this number is in the state.</summary>
    public bool Covers(long seq) => seq >= fallenOut;
}
