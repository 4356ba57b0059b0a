using System.Buffers;
using System.Text.Json;

namespace Tidegate.Indexer.Candles;

/// <summary>One series of candles, at most the newest 1000, keyed by <c>startedAt</c> (protocol.md 2, v4_candles).</summary>
/// <remarks>Serialised by its owner. A candle is closed once: by its frame with <c>orderbookMidPriceClose</c>, or by <see cref="CloseBefore"/>.</remarks>
public sealed class CandleSeries
{
    /// <summary>Takes candles in any order (a snapshot, a REST answer, or one frame's candle); writes the body of those that differ, <c>{"candles":[…]}</c> oldest first, each with <c>closed</c> (and <c>revised:true</c> where it was closed before). False when nothing differs or it does not parse; nothing has changed then.</summary>
    public bool Apply(JsonElement candles, IBufferWriter<byte> body) => throw new NotImplementedException();

    /// <summary>Closes candles older than the newest interval that are still open; writes their body. False when there are none.</summary>
    public bool CloseBefore(string startedAt, IBufferWriter<byte> body) => throw new NotImplementedException();

    /// <summary>The newest candle's <c>startedAt</c>, null when there is none.</summary>
    public string? NewestStartedAt => throw new NotImplementedException();

    /// <summary>The oldest candle, older than the newest, that is not closed yet; null when there is none.</summary>
    public string? OldestOpenBeforeNewest => throw new NotImplementedException();

    /// <summary>Writes <c>{"candles":[…]}</c>, oldest first.</summary>
    public void WriteState(IBufferWriter<byte> to) => throw new NotImplementedException();
}
