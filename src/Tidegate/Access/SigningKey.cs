using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Tidegate.Configuration;

namespace Tidegate.Access;

/// <summary>The HS256 key of local tokens: the configured one, else a random one made once in the data folder, readable by its owner alone.</summary>
internal static class SigningKey
{
    private const int Bytes = 48;
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(5);
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The key; null where an authority alone issues tokens.</summary>
    /// <exception cref="IOException">The key's file cannot be read or made.</exception>
    public static SymmetricSecurityKey? For(AccessSettings access, DataFolder data)
    {
        if (access.SigningKey is { } configured)
        {
            return new SymmetricSecurityKey(Encoding.UTF8.GetBytes(configured));
        }

        return access.Authority is null ? new SymmetricSecurityKey(ReadOrMake(data)) : null;
    }

    private static byte[] ReadOrMake(DataFolder data)
    {
        if (!File.Exists(data.KeyFile))
        {
            Make(data);
        }

        var text = File.ReadAllText(data.KeyFile).Trim();
        var key = new byte[Bytes * 2];
        return Convert.TryFromBase64String(text, key, out var length) && length >= 32
            ? key[..length]
            : throw new IOException($"{data.KeyFile} holds no key; remove it, and a new one is made (tokens made so far end with it)");
    }

    /// <summary>Of several starts at once one makes it and the others wait. Whole under another name first: one that was killed leaves no half of a key.</summary>
    private static void Make(DataFolder data)
    {
        data.Ensure();
        using var turn = TakeTurn(Path.Combine(data.Path, ".signing.lock"));
        if (File.Exists(data.KeyFile))
        {
            return;
        }

        var draft = Path.Combine(data.Path, $".signing.{Guid.NewGuid():N}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var stream = new FileStream(draft, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(Bytes)) + "\n"));
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, data.KeyFile, overwrite: false);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    // On Unix a move that must not overwrite looks first and moves then: two at once both move. The lock is the system's, and ends with its process.
    private static FileStream TakeTurn(string path)
    {
        FileStream? turn = null;
        IOException? last = null;
        return SpinWait.SpinUntil(Try, MostWait) ? turn! : throw new IOException($"{path} is held by another start", last);

        bool Try()
        {
            try
            {
                turn = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                return true;
            }
            catch (IOException held)
            {
                last = held;
                return false;
            }
        }
    }
}
