using System.Text.Json;

namespace Tidegate.Indexer.Feeds;

/// <summary>
/// A block's positions come before its fills, with entry prices that are not yet known: told together, or every fill would show a wrong PnL first.
/// </summary>
public sealed partial class AccountFeed
{
    private static readonly TimeSpan HoldValueFor = TimeSpan.FromMilliseconds(50);
    private readonly ITimer holder;
    private bool held;
    private long heldHeight;
    private DateTimeOffset heldAt;

    /// <summary>Takes a frame's positions and assets, and tells the value now or with the fills of its block. Under the gate.</summary>
    private void TakeValue(JsonElement root, JsonElement positions, JsonElement assets, int child, DateTimeOffset at)
    {
        var height = JsonSlice.Whole(JsonSlice.Member(root, "blockHeight"));
        var touches = IsThere(positions) || IsThere(assets);
        if (held && touches && height != heldHeight)
        {
            // That block's fills come no more.
            TellValue(ChangeSource.Stream, heldAt);
        }

        var applied = AccountOf(child).ApplyFrame(positions, assets, height);
        if (applied)
        {
            AddHoldings(positions, assets);
        }

        if (IsThere(JsonSlice.Member(root, "fills")))
        {
            if (applied || held)
            {
                TellValue(ChangeSource.Stream, at);
            }
        }
        else if (applied && !held)
        {
            // A transfer is whole in its own frame: nothing follows it.
            if (JsonSlice.Member(root, "transfers").ValueKind == JsonValueKind.Object)
            {
                TellValue(ChangeSource.Stream, at);
                return;
            }

            (held, heldHeight, heldAt) = (true, height, at);
            holder.Change(HoldValueFor, Timeout.InfiniteTimeSpan);
        }
    }

    private static bool IsThere(JsonElement items) => items.ValueKind == JsonValueKind.Array && items.GetArrayLength() > 0;

    private void HoldValueOver()
    {
        lock (Gate)
        {
            if (!held)
            {
                return;
            }

            // Rung early, or for a hold that ended: the present one keeps its whole time.
            var left = HoldValueFor - (Context.Time.GetUtcNow() - heldAt);
            if (left > TimeSpan.Zero && left <= HoldValueFor)
            {
                holder.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            TellValue(ChangeSource.Stream, heldAt);
        }

        Context.RaiseDrained();
    }
}
