using System.Text.Json;
using Tidegate.Indexer.Rest;

namespace Tidegate.Indexer.Feeds;

/// <summary>Orders whose first frame lacks price or size: told as they are, then completed by REST, which is asked once (protocol.md 2).</summary>
public sealed partial class AccountFeed
{
    // Removals of orders that were never seen come in bursts; what is beyond this is left to the audit.
    private const int MostToComplete = 100;
    private readonly Queue<string> toComplete = new();
    private bool completing;

    /// <summary>Asks for the order if it misses something. Under the gate.</summary>
    private void CompleteLater(JsonElement order)
    {
        if (toComplete.Count < MostToComplete && JsonSlice.Member(order, "id") is { ValueKind: JsonValueKind.String } id && orders.ShouldAsk(id.GetString()!))
        {
            toComplete.Enqueue(id.GetString()!);
            if (!completing)
            {
                completing = true;
                var stopping = Stopping;
                _ = Task.Run(() => CompleteOrdersAsync(stopping), CancellationToken.None);
            }
        }
    }

    private async Task CompleteOrdersAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested && NextToComplete() is { } id)
        {
            var answered = await ContainAsync(token => CompleteOrderAsync(id, token), stopping).ConfigureAwait(false);
            if (!answered)
            {
                lock (Gate)
                {
                    orders.MayAskAgain(id);
                }
            }

            Context.RaiseDrained();
        }
    }

    private string? NextToComplete()
    {
        lock (Gate)
        {
            completing = toComplete.TryDequeue(out var id);
            return completing ? id : null;
        }
    }

    private async Task CompleteOrderAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await Context.Rest.GetAsync(IndexerPaths.Order(id), RestPriority.Backfill, cancellationToken).ConfigureAwait(false);
        Check(answer, allowMissing: true);
        if (answer.IsOk)
        {
            using var document = JsonDocument.Parse(answer.Body);
            lock (Gate)
            {
                TakeOrders([document.RootElement], number, ChangeSource.Backfill, answer.ReceivedAt, completes: true);
            }
        }
    }
}
