using System.CommandLine;
using System.Net.WebSockets;
using Spectre.Console;

namespace Tidegate.Commands;

/// <summary><c>watch</c>: one topic live in the terminal, or one frame a line for pipes.</summary>
internal static class WatchCommand
{
    private const string DefaultFrom = "ws://127.0.0.1:8000/ws/dashboard";
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(100);

    /// <summary>The command.</summary>
    public static Command Create(CommonOptions common, StopSignal stop)
    {
        var channel = new Argument<string>("CHANNEL") { Description = string.Join(", ", WatchTarget.DashboardChannels) };
        var id = new Argument<string?>("ID") { Description = "Such as BTC-USD, BTC-USD/1MIN or dydx1…/0", Arity = ArgumentArity.ZeroOrOne };
        var from = new Option<string>("--from") { Description = $"A gateway's or an Indexer's socket; its path, /ws/dashboard or /v4/ws, says which protocol (default {DefaultFrom})", HelpName = "URL" };
        var token = new Option<string>("--token") { Description = "The access token; better in the environment as TIDEGATE_TOKEN, where other users do not see it", HelpName = "TOKEN" };
        var json = new Option<bool>("--json") { Description = "One frame a line; also what a pipe gets" };
        var command = new Command("watch", "A live view of one topic in the terminal") { channel, id, from, token, json };
        command.SetAction(async (parsed, _) =>
        {
            common.Log(parsed);
            var secret = parsed.GetValue(token) ?? Environment.GetEnvironmentVariable("TIDEGATE_TOKEN");
            var target = WatchTarget.Read(parsed.GetValue(from) ?? DefaultFrom, parsed.GetRequiredValue(channel), parsed.GetValue(id));
            return await RunAsync(target, secret, parsed.GetValue(json) || Console.IsOutputRedirected, stop.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(WatchTarget target, string? token, bool lines, CancellationToken stop)
    {
        using var socket = new ClientWebSocket();
        try
        {
            await ConnectAsync(socket, target, token, stop);
            var feed = new WatchFeed(socket, target);
            await feed.SubscribeAsync(stop);
            await (lines ? PrintAsync(feed, stop) : DrawAsync(feed, target, stop));
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (WebSocketException e)
        {
            throw new CommandFailure($"--from \"{target.Url}\": the connection broke ({e.Message.ReplaceLineEndings(" ")})", inner: e);
        }
    }

    private static async Task ConnectAsync(ClientWebSocket socket, WatchTarget target, string? token, CancellationToken stop)
    {
        socket.Options.CollectHttpResponseDetails = true;
        if (token is not null)
        {
            socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        }

        try
        {
            await socket.ConnectAsync(target.Address, stop);
        }
        catch (WebSocketException e)
        {
            var advice = (int)socket.HttpStatusCode switch
            {
                0 => "cannot connect; is a gateway running there? " + e.GetBaseException().Message,
                401 => "401, a valid token is needed: --token or TIDEGATE_TOKEN, made by tidegate token create",
                403 => "403, the token does not cover this, or the upstream refuses this place",
                var status => $"the server answered {status}",
            };
            throw new CommandFailure($"--from \"{target.Url}\": {advice}", inner: e);
        }
    }

    private static async Task PrintAsync(WatchFeed feed, CancellationToken stop)
    {
        await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        try
        {
            await foreach (var frame in feed.ReadAsync(stop))
            {
                // line ends can only stand between values of JSON text
                await output.WriteLineAsync(frame.ReplaceLineEndings(" "));
            }
        }
        catch (IOException)
        {
            // the pipe's reader went away: head has seen enough
        }
    }

    private static async Task DrawAsync(WatchFeed feed, WatchTarget target, CancellationToken stop)
    {
        var board = new WatchBoard(target.Channel, target.Id, TimeProvider.System);
        await AnsiConsole.Live(new Text("Waiting for data…")).StartAsync(async live =>
        {
            var drawn = TimeProvider.System.GetTimestamp();
            await foreach (var frame in feed.ReadAsync(stop))
            {
                board.Apply(frame);
                if (TimeProvider.System.GetElapsedTime(drawn) >= FrameTime || board.Frames < 3)
                {
                    live.UpdateTarget(board.Render());
                    drawn = TimeProvider.System.GetTimestamp();
                }
            }
        });
    }
}
