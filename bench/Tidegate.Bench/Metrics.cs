using System.Globalization;

namespace Tidegate.Bench;

/// <summary>What the gateway counts, as anybody may read it from <c>/metrics</c>.</summary>
internal static class Metrics
{
    private static readonly HttpClient Client = new();

    /// <summary>The sum of all lines of a name, or of those with a label; 0 when there is none.</summary>
    public static double Read(int port, string name, string label = "")
    {
#pragma warning disable VSTHRD002 // a program of one thread of its own: nothing else waits for it
        var text = Client.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/metrics"))).GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        return text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is '{' or ' ' && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }
}
