namespace Tidegate.Journal;

/// <summary>One topic's place in the journal: where its entries are written, and who is told when they are.</summary>
/// <param name="channel">The channel.</param>
/// <param name="id">The id.</param>
/// <param name="epoch">The epoch of all that is handed over.</param>
/// <param name="publish">Called by the journal's thread with each entry, in the order handed over, once it is written.</param>
/// <param name="lost">Called once, outside all locks, when the journal was given up: nothing more is published.</param>
internal sealed class JournalSeat(string channel, string id, string epoch, Action<JournalEntry> publish, Action lost)
{
    /// <summary>The channel.</summary>
    public string Channel { get; } = channel;

    /// <summary>The id.</summary>
    public string Id { get; } = id;

    /// <summary>The epoch.</summary>
    public string Epoch { get; } = epoch;

    /// <summary>A state of now is wanted with the next change: older batches may then go.</summary>
    public bool WantsState { get => Volatile.Read(ref wantsState); set => Volatile.Write(ref wantsState, value); }

    private bool wantsState;

    /// <summary>Published, in order.</summary>
    public Action<JournalEntry> Publish { get; } = publish;

    /// <summary>Given up.</summary>
    public Action Lost { get; } = lost;

    // From here on the journal thread's own.

    /// <summary>The topic's row; 0 until its first state is written.</summary>
    internal long Row { get; set; }

    /// <summary>Events in the store.</summary>
    internal int Kept { get; set; }

    /// <summary>Events since the last state.</summary>
    internal int SinceState { get; set; }

    /// <summary>The number that the stored state was written at.</summary>
    internal long StateSeq { get; set; }

    /// <summary>When the stored state was written.</summary>
    internal DateTimeOffset StateAt { get; set; }

    /// <summary>When the oldest stored batch was written, as far as known.</summary>
    internal DateTimeOffset OldestAt { get; set; } = DateTimeOffset.MaxValue;

    /// <summary>When the store was last told that the topic is followed.</summary>
    internal DateTimeOffset SeenAt { get; set; }

    /// <summary>The batch under construction.</summary>
    internal BatchBlob Batch { get; } = new();
}

/// <summary>What an entry is.</summary>
internal enum EntryKind
{
    /// <summary>A numbered frame: written, then published.</summary>
    Frame,

    /// <summary>A frame that is only kept in order with the others: published.</summary>
    Pass,

    /// <summary>A state: written.</summary>
    State,

    /// <summary>The topic is left: noted.</summary>
    Leave,

    /// <summary>Somebody waits until all before it is written.</summary>
    Settle,
}

/// <summary>Something handed over to the journal.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Seat">Whose; null for <see cref="EntryKind.Settle"/>.</param>
/// <param name="Seq">Its number, 0 where it takes none.</param>
/// <param name="Bytes">The frame's wire bytes, or the state.</param>
/// <param name="Body">Where <c>data</c> stands in a frame.</param>
/// <param name="Rows">Rows that a frame tells.</param>
/// <param name="Settled">Who waits.</param>
internal readonly record struct JournalEntry(EntryKind Kind, JournalSeat? Seat, long Seq, byte[] Bytes, Range Body = default, int Rows = 0, TaskCompletionSource<bool>? Settled = null)
{
    /// <summary>When it was handed over, as a timestamp.</summary>
    public long At { get; init; }
}
