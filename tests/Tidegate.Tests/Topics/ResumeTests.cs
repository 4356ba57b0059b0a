using Tidegate.Tests.EndToEnd;
using Tidegate.Tests.Sessions;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Topics;

/// <summary>A client that comes back says what it has, and gets exactly the rest (contract 2, Resume).</summary>
public sealed class ResumeTests(ScriptedGateway world) : IClassFixture<ScriptedGateway>
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task An_event_topic_goes_on_where_the_client_was_with_the_same_bytes(int had)
    {
        var id = $"RESUME{had}-USD";
        await using var first = await world.ConnectAsync();
        var subscribed = await first.SubscribedAsync("v4_trades", id);
        await TradeAsync(first, id, 5);
        var sent = first.Texts.Where(text => text.Contains("trade_update", StringComparison.Ordinal)).ToList();
        await using var second = await world.ConnectAsync();
        var resumed = await second.SubscribedAsync("v4_trades", id, $",\"resume\":{{\"epoch\":\"{subscribed["epoch"]}\",\"seq\":{had}}}");
        Assert.Equal((true, had, 5 - had), ((bool)resumed["resumed"]!, (int)resumed["seq"]!, (int)resumed["recovered"]!));
        Assert.False(resumed.ContainsKey("data"));
        await TradeAsync(first, id, 6);
        await second.WaitForAsync("trade_update", from: second.Frames.Count - 1);
        await second.WaitAsync(_ => second.Told("v4_trades", id, "trades").Count() == 6 - had, "the rest");
        sent = [.. first.Texts.Where(text => text.Contains("trade_update", StringComparison.Ordinal))];
        Assert.Equal(sent.Skip(had), second.Texts.Where(text => text.Contains("trade_update", StringComparison.Ordinal)));
        Assert.Empty(second.Breaks);
    }

    [Theory]
    [InlineData("v4_trades", "another", 1)]
    [InlineData("v4_trades", null, 99)]
    [InlineData("v4_orderbook", null, 0)]
    public async Task Another_epoch_a_number_not_reached_and_a_state_topic_begin_anew(string channel, string? epoch, int seq)
    {
        const string Id = "ANEW-USD";
        await using var first = await world.ConnectAsync();
        var subscribed = await first.SubscribedAsync(channel, Id);
        await using var second = await world.ConnectAsync();
        var again = await second.SubscribedAsync(channel, Id, $",\"resume\":{{\"epoch\":\"{epoch ?? (string?)subscribed["epoch"]}\",\"seq\":{seq}}}");
        Assert.False((bool)again["resumed"]!);
        Assert.Equal((string?)subscribed["epoch"], (string?)again["epoch"]);
        Assert.True(again.ContainsKey("data"));
    }

    private async Task TradeAsync(DashboardClient client, string id, int upTo)
    {
        for (var i = client.Told("v4_trades", id, "trades").Count() + 1; i <= upTo; i++)
        {
            await world.Indexer.TellAsync("v4_trades", id, $$"""{"trades":[{"id":"{{i:x8}}0000000200000000","side":"BUY","size":"1","price":"100","createdAt":"2026-01-01T00:00:00.000Z","type":"LIMIT"}]}""");
        }

        await client.WaitAsync(_ => client.Told("v4_trades", id, "trades").Count() == upTo, "every trade");
    }
}
