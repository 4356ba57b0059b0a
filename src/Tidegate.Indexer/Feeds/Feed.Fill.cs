namespace Tidegate.Indexer.Feeds;

/// <summary>Closing a hole in what is known of events: one loader at a time, which goes round again where the topic is lost while it loads.</summary>
public abstract partial class Feed
{
    private bool loading;
    private int holesBegun;
    private int loadsFor;

    /// <summary>Whether a backfill is still under way: then the feed is not complete.</summary>
    private protected virtual bool Filling => false;

    /// <summary>Counts the holes. Where it rises during a request, the answer does not reach into the newest.</summary>
    private protected int HolesBegun => Volatile.Read(ref holesBegun);

    /// <summary>Lost and subscribed again since this round's load began. Under the gate.</summary>
    private protected bool LostAgain => loadsFor != holesBegun;

    /// <summary>Begins to load what is missing; new events wait meanwhile. Under the gate.</summary>
    private protected void BeginLoad()
    {
        holesBegun++;
        if (!loading)
        {
            (loading, loadsFor) = (true, holesBegun);
            _ = Task.Run(LoadMissingAsync, CancellationToken.None);
        }
    }

    /// <summary>Loads once, and tells what was found and what waited. Runs outside the gate.</summary>
    private protected virtual Task LoadOnceAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A load failed, or was overtaken by the next hole. Under the gate.</summary>
    private protected virtual void OnLoadGoesOn(bool loaded)
    {
    }

    /// <summary>The load takes too long, or too much waits: tells what waits, and that something is missing. Under the gate.</summary>
    private protected void GiveUp(DateTimeOffset at)
    {
        ReleaseWaiting(LostAt ?? at, at);
        SetComplete(false);
        Hold(false);
    }

    /// <summary>Tells what waits, after a gap that is not closed. Under the gate.</summary>
    private protected virtual void ReleaseWaiting(DateTimeOffset lostAt, DateTimeOffset at)
    {
    }

    private async Task LoadMissingAsync()
    {
        using var hold = Context.Time.CreateTimer(_ => HoldOver(), null, Context.BackfillHold, Timeout.InfiniteTimeSpan);
        for (var attempt = 1; !Stopping.IsCancellationRequested; attempt++)
        {
            var loaded = await ContainAsync(LoadOnceAsync, Stopping).ConfigureAwait(false);
            lock (Gate)
            {
                if (loaded && !LostAgain)
                {
                    loading = false;
                    SetComplete(true);
                    Hold(false);
                    break;
                }

                attempt = LostAgain ? 0 : attempt;
                loadsFor = holesBegun;
                OnLoadGoesOn(loaded);
            }

            Context.RaiseDrained();
            if (!loaded)
            {
                await Pause.AfterFailureAsync(Math.Max(1, attempt), Context.Time, Stopping).ConfigureAwait(false);
            }
        }

        Context.RaiseDrained();
    }

    private void HoldOver()
    {
        lock (Gate)
        {
            if (Filling)
            {
                GiveUp(Context.Time.GetUtcNow());
            }
        }

        Context.RaiseDrained();
    }
}
