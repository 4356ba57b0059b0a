using Tidegate.Journal;

namespace Tidegate.Tests.Topics;

/// <summary>Account events between the feed and the ring: nothing is told that is not written, and a lost journal costs an epoch, no event.</summary>
public sealed class JournalledTopicTests
{
    [Fact]
    public async Task A_change_and_a_state_that_holds_it_are_told_only_once_the_change_is_written()
    {
        await using var world = await HubWorld.StartAsync();
        var early = world.Join("v4_trades");
        await HubWorld.UntilAsync(() => early.Read().Count == 1, "subscribed");
        world.Hold();
        await world.FillAsync(1);
        await HubWorld.UntilAsync(() => early.Reader.Topic.Seq == 1, "numbered");
        var late = world.Join("v4_trades");
        Assert.Equal(["subscribed 0"], early.Story);
        Assert.Empty(late.Story);
        world.Release();
        await HubWorld.UntilAsync(() => late.Read().Count == 1, "subscribed");
        await world.FillAsync(2);
        await HubWorld.UntilAsync(() => early.Read().Count == 3 && late.Read().Count == 2, "both");
        Assert.Equal(["subscribed 0", "trade_update 1 F1", "trade_update 2 F2"], early.Story);
        Assert.Equal(["subscribed 1 F1", "trade_update 2 F2"], late.Story);
    }

    [Fact]
    public async Task A_snapshot_that_a_client_asks_for_waits_for_what_is_in_it()
    {
        await using var world = await HubWorld.StartAsync();
        var client = world.Join("v4_trades");
        await HubWorld.UntilAsync(() => client.Read().Count == 1, "subscribed");
        world.Hold();
        await world.FillAsync(1);
        await HubWorld.UntilAsync(() => client.Reader.Topic.Seq == 1, "numbered");
        client.Reader.Topic.Snapshot(client.Reader, "requested");
        Assert.Equal(["subscribed 0"], client.Story);
        world.Release();
        await HubWorld.UntilAsync(() => client.Read().Count == 2, "snapshot");
        await world.FillAsync(2);
        await HubWorld.UntilAsync(() => client.Read().Count == 3, "update");
        Assert.Equal(["subscribed 0", "snapshot 1 F1", "trade_update 2 F2"], client.Story);
    }

    [Fact]
    public async Task A_slow_disk_costs_the_epoch_and_no_event()
    {
        await using var world = await HubWorld.StartAsync();
        var client = world.Join("v4_trades");
        await HubWorld.UntilAsync(() => client.Read().Count == 1, "subscribed");
        await world.FillAsync(1);
        await HubWorld.UntilAsync(() => client.Read().Count == 2, "the first fill");
        world.Hold();
        await world.FillAsync(2);
        await HubWorld.UntilAsync(() => client.Reader.Topic.Seq == 2, "numbered");
        var late = world.Join("v4_trades");
        Assert.Equal(2, client.Story.Count);
        world.Store.Time.Advance(EventJournal.Patience + TimeSpan.FromMilliseconds(1));
        Assert.Equal((3, 1), (client.Read().Count, late.Read().Count));
        await world.FillAsync(3);
        await HubWorld.UntilAsync(() => client.Read().Count == 4 && late.Read().Count == 2, "both");
        Assert.Equal(["subscribed 0", "trade_update 1 F1", "snapshot 0 F1,F2", "trade_update 1 F3"], client.Story);
        Assert.Equal(["subscribed 0 F1,F2", "trade_update 1 F3"], late.Story);
        var epochs = client.Read().Select(frame => (string)frame["epoch"]!).ToList();
        Assert.Equal((epochs[0], epochs[2]), (epochs[1], epochs[3]));
        Assert.NotEqual(epochs[0], epochs[2]);
        Assert.Equal("epoch", (string?)client.Read()[2]["reason"]);
        Assert.All(late.Read(), frame => Assert.Equal(epochs[2], (string?)frame["epoch"]));
        Assert.Equal(JournalState.Lost, world.Store.Journal!.State);
    }

    [Fact]
    public async Task After_a_restart_what_was_missed_comes_as_backfill_behind_a_gap_and_old_events_do_not_come_again()
    {
        await using var world = await HubWorld.StartAsync();
        var client = world.Join("v4_trades");
        await HubWorld.UntilAsync(() => client.Read().Count == 1, "subscribed");
        await world.FillAsync(1);
        await world.FillAsync(2);
        await HubWorld.UntilAsync(() => client.Read().Count == 3, "two fills");
        var epoch = (string)client.Read()[0]["epoch"]!;
        await world.StopAsync();
        world.Fills(4);
        world.Start();
        var back = world.Join("v4_trades", (epoch, 1));
        await HubWorld.UntilAsync(() => back.Read().Count == 4, "the past and what was missed");
        await world.FillAsync(2);
        await world.FillAsync(5);
        await HubWorld.UntilAsync(() => back.Read().Count == 5, "the next");
        Assert.Equal(["subscribed 1", "trade_update 2 F2", "gap 3", "trade_update 4 F3,F4", "trade_update 5 F5"], back.Story);
        Assert.Equal(client.Read()[2].ToJsonString(), back.Read()[1].ToJsonString());
        Assert.Equal(("not-followed", 2, true), ((string?)back.Read()[2]["data"]!["reason"], (int)back.Read()[2]["data"]!["recovered"]!, (bool)back.Read()[2]["data"]!["complete"]!));
        Assert.Equal("backfill", (string?)back.Read()[3]["source"]);
        Assert.All(back.Read(), frame => Assert.Equal(epoch, (string?)frame["epoch"]));
    }

    [Fact]
    public async Task Followed_again_after_the_grace_time_it_goes_on_and_answers_without_a_resume_too()
    {
        await using var world = await HubWorld.StartAsync();
        world.Fills(2);
        var client = world.Join("v4_trades");
        await HubWorld.UntilAsync(() => client.Read().Count == 1, "subscribed");
        await world.FillAsync(3);
        await HubWorld.UntilAsync(() => client.Read().Count == 2, "a fill");
        world.Hub.Leave(client.Reader);
        await world.Indexer.UntilAsync(() => world.Indexer.CountOf("unsubscribe", "v4_subaccounts", HubWorld.Account) == 1, "left");
        world.Fills(4);
        var again = world.Join("v4_trades");
        await HubWorld.UntilAsync(() => again.Read().Count == 3, "the past and what was missed");
        Assert.Equal(["subscribed 1 F1,F2,F3", "gap 2", "trade_update 3 F4"], again.Story);
        Assert.Equal((string?)client.Read()[0]["epoch"], (string?)again.Read()[0]["epoch"]);
    }

    [Fact]
    public async Task A_number_that_the_journal_no_longer_reaches_gets_the_state()
    {
        await using var world = await HubWorld.StartAsync();
        world.Store.Limits = new JournalLimits(10, TimeSpan.FromDays(3), 256 << 20);
        await world.StopAsync();
        world.Start();
        var client = world.Join("v4_trades");
        await HubWorld.UntilAsync(() => client.Read().Count == 1, "subscribed");
        for (var i = 1; i <= 40; i++)
        {
            await world.FillAsync(i);
            await HubWorld.UntilAsync(() => client.Read().Count == i + 1, "fill " + i);
        }

        var epoch = (string)client.Read()[0]["epoch"]!;
        await world.StopAsync();
        world.Fills(40);
        world.Start();
        var old = world.Join("v4_trades", (epoch, 0));
        var recent = world.Join("v4_trades", (epoch, 35));
        await HubWorld.UntilAsync(() => old.Read().Count > 0 && recent.Read().Count == 6, "both");
        Assert.Equal((false, epoch, 40), ((bool)old.Read()[0]["resumed"]!, (string?)old.Read()[0]["epoch"], (int)old.Read()[0]["seq"]!));
        Assert.Equal(40, old.Read()[0]["data"]!["trades"]!.AsArray().Count);
        Assert.True((bool)recent.Read()[0]["resumed"]!);
    }
}
