using System.Buffers;
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

    private readonly List<EventRow> waiting = [];
    private readonly ArrayBufferWriter<byte> body = new(1024);
    private (DateTimeOffset From, DateTimeOffset To)? openGap;

    public EventLog Log { get; } = log;

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
        if (fresh.Count > 0 && Output.HasState && (lostAt ?? openGap?.From) is { } from)
        {
            var gap = openGap ?? (from, at);
            Output.Tell(new FeedGap(gap.From, gap.To, reason, fresh.Count, Complete: true, at, source));
        }

        openGap = null;
        Tell(fresh, source, at);
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

        openGap ??= (lostAt, at);
        Output.Tell(new FeedGap(openGap.Value.From, openGap.Value.To, reason, 0, Complete: false, at, ChangeSource.Backfill));
        EndFill(at);
    }

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
    private bool IsRepeatedTransfer(EventRow row) => row.Id.Length == 0 && Log.Rows.Any(known => known.Identity == row.Identity);

    private List<EventRow> Fresh(IReadOnlyList<EventRow> rows)
    {
        var fresh = new List<EventRow>();
        foreach (var row in rows)
        {
            // A transfer told from a frame has no id yet: REST's row gives it one, and is no new event (cases.md 27).
            if (!Log.Knows(row.Id) && !Log.Adopt(row))
            {
                fresh.Add(row);
            }
        }

        return fresh;
    }

    private void Tell(IReadOnlyList<EventRow> rows, ChangeSource source, DateTimeOffset at)
    {
        body.ResetWrittenCount();
        body.Write("{\""u8);
        body.Write(System.Text.Encoding.UTF8.GetBytes(name));
        body.Write("\":["u8);
        var told = 0;
        foreach (var row in rows)
        {
            if (IsRepeatedTransfer(row) || !Log.Add(row))
            {
                continue;
            }

            if (told++ > 0)
            {
                body.Write(","u8);
            }

            body.Write(row.Json);
        }

        if (told > 0)
        {
            body.Write("]}"u8);
            Output.Tell(source, at, body.WrittenSpan, rows: told);
        }
    }
}
