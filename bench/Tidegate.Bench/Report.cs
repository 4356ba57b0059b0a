using System.Globalization;

namespace Tidegate.Bench;

/// <summary>A figure and what it has to be.</summary>
internal sealed record Bar(string Name, double Value, string Unit, double Limit, bool AtLeast)
{
    public bool Holds => AtLeast ? Value >= Limit : Value <= Limit;

    public override string ToString() =>
        string.Create(Report.Culture, $"{(Holds ? "ok  " : "MISS")} {Name}: {Report.Number(Value)}{Unit} (bar: {(AtLeast ? "at least" : "at most")} {Report.Number(Limit)}{Unit})");
}

/// <summary>Small tables for a console.</summary>
internal static class Report
{
    public static CultureInfo Culture => CultureInfo.InvariantCulture;

    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0", Culture),
        >= 100 => value.ToString("0", Culture),
        >= 10 => value.ToString("0.0", Culture),
        _ => value.ToString("0.00", Culture),
    };

    /// <summary>Prints rows of cells, the first column to the left, the others to the right.</summary>
    public static void Table(string title, string[] head, IReadOnlyList<string[]> rows)
    {
        Console.WriteLine();
        Console.WriteLine(title);
        var widths = head.Select((name, column) => Math.Max(name.Length, rows.Max(row => row[column].Length))).ToArray();
        foreach (var row in rows.Prepend(head))
        {
            Console.WriteLine("  " + string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))));
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
