using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Tidegate.Journal;

namespace Tidegate.Bench.Keeping;

/// <summary>What the journal adds to an account event: from handing over a batch of ten frames to the publishing of its last. A real file, real checkpoints.</summary>
internal static class JournalBench
{
    private const int BatchFrames = 10;
    private const int EventBytes = 400;
    private const int PerSecond = 100;

    public static IEnumerable<Bar> Run(bool quick)
    {
        var paced = Measure(quick ? 100 : 1500, TimeSpan.FromSeconds(1) / PerSecond);
        var tight = Measure(quick ? 500 : 20_000, TimeSpan.Zero);
        Report.Table(
            "journal: ten events of 400 bytes, from handing over to publishing, µs",
            ["batches", "median", "p99", "p99.9", "longest"],
            [Row($"{PerSecond} a second", paced), Row("back to back", tight)]);
        yield return new Bar("journal, a batch of ten at 100 a second: median", At(paced, 0.5), " µs", 150, AtLeast: false);
        yield return new Bar("journal, a batch of ten at 100 a second: p99", At(paced, 0.99), " µs", 1000, AtLeast: false);
    }

    private static double[] Measure(int batches, TimeSpan every)
    {
        using var folder = new TemporaryFolder();
        using var published = new SemaphoreSlim(0);
        var journal = new EventJournal(new JournalFolder(folder.Path, new JournalLimits(10_000, TimeSpan.FromDays(3), 256 << 20)), enabled: true, TimeProvider.System, NullLogger<EventJournal>.Instance);
        journal.Open();
        var (wire, last) = (Encoding.ASCII.GetBytes(new string('x', EventBytes)), 0L);
        var publishedAt = 0L;
        var seat = journal.Take(new JournalSeat("v4_trades", "bench/0", "epoch", Publish, () => throw new InvalidOperationException("the journal was given up: " + journal.Trouble)), past: null);
        journal.Put(seat, 0, wire);
        var times = new double[batches];
        var seq = 0L;
        for (var i = 0; i < batches; i++)
        {
            Volatile.Write(ref last, seq + BatchFrames);
            var from = Stopwatch.GetTimestamp();
            for (var frame = 0; frame < BatchFrames; frame++)
            {
                journal.Hand(seat, ++seq, wire, 10..390, rows: 1);
            }

            published.Wait();
            times[i] = Stopwatch.GetElapsedTime(from, Volatile.Read(ref publishedAt)).TotalMicroseconds;
            if (seat.WantsState)
            {
                seat.WantsState = false;
                journal.Put(seat, seq, wire);
            }

            if (every > TimeSpan.Zero && Stopwatch.GetElapsedTime(from) is var spent && spent < every)
            {
                Thread.Sleep(every - spent);
            }
        }

#pragma warning disable VSTHRD002 // a console program's main thread
        journal.DisposeAsync().AsTask().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        Array.Sort(times);
        return times;

        void Publish(JournalEntry entry)
        {
            if (entry.Seq == Volatile.Read(ref last))
            {
                Volatile.Write(ref publishedAt, Stopwatch.GetTimestamp());
                published.Release();
            }
        }
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    private static string[] Row(string name, double[] times) =>
        [name, Report.Number(At(times, 0.5)), Report.Number(At(times, 0.99)), Report.Number(At(times, 0.999)), Report.Number(times[^1])];
}
