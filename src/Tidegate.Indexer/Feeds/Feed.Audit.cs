namespace Tidegate.Indexer.Feeds;

/// <summary>Comparison with REST: when it is due, and what follows from it.</summary>
public abstract partial class Feed
{
    private DateTimeOffset? auditAt;
    private DateTimeOffset? auditedAt;
    private bool auditing;

    /// <summary>When the next comparison is due; null while one runs, the feed does not stream or has nothing to compare.</summary>
    internal DateTimeOffset? NextAuditAt
    {
        get
        {
            lock (Gate)
            {
                return Status.Mode == FeedMode.Streaming && !auditing ? auditAt : null;
            }
        }
    }

    /// <summary>Requests that one comparison takes of the default bucket, roughly.</summary>
    internal virtual int AuditCost => 1;

    /// <summary>Compares once, and sets when the next is due.</summary>
    internal async Task AuditOnceAsync(AuditPolicy policy, CancellationToken cancellationToken)
    {
        long repairs;
        lock (Gate)
        {
            (auditAt, auditing, repairs) = (null, true, Repairs);
        }

        var good = await ContainAsync(AuditAsync, cancellationToken).ConfigureAwait(false);
        lock (Gate)
        {
            auditing = false;
            var now = Context.Time.GetUtcNow();
            LastCheck = !good ? CheckResult.Failed : Repairs > repairs ? CheckResult.Repaired : CheckResult.Equal;
            if (good)
            {
                (CheckInterval, auditedAt, CheckedAt) = (now - auditedAt, now, now);
            }

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

    /// <summary>Makes a comparison due in so much time, unless one is due before. Under the gate.</summary>
    private protected void AuditIn(TimeSpan wait)
    {
        var due = Context.Time.GetUtcNow() + wait;
        auditAt = auditAt is { } sooner && sooner < due ? sooner : due;
    }

    /// <summary>Makes a comparison due before all others. Under the gate.</summary>
    private protected void AuditFirst() => auditAt = DateTimeOffset.MinValue;

    /// <summary>Whether an event is old enough that its frame would have come: REST may be ahead of the stream (protocol.md 4).</summary>
    private protected bool IsSettled(DateTimeOffset? createdAt, DateTimeOffset answeredAt) =>
        createdAt is { } created
        && Context.Chain.ByIndexer(answeredAt) - created >= TimeSpan.FromSeconds(5);
}
