using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Tidegate.Configuration;

namespace Tidegate.Access;

/// <summary>The HS256 key of local tokens: the configured one, else a random one made once in the data folder, readable by its owner alone.</summary>
internal static class SigningKey
{
    private const int Bytes = 48;
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

    /// <summary>Whole under its own name first, then moved: of two starts at once one wins, and both read the winner's.</summary>
    private static void Make(DataFolder data)
    {
        data.Ensure();
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
        catch (IOException) when (File.Exists(data.KeyFile))
        {
            // another process was first
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
