using System.Reflection;

namespace Tidegate.Operations;

/// <summary>The version that the gateway tells.</summary>
public static class GatewayVersion
{
    /// <summary>Such as <c>0.1.0</c>, without the commit that the build adds.</summary>
    public static string Text { get; } =
        (typeof(GatewayVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];
}
