namespace Tidegate.Simulator.Control;

/// <summary>One thing that a client did.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">connect, disconnect, subscribe, unsubscribe, rest, violation.</param>
/// <param name="Connection">The connection's id, or the remote address for REST.</param>
/// <param name="What">The topic, the path with query, or the limit that was broken.</param>
public sealed record ClientAct(DateTimeOffset At, string Kind, string Connection, string What);

/// <summary>What clients did, newest last, bounded.</summary>
public sealed class ClientLog
{
    private const int Most = 200_000;
    private readonly Lock gate = new();
    private readonly List<ClientAct> acts = [];
    private readonly TimeProvider time;
    private int handled;

    internal ClientLog(TimeProvider time) => this.time = time;

    /// <summary>How many sockets are open.</summary>
    public int Open { get; private set; }

    /// <summary>All acts so far.</summary>
    public IReadOnlyList<ClientAct> All()
    {
        lock (gate) return [.. acts];
    }

    /// <summary>Acts of one kind.</summary>
    public IReadOnlyList<ClientAct> Of(string kind)
    {
        lock (gate) return acts.FindAll(a => string.Equals(a.Kind, kind, StringComparison.Ordinal));
    }

    /// <summary>Forgets what was.</summary>
    public void Clear()
    {
        lock (gate) acts.Clear();
    }

    /// <summary>Messages of clients that have been dealt with.</summary>
    internal int Handled => Volatile.Read(ref handled);

    internal void CountHandled() => Interlocked.Increment(ref handled);

    internal void Add(string kind, string connection, string what)
    {
        lock (gate)
        {
            if (string.Equals(kind, "connect", StringComparison.Ordinal)) Open++;
            if (string.Equals(kind, "disconnect", StringComparison.Ordinal)) Open--;
            if (acts.Count >= Most) acts.RemoveRange(0, Most / 10);
            acts.Add(new ClientAct(time.GetUtcNow(), kind, connection, what));
        }
    }
}
