using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tidegate.Bench;

/// <summary>The few system calls for which the base library has nothing as exact: CPU time of a thread, sleeping below a millisecond, epoll.</summary>
internal static unsafe partial class Linux
{
    private const int ThreadCpuClock = 3;
    private const int MonotonicClock = 1;
    private const int AbsoluteTime = 1;
    private const int EpollAdd = 1;
    private const int EpollDelete = 2;
    private const uint EpollIn = 1;

    /// <summary>Nanoseconds of CPU that this thread has had: what others on the machine take does not count. Elsewhere: the wall clock.</summary>
    public static long ThreadCpu()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);
        }

        Time time;
        _ = clock_gettime(ThreadCpuClock, &time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    /// <summary>The clock that all processes share, in nanoseconds.</summary>
    public static long Now() => Stopwatch.GetTimestamp(); // CLOCK_MONOTONIC in nanoseconds on Linux

    public static void SleepUntil(long nanoseconds)
    {
        var until = new Time { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        while (clock_nanosleep(MonotonicClock, AbsoluteTime, &until, null) == 4)
        {
            // Interrupted by a signal: goes on.
        }
    }

    /// <summary>Asks a process to end, as a service manager does.</summary>
    public static void Terminate(Process process)
    {
        if (!OperatingSystem.IsLinux())
        {
            process.Kill();
            return;
        }

        _ = kill(process.Id, 15);
    }

    public static int OpenPoll() => epoll_create1(0);

    public static void Watch(int poll, int descriptor, int index)
    {
        // Packed on x64 only: 4 bytes of events, 8 of data.
        Span<byte> entry = stackalloc byte[16];
        MemoryMarshal.Write(entry, EpollIn);
        MemoryMarshal.Write(entry[DataOffset..], (long)index);
        fixed (byte* at = entry)
        {
            _ = epoll_ctl(poll, EpollAdd, descriptor, at);
        }
    }

    public static void Unwatch(int poll, int descriptor) => _ = epoll_ctl(poll, EpollDelete, descriptor, null);

    /// <summary>Waits for input; returns how many entries of <paramref name="indices"/> are ready.</summary>
    public static int Wait(int poll, Span<int> indices, int milliseconds)
    {
        var size = DataOffset + 8;
        Span<byte> entries = stackalloc byte[64 * 16];
        int count;
        fixed (byte* at = entries)
        {
            count = epoll_wait(poll, at, Math.Min(64, indices.Length), milliseconds);
        }

        for (var i = 0; i < count; i++)
        {
            indices[i] = (int)MemoryMarshal.Read<long>(entries[((i * size) + DataOffset)..]);
        }

        return Math.Max(count, 0);
    }

    private static int DataOffset => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

#pragma warning disable SYSLIB1054, CA2101, IDE1006 // names of the C library
    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, Time* time);

    [LibraryImport("libc")]
    private static partial int clock_nanosleep(int clock, int flags, Time* until, Time* rest);

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int poll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc")]
    private static partial int epoll_wait(int poll, byte* entries, int most, int milliseconds);
#pragma warning restore SYSLIB1054, CA2101, IDE1006

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
