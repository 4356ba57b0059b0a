using System.Buffers;

namespace Tidegate.Indexer.Books;

/// <summary>
/// One market's book, served uncrossed: of two touching levels the one that arrived later shows, the older is hidden, comes back when the
/// other side gives way within ten seconds, and is forgotten after that (protocol.md 3).
/// </summary>
/// <remarks>
/// Owned by one feed, which serialises access. Knows no clock: arrivals are milliseconds of the owner's clock, never falling. Prices in quote per
/// base, sizes in base units. Updates allocate nothing once the sides have grown to their size.
/// </remarks>
public sealed class OrderBook
{
    /// <summary>How long a hidden level may come back, in milliseconds (protocol.md 3).</summary>
    public const long HiddenLife = 10_000;

    /// <summary>The best served bid, null when there is none.</summary>
    public Level? BestBid => throw new NotImplementedException();

    /// <summary>The best served ask, null when there is none.</summary>
    public Level? BestAsk => throw new NotImplementedException();

    /// <summary>The lowest bid price up to which, itself included, every level is known; null = the whole side.</summary>
    public decimal? KnownBid => throw new NotImplementedException();

    /// <summary>The highest ask price up to which every level is known; null = the whole side.</summary>
    public decimal? KnownAsk => throw new NotImplementedException();

    /// <summary>CRC-32 of the ten best served levels a side as contract 2 has it. Computed only when they changed.</summary>
    public uint Crc => throw new NotImplementedException();

    /// <summary>
    /// Takes a REST-shaped snapshot (<c>{bids:[{price,size}],asks:[…]}</c>, pairs accepted too) as the whole truth, except levels that the stream
    /// changed after <paramref name="notBefore"/> when that is given. Zero sizes are left out. The difference to what was served goes into
    /// <paramref name="change"/>. False when it does not parse: then nothing has changed.
    /// A side with 100 levels or more is known to its last level, a shorter one wholly.
    /// </summary>
    public bool ApplySnapshot(ReadOnlySpan<byte> contents, long arrival, BookChange change, long? notBefore = null) => throw new NotImplementedException();

    /// <summary>Takes an update (<c>{bids?:[[price,size]…],asks?:[…]}</c>). False when it does not parse: then nothing has changed.</summary>
    public bool ApplyUpdate(ReadOnlySpan<byte> contents, long arrival, BookChange change) => throw new NotImplementedException();

    /// <summary>Forgets hidden levels whose time is over. No served level changes by it.</summary>
    public void Expire(long now) => throw new NotImplementedException();

    /// <summary>Copies up to <paramref name="to"/>'s length of served levels, best first; returns how many.</summary>
    public int CopyTop(bool bids, Span<Level> to) => throw new NotImplementedException();

    /// <summary>CRC-32 over at most <paramref name="depth"/> (and at most ten) served levels a side.</summary>
    public uint CrcOf(int depth) => throw new NotImplementedException();

    /// <summary>Writes the served book, best first, at most <paramref name="depth"/> levels a side, in the shape of <see cref="BookChange.WriteBody"/>.</summary>
    public void WriteState(IBufferWriter<byte> to, int depth = int.MaxValue) => throw new NotImplementedException();
}
