using System.Buffers;
using System.Text.Json;

namespace Tidegate.Indexer.Messages;

/// <summary>Copies JSON of the Indexer with its digits unchanged: compact, numeric strings with an exponent written out plainly.</summary>
public static class RowWriter
{
    /// <summary>Writes the value. A string that reads as a number with an exponent ("5e-7") is written without one ("0.0000005").</summary>
    public static void Copy(JsonElement value, IBufferWriter<byte> to) => throw new NotImplementedException();

    /// <summary>The same as an array of its own.</summary>
    public static byte[] ToBytes(JsonElement value) => throw new NotImplementedException();
}
