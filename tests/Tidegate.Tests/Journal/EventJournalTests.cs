using Microsoft.Data.Sqlite;
using Tidegate.Journal;

namespace Tidegate.Tests.Journal;

/// <summary>What the journal keeps, how long, and when it gives up (contract 2, Epoch; issue 5, Journal).</summary>
public sealed class EventJournalTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_published_is_there_after_an_orderly_end_and_after_a_kill(bool orderly)
    {
        await using var world = new JournalWorld();
        var topic = new JournalledTopic(world.Open(), "a/0");
        for (var i = 0; i < 500; i++)
        {
            topic.Tell();
        }

        await topic.UntilPublishedAsync(500);
        if (orderly)
        {
            await world.Journal!.DisposeAsync();
        }
        else
        {
            await world.KillAsync();
        }

        var past = await world.Open().ReadAsync("v4_trades", "a/0");
        Assert.NotNull(past);
        Assert.Equal((topic.Seat.Epoch, 500L, 0L), (past.Epoch, past.Seq, past.StateSeq));
        Assert.Equal(Enumerable.Range(1, 500).Select(seq => JournalWorld.Frame(seq).Wire), past.Frames.Select(frame => frame.Wire));
        Assert.Equal("""{"trades":[{"id":"F500"}]}"""u8.ToArray(), past.Later.Last().ToArray());
        Assert.Null(await world.Journal!.ReadAsync("v4_orders", "a/0"));
    }

    [Fact]
    public async Task Entries_are_published_once_each_in_order_and_only_after_they_are_written()
    {
        await using var world = new JournalWorld();
        var commits = 0;
        var topic = default(JournalledTopic);
        world.BeforeCommit = () =>
        {
            commits++;
            Assert.Equal(topic?.Published.Count ?? 0, (int)(topic?.Published.LastOrDefault() ?? 0));
        };
        topic = new JournalledTopic(world.Open(), "a/0");
        var other = new JournalledTopic(world.Journal!, "b/0");
        for (var i = 0; i < 2000; i++)
        {
            topic.Tell();
            other.Tell();
        }

        await other.UntilPublishedAsync(2000);
        Assert.Equal(Enumerable.Range(1, 2000).Select(i => (long)i), topic.Published);
        Assert.Equal(topic.Published, other.Published);
        Assert.InRange(commits, 1, 4001);
    }

    [Fact]
    public async Task A_topic_that_is_left_and_read_again_has_all_that_was_handed_over()
    {
        await using var world = new JournalWorld();
        for (var round = 1; round <= 5; round++)
        {
            var topic = round == 1 ? new JournalledTopic(world.Open(), "a/0") : await JournalledTopic.RestoreAsync(world.Journal!, "a/0");
            topic.Tell();
            topic.Tell();
            world.Journal!.Leave(topic.Seat);
            Assert.Equal(round * 2, (await world.Journal.ReadAsync("v4_trades", "a/0"))!.Seq);
        }
    }

    [Fact]
    public async Task Events_beyond_the_limit_go_once_a_later_state_stands_for_them()
    {
        await using var world = new JournalWorld { Limits = new JournalLimits(100, TimeSpan.FromDays(3), 256 << 20) };
        var topic = new JournalledTopic(world.Open(), "a/0");
        for (var i = 1; i <= 1000; i++)
        {
            topic.Tell();
            await topic.UntilPublishedAsync(i);
        }

        await world.Journal!.DisposeAsync();
        var past = (await world.Open().ReadAsync("v4_trades", "a/0"))!;
        Assert.Equal(1000, past.Seq);
        Assert.InRange(past.Frames.Count, 100, 110);
        Assert.InRange(past.StateSeq, 1000 - 60, 1000);
        Assert.Equal($$"""{"state":{{past.StateSeq}}}""", System.Text.Encoding.UTF8.GetString(past.State));
    }

    [Fact]
    public async Task What_nobody_came_back_to_within_the_age_is_gone_and_its_place_is_free()
    {
        await using var world = new JournalWorld();
        var topic = new JournalledTopic(world.Open(), "a/0");
        for (var i = 1; i <= 50; i++)
        {
            topic.Tell();
            await topic.UntilPublishedAsync(i);
        }

        world.Journal!.Leave(topic.Seat);
        await world.Journal.ReadAsync("v4_trades", "a/0");
        world.Time.Advance(TimeSpan.FromHours(71));
        Assert.NotNull(await world.Journal.ReadAsync("v4_trades", "a/0"));
        world.Time.Advance(TimeSpan.FromHours(2));
        Assert.Null(await world.Journal.ReadAsync("v4_trades", "a/0"));

        // Step by step, one after each round of its thread.
        for (var round = 0; round < 500 && Count(world, "topics") > 0; round++)
        {
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await world.Journal.ReadAsync("v4_trades", "a/0");
        }

        Assert.Equal(0, Count(world, "batches"));
        Assert.Equal(0, Count(world, "topics"));
    }

    [Fact]
    public async Task A_topic_that_is_followed_without_events_stays_known()
    {
        await using var world = new JournalWorld();
        var topic = new JournalledTopic(world.Open(), "a/0");
        topic.Tell();
        await topic.UntilPublishedAsync(1);
        for (var hour = 0; hour < 80; hour++)
        {
            world.Time.Advance(TimeSpan.FromHours(1));
            await world.Journal!.ReadAsync("v4_trades", "x");
        }

        await world.KillAsync();
        var past = await world.Open().ReadAsync("v4_trades", "a/0");
        Assert.Equal(topic.Seat.Epoch, past?.Epoch);
        Assert.InRange(world.Time.GetUtcNow() - past!.SeenAt, TimeSpan.Zero, TimeSpan.FromHours(2));
    }

    [Fact]
    public async Task All_topics_together_stay_within_their_bytes()
    {
        await using var world = new JournalWorld { Limits = new JournalLimits(1_000_000, TimeSpan.FromDays(3), 1 << 20) };
        var topics = Enumerable.Range(0, 4).Select(i => new JournalledTopic(world.Journal ?? world.Open(), $"a/{i}")).ToList();
        for (var round = 0; round < 60; round++)
        {
            for (var i = 0; i < 400; i++)
            {
                topics[i % 3].Tell();
            }

            await topics[2].UntilPublishedAsync((round + 1) * 133);
            world.Time.Advance(TimeSpan.FromMinutes(1));
            await world.Journal!.ReadAsync("v4_trades", "x");
        }

        await world.Journal!.DisposeAsync();
        Assert.InRange(new FileInfo(world.File("journal.db")).Length, 100_000, 3 << 20);
        Assert.Equal(60 * 133, (await world.Open().ReadAsync("v4_trades", "a/2"))!.Seq);
    }

    [Fact]
    public async Task After_a_power_cut_nothing_is_gone_on_with()
    {
        await using var world = new JournalWorld();
        var topic = new JournalledTopic(world.Open(), "a/0");
        topic.Tell();
        await topic.UntilPublishedAsync(1);
        await world.KillAsync();
        world.BootId = "boot two";
        Assert.Null(await world.Open().ReadAsync("v4_trades", "a/0"));
        Assert.True(File.Exists(world.File("journal.damaged.db")));
    }

    [Fact]
    public async Task After_an_orderly_end_another_boot_goes_on()
    {
        await using var world = new JournalWorld();
        var topic = new JournalledTopic(world.Open(), "a/0");
        topic.Tell();
        await topic.UntilPublishedAsync(1);
        await world.Journal!.DisposeAsync();
        world.BootId = "boot two";
        Assert.Equal(topic.Seat.Epoch, (await world.Open().ReadAsync("v4_trades", "a/0"))?.Epoch);
    }

    [Fact]
    public async Task A_full_disk_gives_the_journal_up_and_publishes_nothing_that_is_not_written()
    {
        await using var world = new JournalWorld { Pages = 40 };
        var topic = new JournalledTopic(world.Open(), "a/0");
        topic.Tell();
        await topic.UntilPublishedAsync(1);
        while (topic.Tell())
        {
            await world.Journal!.ReadAsync("v4_trades", "x");
        }

        // What is handed over is refused from the moment it is given up; topics are told a little later, after the mark is written.
        await topic.UntilLostAsync();
        Assert.Equal(JournalState.Lost, world.Journal!.State);
        Assert.False(topic.Tell());
        Assert.Null(await world.Journal.ReadAsync("v4_trades", "a/0"));
        await world.Journal.DisposeAsync();
        world.Pages = null;

        // Clients have gone on in epochs that the file does not know.
        Assert.Null(await world.Open().ReadAsync("v4_trades", "a/0"));
        Assert.Equal(JournalState.Live, world.Journal.State);
    }

    [Fact]
    public async Task A_disk_that_takes_a_quarter_of_a_second_is_not_waited_for()
    {
        await using var world = new JournalWorld();
        using var slow = new ManualResetEventSlim(true);
        using var reached = new SemaphoreSlim(0);
        world.BeforeCommit = () =>
        {
            reached.Release();
            slow.Wait(TestContext.Current.CancellationToken);
        };
        var topic = new JournalledTopic(world.Open(), "a/0");
        topic.Tell();
        await topic.UntilPublishedAsync(1);
        while (reached.Wait(0, TestContext.Current.CancellationToken))
        {
            // commits so far
        }

        slow.Reset();
        topic.Tell();
        await reached.WaitAsync(TestContext.Current.CancellationToken);
        world.Time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(topic.WasLost);
        world.Time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.True(topic.WasLost);
        Assert.False(topic.Tell());
        slow.Set();
        await world.Journal!.DisposeAsync();
        Assert.Equal([1], topic.Published);
        Assert.Null(await world.Open().ReadAsync("v4_trades", "a/0"));
    }

    [Fact]
    public async Task That_it_is_given_up_stands_in_the_file_before_any_topic_is_told()
    {
        await using var world = new JournalWorld();
        LastRun? written = null;
        var topic = new JournalledTopic(world.Open(), "a/0")
        {
            Lost = () =>
            {
                // A kill at this moment: clients may have the new epoch, so the next run must not go on in the old one.
                File.Copy(world.File("journal.mark"), world.File("journal.mark.copy"));
                using var mark = new JournalMark(world.File("journal.mark.copy"), world.BootId);
                written = mark.LastRun;
            },
        };
        topic.Tell();
        await topic.UntilPublishedAsync(1);
        world.BeforeCommit = () => throw new IOException("no space");
        topic.Tell();
        await topic.UntilLostAsync();
        Assert.Equal(LastRun.GaveUp, written);
    }

    [Fact]
    public async Task A_path_that_cannot_be_written_leaves_the_gateway_without_a_journal()
    {
        await using var world = new JournalWorld();
        Directory.CreateDirectory(world.File("journal.db"));
        Assert.Null(await world.Open().ReadAsync("v4_trades", "a/0"));
        Assert.Equal(JournalState.Lost, world.Journal!.State);
    }

    private static long Count(JournalWorld world, string table)
    {
        using var connection = new SqliteConnection($"Data Source={world.File("journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM " + table;
        return (long)command.ExecuteScalar()!;
    }
}
