using Tidegate.Journal;

namespace Tidegate.Tests.Journal;

/// <summary>A journal whose files were cut or scribbled upon: it starts, and what it gives is what was written or nothing, never something else.</summary>
public sealed class TornJournalTests
{
    private const int Events = 300;

    [Fact]
    public async Task Files_cut_or_scribbled_upon_anywhere_give_the_truth_or_a_new_epoch()
    {
        await using var world = new JournalWorld();
        var topics = new List<JournalledTopic>();
        for (var i = 0; i < 3; i++)
        {
            topics.Add(new JournalledTopic(world.Journal ?? world.Open(), $"a/{i}"));
        }

        for (var i = 1; i <= Events; i++)
        {
            foreach (var topic in topics)
            {
                topic.Tell();
            }

            if (i % 3 == 0)
            {
                await topics[2].UntilPublishedAsync(i);
            }
        }

        await topics[2].UntilPublishedAsync(Events);
        world.Journal!.Leave(topics[0].Seat);
        await world.Journal.ReadAsync("v4_trades", "a/0");
        await world.KillAsync();
        var log = await KeepAsync(world);
        await world.Open().ReadAsync("v4_trades", "a/0");
        await world.Journal.DisposeAsync();
        var file = await KeepAsync(world);

        var random = new Random(7);
        var gaveAll = 0;
        for (var round = 0; round < 120; round++)
        {
            var files = round % 2 == 0 ? log : file;
            Restore(world, files);
            var name = round % 2 == 0 ? (round % 8 == 0 ? "journal.db-shm" : "journal.db-wal") : "journal.db";
            var what = Damage(world.File(name), random);
            gaveAll += await CheckAsync(world, topics, $"round {round}: {name} {what}") ? 1 : 0;
        }

        // Some damage hits nothing that counts: if none of it did, this test would be testing less than it says.
        Assert.InRange(gaveAll, 1, 119);
    }

    private static async Task<bool> CheckAsync(JournalWorld world, List<JournalledTopic> topics, string story)
    {
        world.Open();
        var whole = true;
        foreach (var topic in topics)
        {
            var past = await world.Journal!.ReadAsync("v4_trades", topic.Seat.Id);
            whole &= past is not null;
            if (past is not null)
            {
                // Every number that a client may have is there: a shorter past would give numbers twice.
                Assert.True((topic.Seat.Epoch, (long)Events) == (past.Epoch, past.Seq), $"{story}: {topic.Seat.Id} ends at {past.Seq}");
                Assert.All(past.Frames, frame => Assert.True(JournalWorld.Frame(frame.Seq).Wire.AsSpan().SequenceEqual(frame.Wire), $"{story}: frame {frame.Seq} differs"));
            }
        }

        // Whatever it found, it works on.
        Assert.True(world.Journal!.State == JournalState.Live || !whole, story);
        await world.Journal.DisposeAsync();
        return whole;
    }

    private static string Damage(string path, Random random)
    {
        var bytes = File.ReadAllBytes(path);
        var at = random.Next(bytes.Length);
        if (random.Next(3) == 0)
        {
            File.WriteAllBytes(path, bytes[..at]);
            return $"cut at {at} of {bytes.Length}";
        }

        var length = Math.Min(random.Next(1, 600), bytes.Length - at);
        random.NextBytes(bytes.AsSpan(at, length));
        File.WriteAllBytes(path, bytes);
        return $"scribbled {length} at {at} of {bytes.Length}";
    }

    private static async Task<Dictionary<string, byte[]>> KeepAsync(JournalWorld world)
    {
        var kept = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in Names.Where(name => File.Exists(world.File(name))))
        {
            kept[name] = await File.ReadAllBytesAsync(world.File(name));
        }

        return kept;
    }

    private static readonly string[] Names = ["journal.db", "journal.db-wal", "journal.db-shm", "journal.mark"];

    private static void Restore(JournalWorld world, Dictionary<string, byte[]> files)
    {
        foreach (var name in Names)
        {
            File.Delete(world.File(name));
            if (files.TryGetValue(name, out var bytes))
            {
                File.WriteAllBytes(world.File(name), bytes);
            }
        }
    }
}
