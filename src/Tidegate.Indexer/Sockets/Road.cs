using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Tidegate.Indexer.Sockets;

/// <summary>
/// The road to the Indexer: which address comes next, when it may be dialled, and the one state of all sockets together (contract 3, "When
/// streaming fails").
/// </summary>
/// <remarks>
/// Owned by a pool, which serialises access. Failures are counted per address and forgotten only when a socket opened since has brought data;
/// a socket that merely connected proves nothing.
/// </remarks>
internal sealed class Road(UpstreamOptions options, BackOff backOff, TimeProvider time, ILogger logger)
{
    /// <summary>How long a block is left alone before one probe.</summary>
    public static readonly TimeSpan ProbeEvery = TimeSpan.FromMinutes(15);

    private readonly int[] failures = new int[options.Endpoints.Count];
    private int current;

    public SocketState State { get; private set; } = SocketState.Idle;

    public DateTimeOffset Since { get; private set; } = time.GetUtcNow();

    public string? Reason { get; private set; }

    /// <summary>When the next dial may go out; in the past when it may at once.</summary>
    public DateTimeOffset NextDialAt { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Losses from which no socket has come back yet.</summary>
    public int OpenLosses { get; private set; }

    public IndexerEndpoint Current => options.Endpoints[current];

    /// <summary>Failed attempts since data last flowed, over all addresses.</summary>
    public int Attempt => failures.Sum();

    public bool IsDown => State is SocketState.Reconnecting or SocketState.Exhausted;

    /// <summary>Told after each change of state.</summary>
    public event Action<SocketState>? Changed;

    public void Dialling()
    {
        if (State == SocketState.Idle)
        {
            Enter(SocketState.Connecting, "first dial");
        }

        if (State == SocketState.Blocked)
        {
            NextDialAt = time.GetUtcNow() + ProbeEvery; // one probe, then left alone again
        }
    }

    public void Opened()
    {
        if (State != SocketState.Streaming && State != SocketState.Connected)
        {
            Enter(SocketState.Connected, "upgraded");
        }
    }

    /// <summary>A socket has brought its first data. True when a loss is made good by it.</summary>
    public bool Flowed()
    {
        Array.Clear(failures);
        Reason = null;
        if (State == SocketState.Connected)
        {
            Enter(SocketState.Streaming, "data flows");
        }

        var recovered = OpenLosses > 0;
        OpenLosses -= recovered ? 1 : 0;
        return recovered;
    }

    /// <summary>A socket that had brought data is gone: the waits begin anew with the initial one.</summary>
    public void Lost(bool othersUp, bool restarting, string reason)
    {
        OpenLosses++;
        ScheduleAfter(restarting ? backOff.AfterRestart() : backOff.After(failures[current]));
        Down(othersUp, reason);
    }

    /// <summary>A dial failed, or its socket ended before it brought data.</summary>
    public void Failed(bool othersUp, string reason)
    {
        if (State == SocketState.Blocked)
        {
            return; // a probe that did not get through: the next one comes in its time
        }

        // No upstream at the start counts as the loss itself, not as a failed attempt after it (contract 3).
        if (State == SocketState.Connecting)
        {
            OpenLosses++;
        }
        else
        {
            failures[current]++;
        }

        current = (current + 1) % failures.Length;
        ScheduleAfter(backOff.After(failures[current]));
        Down(othersUp, reason);
    }

    public void Block(string reason)
    {
        NextDialAt = time.GetUtcNow() + ProbeEvery;
        Reason = reason;
        if (State != SocketState.Blocked)
        {
            Enter(SocketState.Blocked, reason);
        }
    }

    /// <summary>Somebody asked: the waiting attempt is made now, a block is tried again.</summary>
    public void Hurry()
    {
        NextDialAt = DateTimeOffset.MinValue;
        if (State == SocketState.Blocked)
        {
            Enter(SocketState.Reconnecting, "asked to try again");
        }
    }

    /// <summary>From now on that address is dialled first.</summary>
    public void Prefer(int index) => current = index;

    public void Close(string why) => Enter(SocketState.Closed, why);

    private void ScheduleAfter(TimeSpan wait) => NextDialAt = time.GetUtcNow() + wait;

    private void Down(bool othersUp, string reason)
    {
        if (othersUp || State is SocketState.Blocked or SocketState.Closed)
        {
            return;
        }

        Reason = reason;
        var next = Attempt >= options.AttemptsBeforePolling ? SocketState.Exhausted : SocketState.Reconnecting;
        if (next != State)
        {
            Enter(next, reason);
        }
    }

    private void Enter(SocketState next, string why)
    {
        Debug.Assert(CanFollow(State, next), $"{State} -> {next}");
        if (State != SocketState.Idle || next != SocketState.Closed)
        {
            SocketLog.RoadEntered(logger, State, next, why); // one that was never taken has nothing to tell at its end
        }

        (State, Since) = (next, time.GetUtcNow());
        Changed?.Invoke(next);
    }

    private static bool CanFollow(SocketState from, SocketState next) => from switch
    {
        SocketState.Idle => next is SocketState.Connecting or SocketState.Blocked or SocketState.Closed,
        SocketState.Connecting => next is SocketState.Connected or SocketState.Reconnecting or SocketState.Exhausted or SocketState.Blocked or SocketState.Closed,
        SocketState.Connected => next is SocketState.Streaming or SocketState.Reconnecting or SocketState.Exhausted or SocketState.Blocked or SocketState.Closed,
        SocketState.Streaming => next is SocketState.Reconnecting or SocketState.Exhausted or SocketState.Blocked or SocketState.Closed,
        SocketState.Reconnecting => next is SocketState.Connected or SocketState.Exhausted or SocketState.Blocked or SocketState.Closed,
        SocketState.Exhausted => next is SocketState.Connected or SocketState.Reconnecting or SocketState.Blocked or SocketState.Closed,
        SocketState.Blocked => next is SocketState.Connected or SocketState.Reconnecting or SocketState.Closed,
        _ => false,
    };
}
