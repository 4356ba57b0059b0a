using Tidegate.Indexer.Sockets;

namespace Tidegate.Indexer.Feeds;

/// <summary>Where a feed stands: computed from its link, from what is still looked for, and from the chain; told when it changes.</summary>
public abstract partial class Feed
{
    private LinkStatus link;
    private bool complete = true;
    private bool holding;
    private DateTimeOffset? nextPollAt;
    private bool polledSinceLoss;

    /// <summary>When the link was lost, null while nothing can be missing.</summary>
    private protected DateTimeOffset? LostAt { get; private set; }

    private protected string LossReason { get; private set; } = "upstream-closed";

    void ISubscriber.OnLink(LinkStatus status)
    {
        lock (Gate)
        {
            var before = link.State;
            link = status;
            if (status.State == LinkState.Live)
            {
                if (LostAt is not null)
                {
                    ReconnectCount++;
                }

                if (!holding)
                {
                    LostAt = null;
                }
            }
            else if (before == LinkState.Live)
            {
                polledSinceLoss = false;
                LostAt ??= Context.Time.GetUtcNow();
                LossReason = status.Reason ?? LossReason;
            }

            if (status.State is LinkState.UnknownId or LinkState.Refused or LinkState.Full)
            {
                Refuse(status);
            }

            if (status.State != LinkState.Exhausted)
            {
                nextPollAt = null;
            }

            Restate();
        }

        if (status.State == LinkState.Exhausted)
        {
            Context.RaisePollWanted();
        }

        Context.RaiseDrained();
    }

    /// <summary>From when on events may be missing; null where a round only goes on from the last one.</summary>
    private protected DateTimeOffset? MissingSince(ChangeSource source) => source == ChangeSource.Poll && polledSinceLoss ? null : LostAt;

    internal void RestateChain() => Restate();

    /// <summary>While held, a live link counts as still reconnecting: recovered events go out before the feed is said to stream.</summary>
    private protected void Hold(bool hold)
    {
        holding = hold;
        if (!hold && link.State == LinkState.Live)
        {
            LostAt = null;
        }

        Restate();
    }

    private protected void SetComplete(bool value)
    {
        complete = value;
        Restate();
    }

    private void Refuse(LinkStatus status)
    {
        var refusal = status.State switch
        {
            LinkState.UnknownId => FeedRefusal.UnknownId,
            LinkState.Full => FeedRefusal.Full,
            _ => FeedRefusal.Refused,
        };
        foreach (var output in Outputs)
        {
            output.Listener?.OnRefused(refusal, status.Reason ?? "refused by the Indexer");
        }
    }

    private protected void Restate()
    {
        var mode = link.State switch
        {
            LinkState.Live when !holding => FeedMode.Streaming,
            LinkState.Exhausted => FeedMode.Polling,
            LinkState.Blocked => FeedMode.Blocked,
            _ => FeedMode.Reconnecting,
        };
        var reason = mode == FeedMode.Streaming ? Context.Chain.Reason : link.Reason ?? (holding ? "backfill" : null);
        var attempt = mode is FeedMode.Reconnecting or FeedMode.Polling ? link.Attempt : 0;
        var since = mode == Status.Mode ? Status.Since : Context.Time.GetUtcNow();
        var next = new FeedStatus(mode, since, complete, attempt, link.NextAttemptAt, mode == FeedMode.Polling ? nextPollAt : null, reason);
        var told = next.DiffersFrom(Status);
        Status = next;
        if (!told)
        {
            return;
        }

        Log.Entered(Context.Logger, Key, mode, reason ?? "-", attempt, complete);
        foreach (var output in Outputs)
        {
            output.Listener?.OnStatus(next);
        }
    }
}
