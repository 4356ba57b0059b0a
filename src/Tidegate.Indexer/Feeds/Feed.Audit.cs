namespace Tidegate.Indexer.Feeds;

/// <summary>Comparison with REST: when it is due, and what follows from it.</summary>
public abstract partial class Feed
{
    private DateTimeOffset? auditAt;

    /// <summary>When the next comparison is due; null while the feed does not stream or has nothing to compare.</summary>
    internal DateTimeOffset? NextAuditAt
    {
        get
        {
            lock (Gate)
            {
                return Status.Mode == FeedMode.Streaming ? auditAt : null;
            }
        }
    }

    /// <summary>Requests that one comparison takes of the default bucket, roughly.</summary>
    internal virtual int AuditCost => 1;

    /// <summary>Compares once, and sets when the next is due.</summary>
    internal async Task AuditOnceAsync(AuditPolicy policy, CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            auditAt = null;
        }

        var good = await ContainAsync(AuditAsync, cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            var now = Context.Time.GetUtcNow();
            CheckedAt = good ? now : CheckedAt;
            var next = now + NextAuditIn(policy);
            auditAt = auditAt is { } sooner && sooner < next ? sooner : next;
            SetComplete(good && !Filling);
        }

        Context.RaiseDrained();
    }

    /// <summary>Compares with REST and tells the difference. Runs outside the gate.</summary>
    private protected virtual Task AuditAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>How long until the next comparison. Under the gate.</summary>
    private protected virtual TimeSpan NextAuditIn(AuditPolicy policy) => policy.AccountInterval;

    /// <summary>Whether a backfill is still under way: then the feed is not complete.</summary>
    private protected virtual bool Filling => false;

    /// <summary>Makes a comparison due in so much time, unless one is due before. Under the gate.</summary>
    private protected void AuditIn(TimeSpan wait)
    {
        var due = Context.Time.GetUtcNow() + wait;
        auditAt = auditAt is { } sooner && sooner < due ? sooner : due;
    }

    /// <summary>Whether an event is old enough that its frame would have come: REST may be ahead of the stream (protocol.md 4).</summary>
    private protected bool IsSettled(string createdAt, DateTimeOffset answeredAt) =>
        DateTimeOffset.TryParse(createdAt, System.Globalization.CultureInfo.InvariantCulture, out var created)
        && Context.Chain.ByIndexer(answeredAt) - created >= TimeSpan.FromSeconds(5);
}
