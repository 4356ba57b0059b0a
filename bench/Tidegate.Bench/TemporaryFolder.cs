namespace Tidegate.Bench;

/// <summary>A data folder for one run of the gateway.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tidegate-bench-");

    public string Path => folder.FullName;

    public void Dispose()
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // The system tidies its temporary folder.
        }
    }
}
