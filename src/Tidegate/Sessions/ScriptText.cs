using System.Globalization;
using System.Text.Json;

namespace Tidegate.Sessions;

/// <summary>JSON values as the Indexer's own language, JavaScript, spells and judges them: its error texts quote what a client sent.</summary>
internal static class ScriptText
{
    /// <summary>The value as text, as <c>String(value)</c> has it; <c>undefined</c> for one that is absent.</summary>
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Undefined => "undefined",
        JsonValueKind.Object => "[object Object]",
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? "" : Of(item))),
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number when value.TryGetDecimal(out var number) => number.ToString("0.############################", CultureInfo.InvariantCulture),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => value.GetRawText(),
    };

    /// <summary>Whether it counts as true: all but absent, null, false, zero and the empty string.</summary>
    public static bool IsTrue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.Object or JsonValueKind.Array => true,
        JsonValueKind.String => value.GetString() is { Length: > 0 },
        JsonValueKind.Number => !value.TryGetDecimal(out var number) || number != 0m,
        _ => false,
    };
}
