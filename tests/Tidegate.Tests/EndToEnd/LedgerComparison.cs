namespace Tidegate.Tests.EndToEnd;

/// <summary>What a client was told of events, against the exchange's ledger: nothing missing, nothing twice, nothing that never was, in the chain's order.</summary>
internal static class LedgerComparison
{
    private static readonly string[] Live = ["OPEN", "UNTRIGGERED"];
    private static readonly string[] Ended = ["FILLED", "CANCELED"];

    /// <summary>Compares from the first event told on. The place in the chain is what of a key is known of its order: of a transfer the height alone.</summary>
    public static void InOrder(string what, List<string> truth, List<ToldEvent> events, Func<string, string> place, List<string> wrong)
    {
        var told = events.ConvertAll(one => one.Key);
        var expected = truth.Skip(Math.Max(0, told.Count == 0 ? 0 : truth.IndexOf(told[0]))).ToList();
        var before = wrong.Count;
        var known = told.ToHashSet(StringComparer.Ordinal);
        var real = expected.ToHashSet(StringComparer.Ordinal);
        wrong.AddRange(told.GroupBy(key => key).Where(group => group.Count() > 1).Select(group => $"{what} {group.Key} told {group.Count()} times: {string.Join(", ", Enumerable.Range(0, events.Count).Where(at => events[at].Key == group.Key).Select(at => $"{events[at].Source} at {at}"))} of {events.Count}"));
        wrong.AddRange(expected.Where(key => !known.Contains(key)).Select(key => $"{what} {key} missing"));
        wrong.AddRange(told.Where(key => !real.Contains(key)).Select(key => $"{what} {key} never was"));
        if (wrong.Count > before)
        {
            return;
        }

        // Those that may come late stand aside, and so do their places in the chain.
        var late = events.Where(one => one.IsLate).Select(one => one.Key).ToHashSet(StringComparer.Ordinal);
        expected.RemoveAll(late.Contains);
        told.RemoveAll(late.Contains);
        var at = expected.Select(place).Zip(told.Select(place)).TakeWhile(pair => pair.First == pair.Second).Count();
        if (at < expected.Count)
        {
            string Story(string key) => $"{key} (told at {told.IndexOf(key)}, by {events.Find(one => one.Key == key).Source})";
            wrong.Add($"{what}s are told in another order than the chain's: at {at} of {told.Count}, {Story(told[at])}, true {Story(expected[at])}");
        }
    }

    /// <summary>As <see cref="InOrder"/>, of a market's trades: the first state ends within a block, so its oldest height is not whole.</summary>
    public static void Tape(List<string> truth, List<ToldEvent> events, List<string> wrong)
    {
        if (events.Count > 0)
        {
            var oldest = events[0].Key[..8];
            InOrder("trade", truth.FindAll(IsLater), events.FindAll(one => IsLater(one.Key)), id => id, wrong);

            bool IsLater(string id) => string.CompareOrdinal(id[..8], oldest) > 0;
        }
    }

    /// <summary>Every state once, and the last is the exchange's. A whole state repeats what was told, so only updates are looked at for doubles.</summary>
    public static void Orders(Dictionary<string, string> truth, List<ToldEvent> events, List<string> wrong)
    {
        var last = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (source, id, _, _, row) in events)
        {
            if (source != "state" && row.Length > 0 && last.GetValueOrDefault(id) == row)
            {
                wrong.Add($"order told twice ({source}, after {string.Join(", ", events.Where(one => one.Key == id).Select(one => one.Source))}): {row}");
            }

            last[id] = row;
        }

        foreach (var (id, status) in truth)
        {
            var told = last.GetValueOrDefault(id);
            var (isLive, wasEnded) = (Live.Contains(status), told is { Length: 0 } || told is not null && Ended.Any(ended => told.Contains($"\"status\":\"{ended}\"", StringComparison.Ordinal)));
            if (isLive ? told?.Contains($"\"status\":\"{status}\"", StringComparison.Ordinal) != true : told is not null && Ended.Contains(status) && !wasEnded)
            {
                wrong.Add($"order {id} is {told ?? "unknown"}, true {status}");
            }
        }
    }
}
