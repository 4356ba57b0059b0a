namespace Tidegate.Tests;

/// <summary>The repository around the built tests.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution, upwards from the built tests; null where they were taken elsewhere.</summary>
    public static string? Root { get; } = Find();

    private static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Tidegate.slnx")))
            {
                return at.FullName;
            }
        }

        return null;
    }
}
