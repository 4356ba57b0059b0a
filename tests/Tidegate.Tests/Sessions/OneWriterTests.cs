using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tidegate.Tests.Transcripts;

namespace Tidegate.Tests.Sessions;

/// <summary>All that goes to a client goes one after the other: topics, answers, pongs and the close frame. By bytes, since a WebSocket client hides them.</summary>
public sealed class OneWriterTests(ScriptedGateway world) : IClassFixture<ScriptedGateway>
{
    private const int Levels = 30_000; // more than the kernel takes of a client that does not read

    [Fact]
    public async Task A_ping_and_a_close_during_a_long_snapshot_are_answered_after_it()
    {
        // cases.md 60
        world.Indexer.Answer = Scripts.With("v4_orderbook", "WIDE-USD", _ => Wide());
        await using var client = await RawClient.ConnectAsync(world.Gateway.Address, receiveBuffer: 8 * 1024);
        await client.SendAsync(RawClient.Masked(RawClient.Text, """{"type":"subscribe","channel":"v4_orderbook","id":"WIDE-USD"}"""));
        var frame = await client.HeaderAsync();
        while (frame.Length < 300_000)
        {
            await client.PayloadAsync(frame.Length);
            frame = await client.HeaderAsync();
        }

        // The gateway is in the middle of it, and stays there until it is read. That it asks for the trades says that it has read what came before.
        await client.SendAsync([.. RawClient.Masked(RawClient.Ping, "p"), .. RawClient.Masked(RawClient.Text, """{"type":"subscribe","channel":"v4_trades","id":"WIDE-USD"}"""), .. RawClient.Masked(RawClient.Close, "\u0003è", Encoding.Latin1)]);
        await world.Indexer.UntilAsync(() => world.Indexer.CountOf("subscribe", "v4_trades", "WIDE-USD") == 1, "all of it read");
        var snapshot = JsonNode.Parse(await client.PayloadAsync(frame.Length))!;
        Assert.Equal(("subscribed", Levels), ((string?)snapshot["type"], snapshot["data"]!["bids"]!.AsArray().Count));
        var after = new List<(int Opcode, byte[] Payload)>();
        while (after.Count == 0 || after[^1].Opcode != RawClient.Close)
        {
            var (opcode, length) = await client.HeaderAsync();
            after.Add((opcode, await client.PayloadAsync(length)));
        }

        Assert.Equal("p"u8.ToArray(), Assert.Single(after, one => one.Opcode == RawClient.Pong).Payload);
        Assert.Equal(1000, BinaryPrimitives.ReadUInt16BigEndian(after[^1].Payload));
        Assert.All(after, one => Assert.Contains(one.Opcode, new[] { RawClient.Text, RawClient.Pong, RawClient.Close }));
        Assert.All(after.Where(one => one.Opcode == RawClient.Text), one => JsonNode.Parse(one.Payload));
        Assert.True(await client.IsOverAsync());
        Assert.DoesNotContain(world.Gateway.Output, line => line.Contains("Exception", StringComparison.Ordinal));
    }

    private static string Wide() =>
        $$"""{"bids":[{{string.Join(',', Enumerable.Range(1, Levels).Select(price => string.Create(CultureInfo.InvariantCulture, $$"""{"price":"{{price}}","size":"1.12345678901234567891"}""")))}}],"asks":[]}""";
}
