using System.Text.Json;
using Tidegate.Simulator.Shapes;

namespace Tidegate.Simulator.Tests.Protocol;

/// <summary>Conversations with the real services, sent again: the simulator has to say the same.</summary>
public class TranscriptTests
{
    public static TheoryData<string> Names =>
    [
        "all-channels", "batched", "channel-limit", "double-subscribe", "errors", "heartbeat-no-pong", "heartbeat-pong", "invalid-flood",
        "invalid-json", "invalid-type", "numeric-id", "resubscribe-after-unsubscribe", "server-restart", "subscribe-rate", "unborn-account",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_real_conversation_is_answered_in_the_same_words(string name)
    {
        var lines = Read(name).ToList();
        await using var world = await World.StartAsync();
        await using var peer = await Peer.ConnectAsync(world.Simulator, reads: name != "heartbeat-no-pong");
        var moved = 0;
        var sent = 0;
        if (name == "server-restart") await peer.SubscribeAsync("v4_block_height");
        foreach (var line in lines)
        {
            var at = line.GetProperty("t_ms").GetInt32();
            for (; moved + 50 <= at; moved += 50) await MoveAsync(world, 50);
            if (line.GetProperty("dir").GetString() != "out") continue;
            var frame = line.GetProperty("frame");
            if (peer.Closed is not null) continue;
            await peer.TrySendAsync(frame.ValueKind == JsonValueKind.String ? frame.GetString()! : frame.GetRawText());
            sent++;
            await world.UntilAsync(() => world.Simulator.Log.Handled >= sent || peer.Closed is not null || world.Simulator.Log.Of("violation").Any(v => v.What != "subscriptions v4_block_height"), "the message to be dealt with", moveClock: false);
        }
        var expected = Told(lines.Where(l => l.GetProperty("dir").GetString() == "in").Select(l => l.GetProperty("frame")), lines);
        if (name == "heartbeat-no-pong") peer.Read();
        await world.UntilAsync(() => Told(peer.Frames, lines).Count >= expected.Count, $"{expected.Count} frames");
        Assert.Equal(expected, Told(peer.Frames, lines));

        var close = lines.FindLast(l => l.GetProperty("dir").GetString() == "close");
        if (close.ValueKind == JsonValueKind.Undefined || close.GetProperty("frame").GetProperty("code").GetInt32() == 1000)
        {
            Assert.Null(peer.Closed);
            return;
        }
        if (name == "server-restart") await world.Simulator.DisposeAsync();
        await world.UntilAsync(() => peer.Closed is not null, "the close", moveClock: false);
        Assert.Equal((close.GetProperty("frame").GetProperty("code").GetInt32(), close.GetProperty("frame").GetProperty("reason").GetString()!), peer.Closed);
    }

    /// <summary>What is compared: everything but data, which is the exchange's own; numbers only where no data was counted between.</summary>
    private static List<string> Told(IEnumerable<JsonElement> frames, List<JsonElement> transcript)
    {
        var numbers = !transcript.Exists(l => l.GetRawText().Contains("\"channel_", StringComparison.Ordinal));
        return [.. frames.Where(f => !f.GetProperty("type").GetString()!.StartsWith("channel_", StringComparison.Ordinal))
            .Select(f => string.Join(' ', new[] { "type", "message", "channel", "id" }.Select(n => f.TryGetProperty(n, out var v) ? v.ToString() : "-"))
                + (numbers ? " " + f.GetProperty("message_id") : ""))
            .Order(StringComparer.Ordinal)];
    }

    private static async Task MoveAsync(World world, int ms)
    {
        world.Time.Advance(TimeSpan.FromMilliseconds(ms));
        await Task.Yield();
    }

    private static IEnumerable<JsonElement> Read(string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Tidegate.slnx"))) root = root.Parent;
        var file = Path.Combine(root?.FullName ?? "", "..", "shared", "data", "transcripts", name + ".jsonl");
        Assert.SkipUnless(File.Exists(file), $"the recorded conversations are not here ({file})");
        return File.ReadLines(file).Select(l => JsonSerializer.Deserialize<JsonElement>(l));
    }
}
