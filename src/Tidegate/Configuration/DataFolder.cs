using System.Security.Cryptography;
using System.Text;

namespace Tidegate.Configuration;

/// <summary>The folder of the local store: key and tokens for all, and one folder for each upstream's journal and lock.</summary>
public sealed class DataFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Names the folder; makes nothing yet.</summary>
    public DataFolder(string path) => Path = System.IO.Path.GetFullPath(path);

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    /// <summary>The signing key's file.</summary>
    public string KeyFile => System.IO.Path.Combine(Path, "signing.key");

    /// <summary>The tokens' database.</summary>
    public string TokenFile => System.IO.Path.Combine(Path, "tokens.db");

    /// <summary>The folder that the settings mean: theirs, or <c>tidegate</c> below the user's data folder.</summary>
    public static DataFolder For(TidegateOptions options) => new(options.Data.Length > 0 ? options.Data : System.IO.Path.Combine(UserData(), "tidegate"));

    /// <summary>Makes it, for its owner alone, if it is missing.</summary>
    public void Ensure() => Make(Path);

    /// <summary>The folder of one upstream, named by host and a hash of the whole address; made if missing.</summary>
    public string EnsureUpstream(Uri webSocketUrl)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(webSocketUrl.AbsoluteUri));
        var folder = System.IO.Path.Combine(Path, $"{webSocketUrl.IdnHost.Replace(':', '_')}-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}");
        Make(folder);
        return folder;
    }

    private static string UserData()
    {
        // GetFolderPath reads XDG_DATA_HOME, then ~/.local/share; it gives "" where there is no home
        var folder = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return folder.Length > 0 ? folder : AppContext.BaseDirectory;
    }

    private static void Make(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
    }
}
