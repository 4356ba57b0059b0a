using System.Buffers;

namespace Tidegate.Indexer.Feeds;

/// <summary>The kinds of output that feeds have.</summary>
public enum OutputKind
{
    /// <summary>A subaccount's value.</summary>
    Account,

    /// <summary>A parent subaccount's value.</summary>
    ParentAccount,

    /// <summary>A subaccount's orders.</summary>
    Orders,

    /// <summary>A subaccount's fills.</summary>
    Fills,

    /// <summary>A subaccount's transfers.</summary>
    Transfers,

    /// <summary>A market's public tape.</summary>
    Tape,

    /// <summary>A series of candles.</summary>
    Candles,

    /// <summary>A market's book.</summary>
    Book,

    /// <summary>All markets.</summary>
    Markets,

    /// <summary>The chain's height.</summary>
    Blocks,

    /// <summary>All that a topic tells, in the Indexer's own shape: each change is the <c>contents</c> of one of its frames.</summary>
    Contents,
}

/// <summary>What a feed tells about one thing: a state that can be written whole, and its changes.</summary>
/// <remarks>All members are used under <see cref="Gate"/>.</remarks>
public sealed class FeedOutput
{
    private readonly Action<IBufferWriter<byte>> writeState;
    private readonly Action<IBufferWriter<byte>> writeKept;
    private long version;

    internal FeedOutput(Feed feed, OutputKind kind, string channel, string id, Action<IBufferWriter<byte>> writeState, Action<IBufferWriter<byte>>? writeKept = null)
    {
        this.writeKept = writeKept ?? writeState;
        Feed = feed;
        Kind = kind;
        Channel = channel;
        Id = id;
        this.writeState = writeState;
    }

    /// <summary>The feed that tells it.</summary>
    public Feed Feed { get; }

    /// <summary>What it is.</summary>
    public OutputKind Kind { get; }

    /// <summary>The channel's name to clients, such as <c>v4_orders</c>.</summary>
    public string Channel { get; }

    /// <summary>The id to clients; empty for markets and blocks.</summary>
    public string Id { get; }

    /// <summary>Whether it tells events, each once, rather than a state whose newest value counts.</summary>
    public bool IsEvent => Kind is OutputKind.Orders or OutputKind.Fills or OutputKind.Transfers or OutputKind.Tape;

    /// <summary>The feed's lock; short holds only.</summary>
    public Lock Gate => Feed.Gate;

    /// <summary>Whether the first full state is there.</summary>
    public bool HasState { get; private set; }

    /// <summary>Rises with every change told; may be read without the gate.</summary>
    public long Version => Volatile.Read(ref version);

    /// <summary>Who hears it.</summary>
    public IFeedListener? Listener { get; private set; }

    /// <summary>Whether what is told reaches anybody.</summary>
    internal bool IsHeard => HasState && Listener is not null;

    /// <summary>Sets who hears it; a feed may then load what only this output needs.</summary>
    public void Attach(IFeedListener? listener)
    {
        lock (Gate)
        {
            Listener = listener;
        }

        if (listener is not null)
        {
            Feed.OnAttached(this);
        }
    }

    /// <summary>Writes the whole state as JSON, the <c>data</c> of contract 2.</summary>
    public void WriteState(IBufferWriter<byte> to) => writeState(to);

    /// <summary>Writes what <see cref="Restore"/> needs to go on from here; it may hold more than the state.</summary>
    public void WriteKept(IBufferWriter<byte> to) => writeKept(to);

    /// <summary>
    /// Takes what was told up to a time, before a listener is attached: what is missing since is then looked for, and told as a backfill. False,
    /// with nothing taken, where the output keeps no past or this one does not parse. May take a while; not under the gate.
    /// </summary>
    public bool Restore(FeedPast past)
    {
        ArgumentNullException.ThrowIfNull(past);
        return Feed.Restore(this, past);
    }

    internal void Restored() => HasState = true;

    internal void Complete()
    {
        if (!HasState)
        {
            HasState = true;
            Listener?.OnState();
            Feed.CompleteContents();
        }
    }

    internal void Tell(ChangeSource source, DateTimeOffset at, ReadOnlySpan<byte> body, Books.BookChange? book = null, int rows = 0, int subaccount = -1)
    {
        if (HasState)
        {
            Feed.LastChangeAt = at;
            Volatile.Write(ref version, version + 1);
            Listener?.OnChange(new FeedChange { Source = source, At = at, Body = body, Book = book, Rows = rows, Subaccount = subaccount });
            if (Kind != OutputKind.Contents && Feed.Contents.IsHeard)
            {
                Feed.TellContents(this, source, at, body, book);
            }
        }
    }

    internal void Tell(FeedGap gap)
    {
        if (HasState)
        {
            Listener?.OnGap(gap);
        }
    }
}
