// Follows event topics of a Tidegate gateway and loses nothing: after each drop it comes back and resumes where it stopped.
//
//     dotnet run follow.cs ws://127.0.0.1:8080/ws/dashboard v4_trades BTC-USD [--token T] [--events N] [--drop-after N]
//
// Prints one JSON line for each update: {"type":…,"seq":…,"source":…,"data":…}. docs/protocol.md is all that it is written from.
using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

if (args.Length < 3)
{
    Console.Error.WriteLine("follow URL CHANNEL ID [--token T] [--events N] [--drop-after N]");
    return 2;
}

var follower = new Follower(new Uri(args[0] + "?subscribe=none"), args[1], args[2])
{
    Token = Option("--token"),
    Events = int.Parse(Option("--events") ?? "0", CultureInfo.InvariantCulture),
    DropAfter = int.Parse(Option("--drop-after") ?? "0", CultureInfo.InvariantCulture),
};
return await follower.RunAsync();

string? Option(string name) => Array.IndexOf(args, name) is var at and > 0 && at + 1 < args.Length ? args[at + 1] : null;

internal sealed class Follower(Uri url, string channel, string id)
{
    private string? epoch;
    private long seq;
    private int told;
    private int since;

    public string? Token { get; init; }

    public int Events { get; init; }

    public int DropAfter { get; init; }

    private bool Enough => Events > 0 && told >= Events;

    public async Task<int> RunAsync()
    {
        var wait = 0.5;
        while (!Enough)
        {
            var before = told;
            using var socket = new ClientWebSocket();
            socket.Options.CollectHttpResponseDetails = true;

            // A silent connection is a broken one.
            socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(5);
            socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(5);
            if (Token is not null)
            {
                socket.Options.SetRequestHeader("Authorization", $"Bearer {Token}");
            }

            try
            {
                await socket.ConnectAsync(url, CancellationToken.None);
                await FollowAsync(socket);
            }
            catch (WebSocketException)
            {
                if ((int)socket.HttpStatusCode is 401 or 403)
                {
                    Console.Error.WriteLine($"the gateway refuses with {(int)socket.HttpStatusCode}");
                    return 1;
                }
            }

            if (socket.CloseStatusDescription is "token-expired" or "token-revoked")
            {
                Console.Error.WriteLine($"the gateway says {socket.CloseStatusDescription}");
                return 1;
            }

            if (!Enough)
            {
                // The wait doubles up to 16 s while nothing comes; chance keeps a thousand clients from coming back together.
                wait = told > before ? 0.5 : Math.Min(16, wait * 2);
                await Task.Delay(TimeSpan.FromSeconds(wait * (0.8 + (Random.Shared.NextDouble() * 0.4))));
            }
        }

        return 0;
    }

    private async Task FollowAsync(ClientWebSocket socket)
    {
        var subscribe = new JsonObject { ["type"] = "subscribe", ["channel"] = channel, ["id"] = id };
        if (epoch is not null)
        {
            subscribe["resume"] = new JsonObject { ["epoch"] = epoch, ["seq"] = seq };
        }

        await SendAsync(socket, subscribe);
        while (!Enough && await ReceiveAsync(socket) is { } frame)
        {
            if (frame["type"]!.GetValue<string>() == "error")
            {
                Console.Error.WriteLine(frame.ToJsonString());
            }
            else if ((string?)frame["channel"] == channel && (string?)frame["id"] == id && !Take(frame))
            {
                await SendAsync(socket, new JsonObject { ["type"] = "snapshot", ["channel"] = channel, ["id"] = id });
            }

            if (DropAfter > 0 && ++since >= DropAfter)
            {
                since = 0;
                socket.Abort();
                return;
            }
        }
    }

    /// <summary>Deals with a frame of the topic; false when one is missing before it.</summary>
    private bool Take(JsonObject frame)
    {
        var type = frame["type"]!.GetValue<string>();
        if (type is "subscribed" or "snapshot")
        {
            if (frame["resumed"]?.GetValue<bool>() != true)
            {
                // The whole state. A real client would join it with what it has, by id.
                (epoch, seq) = (frame["epoch"]!.GetValue<string>(), frame["seq"]!.GetValue<long>());
            }

            Console.Error.WriteLine($"{channel} {id}: {type}, resumed {frame["resumed"]?.ToJsonString() ?? "-"}, seq {frame["seq"]}");
        }
        else if (frame["seq"] is { } number)
        {
            var previous = frame["prev_seq"]?.GetValue<long>() ?? number.GetValue<long>() - 1;
            if (previous != seq)
            {
                return false;
            }

            seq = number.GetValue<long>();
            told++;
            Console.WriteLine(new JsonObject { ["type"] = type, ["seq"] = seq, ["source"] = frame["source"]?.DeepClone(), ["data"] = frame["data"]!.DeepClone() }.ToJsonString());
        }
        else
        {
            Console.Error.WriteLine(frame.ToJsonString());
        }

        return true;
    }

    private static Task SendAsync(ClientWebSocket socket, JsonObject frame) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(frame.ToJsonString()), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<JsonObject?> ReceiveAsync(ClientWebSocket socket)
    {
        var message = new ArrayBufferWriter<byte>();
        while (true)
        {
            var received = await socket.ReceiveAsync(message.GetMemory(4096), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Advance(received.Count);
            if (received.EndOfMessage)
            {
                return JsonNode.Parse(message.WrittenSpan)!.AsObject();
            }
        }
    }
}
