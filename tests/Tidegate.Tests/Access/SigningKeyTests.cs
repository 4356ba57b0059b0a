using Tidegate.Access;
using Tidegate.Configuration;

namespace Tidegate.Tests.Access;

public sealed class SigningKeyTests : IDisposable
{
    private readonly DataFolder data = new(Path.Combine(Directory.CreateTempSubdirectory("tidegate-test-").FullName, "store"));

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(data.Path)!, recursive: true);

    [Fact]
    public void A_random_key_is_made_once_for_its_owner_alone()
    {
        var first = SigningKey.For(new AccessSettings(), data)!.Key;
        Assert.Equal(first, SigningKey.For(new AccessSettings(), data)!.Key);
        Assert.True(first.Length >= 32);
        Assert.Equal([data.KeyFile], Directory.GetFiles(data.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(data.KeyFile));
        }
    }

    [Fact]
    public void Starts_at_the_same_time_agree_on_one_key()
    {
        for (var round = 0; round < 20; round++)
        {
            var fresh = new DataFolder(Path.Combine(data.Path, $"{round}"));
            var keys = new byte[16][];
            using var begin = new Barrier(keys.Length);
            var starts = Enumerable.Range(0, keys.Length).Select(i => new Thread(() =>
            {
                begin.SignalAndWait();
                keys[i] = SigningKey.For(new AccessSettings(), fresh)!.Key;
            })).ToList();
            starts.ForEach(start => start.Start());
            starts.ForEach(start => start.Join());
            Assert.Single(keys.Select(Convert.ToHexString).Distinct(StringComparer.Ordinal));
            Assert.Equal([fresh.KeyFile], Directory.GetFiles(fresh.Path));
        }
    }

    [Fact]
    public void A_configured_key_is_used_as_it_is_written_and_makes_no_file()
    {
        const string Text = "check-check-check-check-check-check-check-1234";
        Assert.Equal(System.Text.Encoding.UTF8.GetBytes(Text), SigningKey.For(new AccessSettings { SigningKey = Text }, data)!.Key);
        Assert.False(Directory.Exists(data.Path));
    }

    [Fact]
    public void With_an_authority_and_no_key_there_is_none() => Assert.Null(SigningKey.For(new AccessSettings { Authority = "https://id.example" }, data));

    [Fact]
    public void A_damaged_key_file_is_told_and_not_replaced()
    {
        data.Ensure();
        File.WriteAllText(data.KeyFile, "not base64!");
        Assert.Contains(data.KeyFile, Assert.Throws<IOException>(() => SigningKey.For(new AccessSettings(), data)).Message, StringComparison.Ordinal);
    }
}
