using Tidegate.Configuration;

namespace Tidegate.Tests.Configuration;

public sealed class ListenAddressesTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8000", "127.0.0.1", 8000)]
    [InlineData("http://*:80", "*", 80)]
    [InlineData("http://+:81", "*", 81)]
    [InlineData("http://0.0.0.0:82", "*", 82)]
    [InlineData("http://[::]:83", "*", 83)]
    [InlineData("http://[::1]:84/", "::1", 84)]
    [InlineData("http://LocalHost:85", "localhost", 85)]
    public void Host_and_port_are_known(string url, string host, int port)
    {
        var only = Assert.Single(ListenAddresses.Parse(url));
        Assert.Equal((host, port), (ListenAddresses.HostOf(only), ListenAddresses.PortOf(only)));
    }

    [Fact]
    public void Several_are_separated_by_a_semicolon() => Assert.Equal(2, ListenAddresses.Parse("http://127.0.0.1:1; http://127.0.0.1:2").Count);

    [Theory]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("127.0.0.1:8000")]
    [InlineData("https://127.0.0.1:8000")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:8000/path")]
    [InlineData("http://user@127.0.0.1:8000")]
    public void Anything_else_is_told_with_what_is_allowed(string text) =>
        Assert.Contains("http://HOST:PORT", Assert.Throws<SettingsException>(() => ListenAddresses.Parse(text)).Message, StringComparison.Ordinal);
}
