using System.Globalization;
using Tidegate.Indexer.Messages;

namespace Tidegate.Indexer.Accounts;

// The rules of protocol.md 2, "Order life", in one place. Numbers in comments are the rules'.
public sealed partial class OrderTable
{
    private const string BestEffortOpened = "BEST_EFFORT_OPENED";
    private const string BestEffortCanceled = "BEST_EFFORT_CANCELED";

    private enum Verdict
    {
        /// <summary>Older than what is known: says nothing.</summary>
        Refuse,

        /// <summary>Older, but may know fields that are missing here.</summary>
        FillIn,

        /// <summary>The same order, further on.</summary>
        Merge,

        /// <summary>The id is used anew: nothing of the old record may survive (2).</summary>
        Begin,
    }

    // (1) A best-effort cancel may still fill.
    // A block's height, or a time, which is greater than any height.
    private static long GoodTil(JsonRow row) =>
        row.Whole("goodTilBlock") ?? (DateTimeOffset.TryParse(row.Text("goodTilBlockTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeMilliseconds() : 0);

    private static bool IsTerminal(string? status) => status is "FILLED" or "CANCELED" or "ERROR";

    private static bool IsShortTerm(JsonRow row) =>
        row.Text("orderFlags") is { } flags ? flags == "0" : !row.Has("goodTilBlockTime");

    private static Verdict Judge(Order known, JsonRow told)
    {
        var status = told.Text("status");
        var life = CompareGoodTil(told, known.Row);
        if (life != 0)
        {
            // (2) A later good-til is a new incarnation, whichever of its frames comes first; an earlier one is an old word about the last.
            return life < 0 ? Verdict.Refuse : Verdict.Begin;
        }

        var height = CompareHeights(told, known.Row);
        if (known.Ended)
        {
            return JudgeEnded(known, told, status, height);
        }

        if (height < 0)
        {
            return Verdict.FillIn;
        }

        // On-chain and off-chain frames come in no order: a best-effort opening behind the opening itself is late.
        return status == BestEffortOpened && known.Row.Text("status") is "OPEN" or "UNTRIGGERED"
            ? Verdict.FillIn
            : Verdict.Merge;
    }

    private static Verdict JudgeEnded(Order known, JsonRow told, string? status, int height)
    {
        if (height > 0 && status is not null && !IsTerminal(status))
        {
            // (2) A later word that the order lives: a new incarnation.
            return Verdict.Begin;
        }

        var more = (Number(told, "totalFilled") ?? 0m) > (Number(known.Row, "totalFilled") ?? 0m);
        if (known.Concluded)
        {
            // (3) An end that was concluded here gives way to any row with more filled; the Indexer's own end says more than ours.
            return more || IsTerminal(status) ? Verdict.Merge : Verdict.FillIn;
        }

        if (!IsTerminal(status) || height < 0)
        {
            return Verdict.FillIn;
        }

        // Filled is filled: a cancel that was late says nothing, unless a later block has it.
        return known.Row.Text("status") == "FILLED" && status != "FILLED" && height <= 0 ? Verdict.FillIn : Verdict.Merge;
    }

    private static JsonRow Merged(Order known, JsonRow told, bool onlyMissing)
    {
        var next = known.Row.Clone();
        foreach (var field in told.Fields)
        {
            var isMissing = !next.Has(field.Name);
            if (field.Name == "subaccountNumber" || (field.IsNull && !next.Raw(field.Name).IsEmpty) || (onlyMissing && !IsFillIn(field.Name, isMissing)))
            {
                continue;
            }

            if (!onlyMissing && field.Name == "totalFilled" && Number(told, field.Name) < Number(next, field.Name))
            {
                // What was filled stays filled (cases.md 28): the frame is behind in this.
                continue;
            }

            next.Set(field.Name, field.Value);
        }

        if (!onlyMissing && known.Row.Text("status") == BestEffortCanceled && told.Text("status") == BestEffortOpened)
        {
            next.Remove("removalReason");
        }

        return next;
    }

    // A late row may complete a record, but not say why or when it ended.
    private static bool IsFillIn(string name, bool isMissing) =>
        isMissing && name is not ("status" or "removalReason" or "totalOptimisticFilled" or "updatedAt" or "updatedAtHeight");

    // (6) A TWAP suborder's frame carries the parent's id and cumulative fill, but the suborder's size, flags and status.
    private static void AdjustSuborder(JsonRow told, JsonRow? parent)
    {
        if (told.Text("orderFlags") != "256")
        {
            return;
        }

        foreach (var name in (ReadOnlySpan<string>)["size", "price", "type", "clientMetadata", "timeInForce", "goodTilBlock", "goodTilBlockTime"])
        {
            told.Remove(name);
        }

        told.Set("orderFlags", "\"128\""u8.ToArray());
        if (parent is null)
        {
            told.Set("status", "\"OPEN\""u8.ToArray());
            return;
        }

        told.Remove("status");
        if (Number(parent, "size") is { } size && size > 0m && Number(told, "totalFilled") >= size)
        {
            told.Set("status", "\"FILLED\""u8.ToArray());
        }
    }

    // Numbers that the rules or the maths lean on: a row where one is no number is refused, never half understood.
    private static bool HasNumbers(JsonRow row) =>
        row.TryNumber("size", out _) && row.TryNumber("price", out _) && row.TryNumber("totalFilled", out _)
        && row.TryNumber("totalOptimisticFilled", out _) && row.TryNumber("goodTilBlock", out _) && row.TryNumber("updatedAtHeight", out _);

    private static decimal? Number(JsonRow row, string name) => row.TryNumber(name, out var value) ? value : null;

    // 0 where either does not tell.
    private static int CompareHeights(JsonRow told, JsonRow known) =>
        told.Whole("updatedAtHeight") is { } left && known.Whole("updatedAtHeight") is { } right ? left.CompareTo(right) : 0;

    private static int CompareGoodTil(JsonRow told, JsonRow known)
    {
        if (told.Whole("goodTilBlock") is { } block && block > 0 && known.Whole("goodTilBlock") is { } before && before > 0)
        {
            return block.CompareTo(before);
        }

        return told.Text("goodTilBlockTime") is { } time && known.Text("goodTilBlockTime") is { } timeBefore ? CompareTimes(time, timeBefore) : 0;
    }

    private static int CompareTimes(string left, string right) =>
        DateTimeOffset.TryParse(left, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var leftAt)
        && DateTimeOffset.TryParse(right, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var rightAt)
            ? leftAt.CompareTo(rightAt)
            : 0;
}
