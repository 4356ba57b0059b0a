using System.Globalization;
using System.Text.Json.Nodes;

namespace Tidegate.Tests.EndToEnd;

/// <summary>One event that a client was told.</summary>
/// <param name="Source">The frame's source, or <c>state</c> for what came with a whole state.</param>
/// <param name="Key">What it is known by: an order's or fill's or trade's id; a transfer's height, transaction and size, for it has no id in frames.</param>
/// <param name="IsLate">
/// Whether contract 2 lets it come out of the chain's order: a repair, for the source never sent it, or found by a backfill after a gap had said that it
/// was given up for the time being.
/// </param>
/// <param name="Height">The block that it is of.</param>
/// <param name="Row">An order as it was told, empty when a whole state had it no more; empty for other events, of which nothing more is asked.</param>
internal readonly record struct ToldEvent(string Source, string Key, bool IsLate, long Height, string Row);

/// <summary>An answer to a subscribe, or a new epoch on a living connection.</summary>
internal sealed record Join(string Channel, string Epoch, bool Resumed);

/// <summary>
/// One event topic as a client keeps it by contract 2: goes on by number within an epoch, and joins a whole state of another epoch to what it has by
/// the events' keys. Says what is wrong with the telling. Not thread-safe.
/// </summary>
internal sealed class ToldTopic(string channel, string id)
{
    private bool isOpen;
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public string Channel { get; } = channel;

    public string Id { get; } = id;

    public bool IsOrders => Channel == "v4_orders";

    /// <summary>The epoch and number of the last frame.</summary>
    public (string Epoch, long Seq)? At { get; private set; }

    /// <summary>Events in the order told, each once unless <see cref="Wrong"/> says otherwise.</summary>
    public List<ToldEvent> Told { get; } = [];

    public List<JsonObject> Gaps { get; } = [];

    public List<Join> Joins { get; } = [];

    public List<string> Wrong { get; } = [];

    public void Take(JsonObject frame)
    {
        if (frame["seq"] is null)
        {
            return;
        }

        var (type, at) = ((string)frame["type"]!, ((string)frame["epoch"]!, (long)frame["seq"]!));
        switch (type)
        {
            case "subscribed" when (bool)frame["resumed"]!:
                Joins.Add(new Join(Channel, at.Item1, true));
                Expect(At == at, $"resumed at {at}, asked for {At}");
                break;
            case "subscribed" or "snapshot":
                Joins.Add(new Join(Channel, at.Item1, false));
                Expect(At is not { } before || before.Epoch != at.Item1, $"{type} at {at}, within an epoch that was held up to {At}");
                Meet([.. Rows(frame)]);
                break;
            default:
                Expect(At is { } held && held == (at.Item1, at.Item2 - 1), $"{type} {at} after {At}");
                TakeUpdate(type, frame);
                break;
        }

        At = at;
    }

    private void TakeUpdate(string type, JsonObject frame)
    {
        if (type == "gap")
        {
            Gaps.Add(frame["data"]!.AsObject());
            isOpen |= !(bool)Gaps[^1]["complete"]!;
            return;
        }

        var source = (string)frame["source"]!;
        foreach (var (key, height, row) in Rows(frame))
        {
            Add(new ToldEvent(source, key, source == "repair" || (isOpen && source == "backfill"), height, row));
        }
    }

    // What the state holds more of than was told is new; it may reach back less far than we do, but in its reach it forgets nothing.
    private void Meet(List<(string Key, long Height, string Row)> state)
    {
        var inState = new Dictionary<string, int>(StringComparer.Ordinal);
        var first = Told.Count == 0;

        // New to us, and before what we know: the source never sent it in time for the last epoch.
        var lastKnown = state.FindLastIndex(one => counts.ContainsKey(one.Key));
        for (var at = 0; at < state.Count; at++)
        {
            var (key, height, row) = state[at];
            inState[key] = inState.GetValueOrDefault(key) + 1;
            if (IsOrders || inState[key] > counts.GetValueOrDefault(key))
            {
                Add(new ToldEvent("state", key, !IsOrders && at < lastKnown, height, row));
            }
        }

        if (IsOrders)
        {
            // Every order that can still change is in a state: what is not there has ended, how is not told any more.
            foreach (var gone in counts.Keys.Where(key => !inState.ContainsKey(key)).ToList())
            {
                Add(new ToldEvent("state", gone, false, 0, ""));
            }
        }

        // Its oldest block may be cut in the middle, and what was told late may be of an older one.
        if (!first && !IsOrders && state.Count > 0 && counts.ContainsKey(state[0].Key))
        {
            var forgotten = Told.Where(told => told.Height > state[0].Height && !inState.ContainsKey(told.Key)).ToList();
            Expect(forgotten.Count == 0, $"the state of another epoch, {state.Count} events of the blocks {state[0].Height} to {state[^1].Height}, has not {string.Join(", ", forgotten.Take(3))}");
        }
    }

    private void Add(ToldEvent told)
    {
        Told.Add(told);
        counts[told.Key] = counts.GetValueOrDefault(told.Key) + 1;
    }

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            Wrong.Add($"{Channel} {Id}: {otherwise}");
        }
    }

    private IEnumerable<(string Key, long Height, string Row)> Rows(JsonObject frame) =>
        frame["data"]!.AsObject().First().Value!.AsArray().Select(row => (KeyOf(row!), IsOrders ? 0 : HeightOf(row!), IsOrders ? row!.ToJsonString() : ""));

    private static long HeightOf(JsonNode row) => long.Parse((string)row["createdAtHeight"]!, CultureInfo.InvariantCulture);

    /// <summary>How an event of this channel is known.</summary>
    public string KeyOf(JsonNode row) => Channel == "v4_transfers" ? TransferKey(row) : (string)row["id"]!;

    public static string TransferKey(JsonNode transfer) => $"{transfer["createdAtHeight"]} {transfer["transactionHash"]} {transfer["size"]}";
}
