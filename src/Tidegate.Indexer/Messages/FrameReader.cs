namespace Tidegate.Indexer.Messages;

/// <summary>Reads the envelope of a frame without allocating for the data frames.</summary>
public static class FrameReader
{
    /// <summary>
    /// Reads one text frame. False, with the reason in <paramref name="fault"/> (a constant text, usable as a counter's label), when the
    /// frame is not a JSON object, is nested deeper than 64 levels, is cut off, is not UTF-8 or carries a field of the wrong type.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out FrameEnvelope envelope, out string? fault) => throw new NotImplementedException();
}
