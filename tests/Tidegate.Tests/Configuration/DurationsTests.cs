using Tidegate.Configuration;

namespace Tidegate.Tests.Configuration;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("00:00:15", 15)]
    [InlineData("3.00:00:00", 259_200)]
    [InlineData("00:00:00.2", 0.2)]
    [InlineData("250ms", 0.25)]
    [InlineData("3s", 3)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("30d", 2_592_000)]
    public void Both_spellings_are_read(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds, 6);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-3s")]
    [InlineData("1e3s")]
    [InlineData("3 weeks")]
    [InlineData("99999999999999999d")]
    [InlineData("00:00:61")]
    public void A_bare_number_and_nonsense_are_refused(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("30d", "30d")]
    [InlineData("90s", "90s")]
    [InlineData("60s", "1m")]
    [InlineData("00:00:00.2505", "00:00:00.2505000")]
    public void The_shortest_spelling_is_told(string text, string told)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(told, Durations.Describe(duration));
    }
}
