namespace Tidegate.Configuration;

/// <summary>A setting or an option that cannot be used. Its message is one line that names key, value and what is allowed; the process ends with 2.</summary>
public sealed class SettingsException(string message) : Exception(message);
