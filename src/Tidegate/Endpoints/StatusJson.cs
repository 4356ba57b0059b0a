using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tidegate.Indexer;

namespace Tidegate.Endpoints;

/// <summary>How the gateway's own bodies are written: snake_case, times in UTC to the millisecond.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(UtcMilliseconds)])]
[JsonSerializable(typeof(AccountStatus))]
[JsonSerializable(typeof(GatewayStatus))]
[JsonSerializable(typeof(ReconnectAccepted))]
internal sealed partial class StatusJson : JsonSerializerContext
{
    /// <summary>A number with one decimal.</summary>
    public static double? Tenths(double? number) => number is { } value ? Math.Round(value, 1) : null;

    /// <summary>The wall clock's time of a moment that there may be.</summary>
    public static DateTimeOffset? ByWall(SteadyTime clock, DateTimeOffset? at) => at is { } value ? clock.ByWall(value) : null;
}

/// <summary>A time as every frame has it: <c>2026-01-31T12:00:00.000Z</c>.</summary>
internal sealed class UtcMilliseconds : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
