using System.Diagnostics;
using System.Globalization;

namespace Tidegate.Bench;

/// <summary>A process of the bench: the built executable, or this one again in another part. Ended with the bench at the latest.</summary>
internal sealed class Child : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly Process process;
    private bool disposed;

    private Child(string file, string[] arguments, bool spoken)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        Console.CancelKeyPress += OnExit;
        if (!spoken)
        {
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
        }
    }

    /// <summary>The built Release executable; <c>TG_EXE</c> names another.</summary>
    public static Child Gateway(params string[] arguments) => new(Executable(), [.. arguments, "--log-level", "error"], spoken: false);

    /// <summary>This program in another part; what it prints is read by <see cref="Hear"/>.</summary>
    public static Child Self(params string[] arguments) => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) != "dotnet"
        ? new Child(path, arguments, spoken: true)
        : new Child("dotnet", [typeof(Child).Assembly.Location, .. arguments], spoken: true);

    /// <summary>As <see cref="Gateway"/>; what it prints is read by <see cref="Hear"/>.</summary>
    public static Child Spoken(params string[] arguments) => new(Executable(), arguments, spoken: true);

    /// <summary>Another program, whose output nobody reads.</summary>
    public static Child Program(string file, params string[] arguments) => new(file, arguments, spoken: false);

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>Seconds of CPU so far.</summary>
    public double Cpu
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Resident memory in MB (VmRSS).</summary>
    public double ResidentMegabytes => Kilobytes("VmRSS:") / 1024;

    public double AnonymousMegabytes => Kilobytes("RssAnon:") / 1024;

    public void Say(string line)
    {
        process.StandardInput.WriteLine(line);
        process.StandardInput.Flush();
    }

    public string Hear() => process.StandardOutput.ReadLine() ?? throw new IOException("a process of the bench ended before its time");

    public void Dispose()
    {
        // Two servers may be of one process.
        if (disposed)
        {
            return;
        }

        disposed = true;
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Console.CancelKeyPress -= OnExit;
        if (!process.HasExited)
        {
            // The gateway removes what it made; the other parts have nothing to tidy.
            Linux.Terminate(process);
            if (!process.WaitForExit(Grace))
            {
                process.Kill();
            }
        }

        process.Dispose();
    }

    private static string Executable()
    {
        if (Environment.GetEnvironmentVariable("TG_EXE") is { Length: > 0 } given)
        {
            return given;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Tidegate.slnx")))
            {
                var file = Path.Combine(folder.FullName, "src", "Tidegate", "bin", "Release", "net10.0", OperatingSystem.IsWindows() ? "tidegate.exe" : "tidegate");
                return File.Exists(file) ? file : throw new FileNotFoundException("build first: dotnet build -c Release", file);
            }
        }

        throw new FileNotFoundException("not below the repository: name the executable in TG_EXE");
    }

    private double Kilobytes(string field)
    {
        var line = File.ReadLines($"/proc/{process.Id.ToString(CultureInfo.InvariantCulture)}/status").First(text => text.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private void OnExit(object? sender, EventArgs e)
    {
        if (!process.HasExited)
        {
            process.Kill();
        }
    }
}
