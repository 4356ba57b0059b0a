using System.Text.Json;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Feeds;

/// <summary>An account compared with REST: its value by height, never backwards; its orders, fills and transfers.</summary>
public sealed partial class AccountFeed
{
    // Funding is settled on the full UTC hour without any frame (protocol.md 5); the answer needs some seconds to have it.
    private static readonly TimeSpan AfterFunding = TimeSpan.FromSeconds(3);

    internal override int AuditCost => 2;

    private protected override bool Filling => fills.Filling || transfers.Filling;

    private protected override async Task AuditAsync(CancellationToken cancellationToken)
    {
        await AskValueAsync(ChangeSource.Repair, RestPriority.Audit, cancellationToken).ConfigureAwait(false);
        await ReconcileOrdersAsync(ChangeSource.Repair, RestPriority.Audit, cancellationToken).ConfigureAwait(false);
        var (rows, at, count) = await LoadFillsAsync(RestPriority.Audit, cancellationToken).ConfigureAwait(false);
        var moved = transfersWanted ? await LoadTransfersAsync(RestPriority.Audit, cancellationToken).ConfigureAwait(false) : [];
        lock (Gate)
        {
            fillCount = Filling ? fillCount : count;
            var found = fills.Repair(rows.FindAll(row => IsSettled(row.CreatedAt, at)), at)
                + transfers.Repair(moved.FindAll(row => IsSettled(row.CreatedAt, at)), at);
            Repairs += found > 0 ? 1 : 0;
        }
    }

    private protected override TimeSpan NextAuditIn(AuditPolicy policy)
    {
        var now = Context.Time.GetUtcNow();
        var toFunding = TimeSpan.FromHours(1) - TimeSpan.FromTicks(Context.Chain.ByIndexer(now).Ticks % TimeSpan.TicksPerHour) + AfterFunding;
        return toFunding < policy.AccountInterval ? toFunding : policy.AccountInterval;
    }

    /// <summary>Asks for the whole value and takes it; an older height than known changes nothing.</summary>
    private async Task AskValueAsync(ChangeSource source, RestPriority priority, CancellationToken cancellationToken)
    {
        var path = parent ? IndexerPaths.ParentSubaccount(address, number) : IndexerPaths.Subaccount(address, number);
        var answer = await Context.Rest.GetAsync(path, priority, cancellationToken).ConfigureAwait(false);
        Check(answer, allowMissing: true);
        using var document = JsonDocument.Parse(answer.Body);
        lock (Gate)
        {
            TakeWhole(JsonSlice.Member(document.RootElement, "subaccount"), source, answer.ReceivedAt);
        }
    }
}
