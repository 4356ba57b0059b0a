namespace Tidegate.Bench.Inner;

/// <summary>Times passes of one thread by the CPU it had, so that figures are a core's whatever else the machine does.</summary>
internal static class Passes
{
    public const int Frames = 20_000;

    /// <summary>Nanoseconds and bytes allocated a frame: the medians of the passes after the warm-up.</summary>
    public static (double Nanoseconds, double Bytes) Measure(int frames, bool quick, Action pass)
    {
        var (warm, timed, rounds) = quick ? (3, 3, 1) : (25, 7, 10);
        for (var i = 0; i < warm; i++)
        {
            pass();
        }

        // Compilation in the background is done, and the second tier in use.
        Thread.Sleep(quick ? 50 : 500);
        pass();

        var (times, bytes) = (new List<double>(), new List<double>());
        for (var i = 0; i < timed; i++)
        {
            var (before, from) = (GC.GetAllocatedBytesForCurrentThread(), Linux.ThreadCpu());
            for (var round = 0; round < rounds; round++)
            {
                pass();
            }

            var spent = Linux.ThreadCpu() - from;
            times.Add(spent / ((double)frames * rounds));
            bytes.Add((GC.GetAllocatedBytesForCurrentThread() - before) / ((double)frames * rounds));
        }

        return (Report.Median(times), Report.Median(bytes));
    }

    /// <summary>Nanoseconds a frame when so many come at once, each time after a pause in which others had the caches: the median.</summary>
    public static double MeasureBursts(int frames, bool quick, Action burst)
    {
        var times = new List<double>();
        for (var i = 0; i < (quick ? 5 : 30); i++)
        {
            Thread.Sleep(100);
            var from = Linux.ThreadCpu();
            burst();
            times.Add((Linux.ThreadCpu() - from) / (double)frames);
        }

        return Report.Median(times);
    }
}
