using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Tidegate.Commands;

/// <summary>What the terminal shows of one topic: the top of a book, the newest rows of a tape, or the newest values by name.</summary>
/// <remarks>Single-threaded. It shows; what it cannot read it leaves out.</remarks>
internal sealed class WatchBoard(string channel, string? id, TimeProvider time)
{
    private const int Levels = 12;
    private const int Rows = 18;
    private const int CellWidth = 60;

    private readonly SortedDictionary<decimal, string> bids = new(Comparer<decimal>.Create((a, b) => b.CompareTo(a)));
    private readonly SortedDictionary<decimal, string> asks = [];
    private readonly LinkedList<string> rows = new();
    private readonly SortedDictionary<string, string> values = new(StringComparer.Ordinal);
    private readonly long begin = time.GetTimestamp();
    private string mode = "";
    private string seq = "";

    /// <summary>Frames applied.</summary>
    public int Frames { get; private set; }

    /// <summary>Applies a frame of either protocol.</summary>
    public void Apply(string text)
    {
        Frames++;
        try
        {
            using var document = JsonDocument.Parse(text);
            Apply(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // not a frame of ours: counted above, nothing to show
        }
    }

    /// <summary>The picture as it is now.</summary>
    public IRenderable Render()
    {
        var seconds = Math.Max(1, time.GetElapsedTime(begin).TotalSeconds);
        var head = string.Create(CultureInfo.InvariantCulture, $"{channel} {id}  {mode}  seq {seq}  {Frames} frames, {Frames / seconds:0.0}/s");
        var body = bids.Count + asks.Count > 0 ? Book() : rows.Count > 0 ? List(rows.Select(r => new[] { r })) : List(values.Take(Rows).Select(v => new[] { v.Key, v.Value }));
        return new Spectre.Console.Rows(new Text(head), body, new Text("Ctrl-C ends"));
    }

    private void Apply(JsonElement frame)
    {
        if (frame.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (frame.TryGetProperty("seq", out var number))
        {
            seq = number.ToString();
        }

        var type = frame.TryGetProperty("type", out var t) ? t.ToString() : "";
        if (!frame.TryGetProperty("data", out var data) && !frame.TryGetProperty("contents", out data))
        {
            return;
        }

        if (type == "feed_status")
        {
            mode = data.TryGetProperty("mode", out var m) ? Clean(m.ToString()) : mode;
            return;
        }

        if (type is "subscribed" or "snapshot")
        {
            bids.Clear();
            asks.Clear();
        }

        foreach (var part in data.ValueKind == JsonValueKind.Array ? data.EnumerateArray().ToArray() : [data])
        {
            ApplyData(part);
        }
    }

    private void ApplyData(JsonElement data)
    {
        foreach (var member in data.EnumerateObject())
        {
            if (member.Name is "bids" or "asks")
            {
                SetLevels(member.Name == "bids" ? bids : asks, member.Value);
            }
            else if (member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in member.Value.EnumerateArray())
                {
                    rows.AddFirst(Describe(item));
                }
            }
            else if (member.Value.ValueKind == JsonValueKind.Object)
            {
                foreach (var inner in member.Value.EnumerateObject())
                {
                    values[Clean(inner.Name)] = Describe(inner.Value);
                }
            }
            else
            {
                values[Clean(member.Name)] = Describe(member.Value);
            }
        }

        while (rows.Count > Rows)
        {
            rows.RemoveLast();
        }
    }

    private static void SetLevels(SortedDictionary<decimal, string> side, JsonElement levels)
    {
        foreach (var level in levels.EnumerateArray())
        {
            var (price, size) = level.ValueKind == JsonValueKind.Array
                ? (level[0].ToString(), level[1].ToString())
                : (level.GetProperty("price").ToString(), level.GetProperty("size").ToString());
            var at = decimal.Parse(price, NumberStyles.Float, CultureInfo.InvariantCulture);
            if (decimal.Parse(size, NumberStyles.Float, CultureInfo.InvariantCulture) == 0)
            {
                side.Remove(at);
            }
            else
            {
                side[at] = size;
            }
        }
    }

    private Table Book()
    {
        var table = new Table().AddColumn("bid size").AddColumn("bid").AddColumn("ask").AddColumn("ask size");
        var (left, right) = (bids.Take(Levels).ToList(), asks.Take(Levels).ToList());
        for (var i = 0; i < Math.Max(left.Count, right.Count); i++)
        {
            var (bid, ask) = (left.ElementAtOrDefault(i), right.ElementAtOrDefault(i));
            table.AddRow(Cell(bid.Value), Cell(bid.Value is null ? null : Plain(bid.Key)), Cell(ask.Value is null ? null : Plain(ask.Key)), Cell(ask.Value));
        }

        return table;
    }

    private static Table List(IEnumerable<string[]> lines)
    {
        var all = lines.ToList();
        var table = new Table { ShowHeaders = false };
        foreach (var _ in all.FirstOrDefault() ?? [""])
        {
            table.AddColumn("");
        }

        foreach (var line in all)
        {
            table.AddRow(line.Select(c => (IRenderable)Cell(c)));
        }

        return table;
    }

    private static string Describe(JsonElement value) => value.ValueKind == JsonValueKind.Object
        ? string.Join("  ", value.EnumerateObject().Where(m => m.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)).Take(8).Select(m => Clean(m.Value.ToString())))
        : Clean(value.ToString()) is { Length: > CellWidth } text ? text[..CellWidth] + "…" : Clean(value.ToString());

    private static string Plain(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private static Text Cell(string? text) => new(text is null ? "" : Clean(text));

    // what comes from outside must not steer the terminal
    private static string Clean(string text) => string.Concat(text.Where(c => !char.IsControl(c)));
}
