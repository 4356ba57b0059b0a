using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Tidegate.Access;

/// <summary>The issuer and signing keys of an OpenID Connect authority, read on first use and renewed by the library.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class AuthorityKeys
{
    /// <summary>What an authority may sign with: never a shared secret.</summary>
    internal static readonly string[] Algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private readonly ConfigurationManager<OpenIdConnectConfiguration> configuration;

    /// <summary>Names the authority; nothing is read yet.</summary>
    public AuthorityKeys(string authority)
    {
        Address = authority.TrimEnd('/');
        configuration = new ConfigurationManager<OpenIdConnectConfiguration>(
            Address + "/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            // settings allow http on loopback only
            new HttpDocumentRetriever { RequireHttps = Address.StartsWith("https:", StringComparison.OrdinalIgnoreCase) });
    }

    /// <summary>The authority's address.</summary>
    public string Address { get; }

    /// <summary>Asks for the keys anew at the next check, where the library's own pause allows.</summary>
    public void Refresh() => configuration.RequestRefresh();

    /// <summary>How tokens of the authority are checked now.</summary>
    internal async ValueTask<TokenValidationParameters> ParametersAsync(CancellationToken cancellationToken)
    {
        var known = await configuration.GetConfigurationAsync(cancellationToken);
        return new TokenValidationParameters
        {
            ValidIssuer = known.Issuer,
            IssuerSigningKeys = known.SigningKeys,
            ValidAlgorithms = Algorithms,
            ValidateAudience = false, // the claim with the addresses is what grants anything
            ValidateLifetime = false, // TokenGate does, by its clock
            RequireSignedTokens = true,
        };
    }
}
