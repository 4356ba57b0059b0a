using Tidegate.Indexer.Books;

namespace Tidegate.Indexer.Feeds;

/// <summary>One change of an output. Its spans live as long as the call.</summary>
public readonly ref struct FeedChange
{
    /// <summary>By what it was learned.</summary>
    public required ChangeSource Source { get; init; }

    /// <summary>When it was learned: frame or answer received.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The change as JSON in the Indexer's own spelling: the <c>data</c> of contract 2.</summary>
    public required ReadOnlySpan<byte> Body { get; init; }

    /// <summary>How many rows the body holds, for events; 0 for states.</summary>
    public int Rows { get; init; }

    /// <summary>The changed levels, for a book.</summary>
    public BookChange? Book { get; init; }

    /// <summary>Of whose subaccount, where the contents of a parent's frame say so; else -1.</summary>
    public int Subaccount { get; init; }
}

/// <summary>A hole in an event output: from when to when, how many events were recovered, and whether that is all.</summary>
public sealed record FeedGap(DateTimeOffset From, DateTimeOffset To, string Reason, int Recovered, bool Complete, DateTimeOffset At, ChangeSource Source);

/// <summary>What an event output told before: by an earlier process, or while it was followed the last time.</summary>
/// <param name="State">What <see cref="FeedOutput.WriteKept"/> wrote at some point.</param>
/// <param name="Earlier">Bodies told before that point, as far as known.</param>
/// <param name="Later">Bodies told after it, all of them, in order.</param>
/// <param name="Until">Up to when it was certainly followed.</param>
public sealed record FeedPast(ReadOnlyMemory<byte> State, IEnumerable<ReadOnlyMemory<byte>> Earlier, IEnumerable<ReadOnlyMemory<byte>> Later, DateTimeOffset Until);

/// <summary>Why the Indexer would not carry a topic.</summary>
public enum FeedRefusal
{
    /// <summary>It knows no such id.</summary>
    UnknownId,

    /// <summary>Another reason.</summary>
    Refused,

    /// <summary>All upstream sockets are full.</summary>
    Full,
}

/// <summary>Hears what an output tells. All calls come under the feed's gate, one after the other; none may wait.</summary>
public interface IFeedListener
{
    /// <summary>The first full state is there: <see cref="FeedOutput.WriteState"/> may be called from now on.</summary>
    void OnState();

    /// <summary>Something changed.</summary>
    void OnChange(in FeedChange change);

    /// <summary>Events were missed, or recovered.</summary>
    void OnGap(FeedGap gap);

    /// <summary>Mode, reason, completeness or attempt changed.</summary>
    void OnStatus(FeedStatus status);

    /// <summary>The Indexer refuses this topic; nothing follows.</summary>
    void OnRefused(FeedRefusal refusal, string message);
}
