using System.Text.Json.Serialization;

namespace Tidegate.Access;

/// <summary>Why a request is refused, by a stable code (contract 2).</summary>
public sealed record Refusal(int Status, string Code, string Detail);

/// <summary>Why a request was refused: a problem document (RFC 9457).</summary>
/// <param name="Type">A name for the kind of refusal.</param>
/// <param name="Title">The code once more.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What it is, in a sentence.</param>
/// <param name="Code">
/// Stable: <c>bad-host</c>, <c>foreign-origin</c>, <c>token-missing</c>, <c>token-invalid</c>, <c>token-expired</c>, <c>token-revoked</c>, <c>bad-address</c>,
/// <c>bad-subaccount</c>, <c>bad-view</c>, <c>address-not-covered</c>, <c>not-followed</c>, <c>full</c>, <c>upgrade-required</c>, <c>too-soon</c>.
/// </param>
internal sealed record Problem(string Type, string Title, int Status, string Detail, string Code)
{
    /// <summary>How it is called on the wire.</summary>
    public const string MediaType = "application/problem+json";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ProblemJson : JsonSerializerContext;
