using System.Buffers;
using Tidegate.Indexer.Messages;
using Tidegate.Indexer.Trades;

namespace Tidegate.Indexer.Feeds;

/// <summary>
/// One event output: either live, or filling, when new events wait until those of a hole are found, so that all go out once and in chain order.
/// </summary>
/// <remarks>Used under the feed's gate.</remarks>
internal sealed class EventStream(FeedOutput output, string name, EventLog log)
{
    /// <summary>The most events that wait for a backfill (contract 2, Whole before streaming).</summary>
    private const int MostWaiting = 10_000;

    private readonly byte[] opening = [.. "{"u8, .. JsonRow.KeyOf(name), .. "["u8];
    private readonly List<EventRow> waiting = [];
    private readonly ArrayBufferWriter<byte> body = new(1024);
    private (DateTimeOffset From, DateTimeOffset To)? openGap;

    // Set from a restored past until the first fill after it: everything since may be missing.
    private DateTimeOffset? knownUntil;

    public EventLog Log { get; private set; } = log;

    public bool Filling { get; private set; }

    public FeedOutput Output { get; } = output;

    public void WriteState(IBufferWriter<byte> to) => Log.WriteState(name, to);

    public void BeginFill() => Filling = true;

    /// <summary>Takes events of the stream. False when too many wait: the backfill has to be given up.</summary>
    public bool TakeLive(IReadOnlyList<EventRow> rows, DateTimeOffset at)
    {
        if (!Filling)
        {
            Tell(rows, ChangeSource.Stream, at);
            return true;
        }

        waiting.AddRange(rows);
        return waiting.Count < MostWaiting;
    }

    /// <summary>The hole is closed: tells what was found, then what waited. Returns how many events were recovered.</summary>
    public int Release(IReadOnlyList<EventRow> found, ChangeSource source, DateTimeOffset at, DateTimeOffset? lostAt, string reason)
    {
        var fresh = Fresh(found);
        if (openGap is null)
        {
            // What is older than events told was never sent (a subscription's lost-update window): a repair, not a part of this hole.
            var late = fresh.FindAll(Log.IsOvertaken);
            fresh.RemoveAll(Log.IsOvertaken);
            Tell(late, ChangeSource.Repair, at);
        }

        if (fresh.Count > 0 && Output.HasState && (openGap?.From ?? knownUntil ?? lostAt) is { } from)
        {
            var gap = openGap ?? (from, at);
            Output.Tell(new FeedGap(gap.From, gap.To, ReasonOr(reason), fresh.Count, Complete: true, at, source));
        }

        (openGap, knownUntil) = (null, null);
        Tell(fresh, source, at);
        if (!Output.HasState && Output.Kind != OutputKind.Tape)
        {
            Log.ForgetOlder();
        }

        EndFill(at);
        return Output.HasState ? fresh.Count : 0;
    }

    /// <summary>A comparison found events that the source never sent: told when found, with their own height.</summary>
    public int Repair(IReadOnlyList<EventRow> found, DateTimeOffset at)
    {
        var fresh = Filling ? [] : Fresh(found);
        Tell(fresh, ChangeSource.Repair, at);
        return fresh.Count;
    }

    /// <summary>The hole could not be closed in time: says so and tells what waited. What is found later comes with a second gap.</summary>
    public void GiveUp(DateTimeOffset lostAt, DateTimeOffset at, string reason)
    {
        if (!Filling)
        {
            return;
        }

        openGap ??= (knownUntil ?? lostAt, at);
        Output.Tell(new FeedGap(openGap.Value.From, openGap.Value.To, ReasonOr(reason), 0, Complete: false, at, ChangeSource.Backfill));
        EndFill(at);
    }

    /// <summary>Goes on from what was told before; what was taken since, and told to nobody, waits for what is missing.</summary>
    public void Restore(IReadOnlyList<EventRow> state, IReadOnlyList<EventRow> earlier, IReadOnlyList<EventRow> later, DateTimeOffset until)
    {
        var untold = Log.Rows.ToList();
        var held = state.Select(row => row.Id).ToHashSet(StringComparer.Ordinal);
        Log = new EventLog(Log.Keep);
        foreach (var row in earlier.Where(row => !held.Contains(row.Id)))
        {
            Log.Remember(row.Id, row.Height);
        }

        foreach (var row in state.Concat(later))
        {
            Log.Add(row);
        }

        Log.ForgetOlder();
        waiting.InsertRange(0, untold);
        (knownUntil, Filling) = (until, true);
        Output.Restored();
    }

    // While it is not known what a restored past misses, the reason is not a loss of the upstream's.
    private string ReasonOr(string reason) => knownUntil is null ? reason : "not-followed";

    private void EndFill(DateTimeOffset at)
    {
        Filling = false;
        if (waiting.Count > 0)
        {
            Tell(waiting, ChangeSource.Stream, at);
            waiting.Clear();
        }
    }

    // The broker repeats frames; two equal transfers of one block are told apart by REST alone.
    private bool IsRepeatedTransfer(EventRow row) => row.Id.Length == 0 && IsTold(row.Identity);

    private bool IsTold(string identity) => Log.Rows.Any(known => known.Identity == identity);

    private List<EventRow> Fresh(IReadOnlyList<EventRow> rows)
    {
        var fresh = new List<EventRow>();
        foreach (var row in rows)
        {
            // A transfer told from a frame has no id yet: REST's row gives it one, and is no new event (cases.md 27).
            // What is older than all that is remembered was told long ago.
            if (!Log.Knows(row.Id) && !Log.Adopt(row) && !Log.IsOld(row))
            {
                fresh.Add(row);
            }
        }

        return fresh;
    }

    private void Tell(IReadOnlyList<EventRow> rows, ChangeSource source, DateTimeOffset at)
    {
        body.ResetWrittenCount();
        body.Write(opening);
        var told = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            if (IsRepeatedTransfer(row) || !Log.Add(row, fromStream: source == ChangeSource.Stream))
            {
                continue;
            }

            if (told++ > 0)
            {
                body.Write(","u8);
            }

            body.Write(row.Json.Span);
        }

        if (told > 0)
        {
            body.Write("]}"u8);
            Output.Tell(source, at, body.WrittenSpan, rows: told);
        }
    }
}
