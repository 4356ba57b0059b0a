namespace Tidegate.Tests.Sessions;

/// <summary>A connection on which nothing happens lives, though a proxy before it ends what is quiet for a minute.</summary>
public sealed class KeepAliveTests(ScriptedGateway world) : IClassFixture<ScriptedGateway>
{
    private static readonly TimeSpan OftenEnough = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_client_of_one_quiet_topic_is_pinged_within_thirty_seconds()
    {
        // cases.md 72
        await using var client = await RawClient.ConnectAsync(world.Gateway.Address, receiveBuffer: 64 * 1024);
        await client.SendAsync(RawClient.Masked(RawClient.Text, """{"type":"subscribe","channel":"v4_trades","id":"QUIET-USD"}"""));
        var opcode = RawClient.Text;
        while (opcode == RawClient.Text)
        {
            (opcode, var length) = await client.HeaderAsync(OftenEnough);
            await client.PayloadAsync(length);
        }

        Assert.Equal(RawClient.Ping, opcode);
    }
}
