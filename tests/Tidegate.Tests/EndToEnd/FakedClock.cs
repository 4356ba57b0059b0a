using System.Globalization;

namespace Tidegate.Tests.EndToEnd;

/// <summary>The wall clock of a gateway's process, shifted while it runs; its monotonic clock goes on as it does. Needs Debian's libfaketime.</summary>
internal sealed class FakedClock : IDisposable
{
    private static readonly string[] Places = ["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime", "/usr/lib/faketime"];
    private readonly string file = Path.GetTempFileName();

    public FakedClock() => Shift(TimeSpan.Zero);

    public static string? Library => OperatingSystem.IsLinux() ? Places.Select(place => Path.Combine(place, "libfaketimeMT.so.1")).FirstOrDefault(File.Exists) : null;

    /// <summary>What the process has to be started with; nothing where the library is not installed.</summary>
    public (string Name, string Value)[] Environment => Library is { } library
        ? [("LD_PRELOAD", library), ("FAKETIME_TIMESTAMP_FILE", file), ("FAKETIME_CACHE_DURATION", "1"), ("DONT_FAKE_MONOTONIC", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")]
        : [];

    /// <summary>How far the wall clock is off from now on; felt within a second.</summary>
    public void Shift(TimeSpan off)
    {
        var next = file + ".next";
        File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{off.TotalSeconds:+0;-0;+0}\n"));
        File.Move(next, file, overwrite: true);
    }

    public void Dispose() => File.Delete(file);
}
