using System.Text.Json;
using Tidegate.Topics;

namespace Tidegate.Sessions;

/// <summary>What a subscribe asks for beside its topic.</summary>
internal readonly record struct SubscribeOptions(int Depth, TimeSpan Conflate, ResumePoint? Resume);

/// <summary>Reads fields of a client's frame.</summary>
internal static class ClientFrame
{
    /// <summary>A string field; null when absent or of another type.</summary>
    public static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Reads <c>depth</c>, <c>conflate_ms</c> and <c>resume</c>; false with a sentence when one is out of its range.</summary>
    public static bool TryOptions(JsonElement root, out SubscribeOptions options, out string wrong)
    {
        options = default;
        wrong = "";
        if (!TryWhole(root, "depth", 1, 1000, allowZero: false, out var depth))
        {
            wrong = "depth is a whole number from 1 to 1000";
            return false;
        }

        if (!TryWhole(root, "conflate_ms", 50, 10_000, allowZero: true, out var conflate))
        {
            wrong = "conflate_ms is 0 or a whole number from 50 to 10000";
            return false;
        }

        ResumePoint? resume = null;
        if (root.TryGetProperty("resume", out var point) && point.ValueKind != JsonValueKind.Null)
        {
            if (point.ValueKind != JsonValueKind.Object || Text(point, "epoch") is not { } epoch
                || !point.TryGetProperty("seq", out var seq) || seq.ValueKind != JsonValueKind.Number || !seq.TryGetInt64(out var number) || number < 0)
            {
                wrong = "resume is an object with epoch, a string, and seq, a whole number";
                return false;
            }

            resume = new ResumePoint(epoch, number);
        }

        options = new SubscribeOptions(depth, TimeSpan.FromMilliseconds(conflate), resume);
        return true;
    }

    private static bool TryWhole(JsonElement root, string name, int least, int most, bool allowZero, out int value)
    {
        value = 0;
        if (!root.TryGetProperty(name, out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return true;
        }

        return given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out value) && ((allowZero && value == 0) || (value >= least && value <= most));
    }
}
